import assert from "node:assert/strict";

import type { Edge } from "../../cluster/edges";
import type { LiveObject } from "../../cluster/kubeClient";
import { LiveObjects } from "../../cluster/wiring/liveObjects";
import { brokenMonitors } from "../../cluster/wiring/monitors";
import { networkDifferences } from "../../cluster/wiring/reachability";
import { brokenReferences } from "../../cluster/wiring/secrets";
import { brokenSelectors } from "../../cluster/wiring/selectors";
import { METRICS, WIRED_WORLD } from "./wiredWorld";

type Change = (object: LiveObject) => LiveObject | undefined;

const EDGES: readonly Edge[] = [
    {
        why: "Prometheus scrapes Redis",
        from: /^monitoring\/prometheus-0$/,
        to: /^prod\/cache-0$/,
        ports: [9121],
    },
];

function problems(objects: LiveObjects): string[] {
    return [
        ...brokenMonitors(objects),
        ...brokenReferences(objects),
        ...brokenSelectors(objects),
        ...networkDifferences(objects, EDGES).filter((line) => !line.includes("-> monitoring/")),
    ];
}

/** The world with one object replaced, or taken away. */
function broken(kind: string, name: string, change: Change): LiveObjects {
    const changed = WIRED_WORLD.flatMap((each) =>
        each.kind === kind && each.metadata.name === name ? (change(each) ?? []) : [each],
    );
    return new LiveObjects(changed);
}

/** Replaces a text wherever it is in the object. */
function replace(from: string, to: string): Change {
    return (each) => JSON.parse(JSON.stringify(each).replaceAll(from, to)) as LiveObject;
}

/** What is broken, and the message that must name the hop. */
const HOPS: readonly (readonly [string, string, string, Change, RegExp])[] = [
    [
        "a monitor's label",
        "ServiceMonitor",
        "cache",
        replace(`"app":"cache"`, `"app":"cash"`),
        /^ServiceMonitor prod\/cache: its selector .*"cash".* matches no Service of prod$/,
    ],
    [
        "a monitor's port name",
        "ServiceMonitor",
        "cache",
        replace(`"port":"redis-exporter"`, `"port":"metrics"`),
        /^ServiceMonitor prod\/cache -> Service prod\/cache-metrics: it has no port named "metrics", only redis-exporter$/,
    ],
    [
        "a Service's selector",
        "Service",
        "cache-metrics",
        replace(`"selector":{"app":"cache"}`, `"selector":{"app":"x"}`),
        /^ServiceMonitor prod\/cache -> Service prod\/cache-metrics: its selector {"app":"x"} matches no pod$/,
    ],
    [
        "a Service's target port",
        "Service",
        "cache-metrics",
        replace(`"targetPort":"redis-exporter"`, `"targetPort":"web"`),
        /^ServiceMonitor prod\/cache -> Service prod\/cache-metrics -> Pod prod\/cache-0: no container has the port web$/,
    ],
    [
        "a second way to an exporter",
        "Service",
        "cache",
        (each) => ({
            ...each,
            metadata: { ...each.metadata, labels: METRICS },
            spec: {
                selector: { app: "cache" },
                ports: [{ name: "redis-exporter", port: 9121, targetPort: 9121 }],
            },
        }),
        /^Pod prod\/cache-0: its exporter is scraped 2 times: by ServiceMonitor prod\/cache, ServiceMonitor prod\/cache$/,
    ],
    [
        "an exporter without a monitor",
        "ServiceMonitor",
        "cache",
        () => undefined,
        /^Pod prod\/cache-0: its exporter is scraped 0 times: by nobody$/,
    ],
    [
        "a policy without the edge",
        "NetworkPolicy",
        "exporters",
        replace(`"port":9121`, `"port":9122`),
        /^ServiceMonitor prod\/cache -> Pod prod\/cache-0: no NetworkPolicy lets Pod monitoring\/prometheus-0 in at port 9121$/,
    ],
    [
        "a policy's edge, in the network",
        "NetworkPolicy",
        "exporters",
        () => undefined,
        /^monitoring\/prometheus-0 -> prod\/cache-0:9121 is closed by the NetworkPolicies, but Prometheus scrapes Redis$/,
    ],
    [
        "a namespace that is open",
        "NetworkPolicy",
        "default-deny-ingress",
        (each) => ({
            ...each,
            spec: { podSelector: {}, policyTypes: ["Ingress"], ingress: [{}] },
        }),
        /^a stranger -> prod\/cache-0:6379 is open, and no edge of test\/cluster\/edges\.ts needs it$/,
    ],
    [
        "a policy's own pods",
        "NetworkPolicy",
        "exporters",
        replace(`"app":"cache"`, `"app":"cash"`),
        /^NetworkPolicy prod\/exporters: its podSelector .*"cash".* matches no pod of prod$/,
    ],
    [
        "a policy's peer",
        "NetworkPolicy",
        "exporters",
        replace(`"app.kubernetes.io/name":"prometheus"`, `"app.kubernetes.io/name":"prom"`),
        /^NetworkPolicy prod\/exporters: a peer of it .*"prom".* matches no pod of monitoring$/,
    ],
    [
        "a policy's peer that a CronJob runs",
        "CronJob",
        "backup",
        replace(`"app":"backup"`, `"app":"copy"`),
        /^NetworkPolicy prod\/exporters: a peer of it .*"backup".* matches no pod of prod$/,
    ],
    [
        "a Secret's key",
        "Secret",
        "cache-auth",
        replace(`"password"`, `"pass"`),
        /^Pod prod\/cache-0: spec\.containers\.0\.env\.0\.valueFrom\.secretKeyRef needs password of Secret prod\/cache-auth, which has pass$/,
    ],
    [
        "a Secret",
        "Secret",
        "cache-auth",
        () => undefined,
        /secretKeyRef names Secret prod\/cache-auth, which is not there$/,
    ],
    [
        "a budget's selector",
        "PodDisruptionBudget",
        "cache",
        replace(`"app":"cache"`, `"app":"cash"`),
        /^PodDisruptionBudget prod\/cache: its selector .*"cash".* matches no pod of prod$/,
    ],
    [
        "an autoscaler's target",
        "Deployment",
        "worker",
        () => undefined,
        /^HorizontalPodAutoscaler prod\/worker: its target Deployment prod\/worker is not there$/,
    ],
    [
        "an autoscaler's resource",
        "Deployment",
        "worker",
        replace(`"requests":{"cpu":"1"}`, `"requests":{}`),
        /^HorizontalPodAutoscaler prod\/worker: container worker of Deployment prod\/worker requests no cpu$/,
    ],
    [
        "an autoscaler's metric",
        "ConfigMap",
        "prometheus-adapter",
        replace("redis_queue_length", "redis_queue"),
        /^HorizontalPodAutoscaler prod\/worker: no rule of prometheus-adapter serves its metric redis_queue_length$/,
    ],
];

describe("The wiring proof", () => {
    it("finds nothing where everything is right", () => {
        assert.deepEqual(problems(new LiveObjects(WIRED_WORLD)), []);
    });

    for (const [what, kind, name, change, message] of HOPS) {
        it(`names the hop that breaks: ${what}`, () => {
            const found = problems(broken(kind, name, change));
            assert.ok(
                found.some((line) => message.test(line)),
                `none of these is ${message}:\n${found.join("\n")}`,
            );
        });
    }
});
