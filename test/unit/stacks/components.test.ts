import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { parse } from "yaml";

import {
    findRelease,
    kubernetesObjects,
    label,
    leaves,
    ofKind,
    releases,
    valueAt,
} from "../../../lab/program/objects";
import type { ProgramRun } from "../../../lab/program/program";
import { isolatedRun, previewOf } from "../../../lab/program/runs";
import { ROOT, Settings } from "../../../lab/program/stackFile";
import { changed, refuses } from "../../support/refusalTable";

/** A stack file of docs/examples, as the program gets it. */
function example(name: string): Settings {
    const text = fs.readFileSync(path.join(ROOT, "docs/examples", name), "utf8");
    const { config } = parse(text) as { config: Settings };
    return Object.fromEntries(
        Object.entries(config).map(([key, value]) => [key.replace("observability:", ""), value]),
    );
}

/** Names of all alerts. */
function alerts(run: ProgramRun): string[] {
    return ofKind(run, "PrometheusRule").flatMap(({ manifest }) =>
        leaves(manifest.spec)
            .filter(([at]) => at.at(-1) === "alert")
            .map(([, value]) => String(value)),
    );
}

function expressions(run: ProgramRun): string {
    return ofKind(run, "PrometheusRule")
        .flatMap(({ manifest }) => leaves(manifest.spec))
        .filter(([at]) => at.at(-1) === "expr")
        .map(([, value]) => String(value))
        .join("\n");
}

const SMALLEST_OBJECTS = [
    "Namespace /dev",
    "NetworkPolicy dev/default-deny-jobs",
    "NetworkPolicy dev/redis-dev-clients",
    "NetworkPolicy dev/redis-dev-cluster-bus",
    "NetworkPolicy dev/redis-dev-exporters",
    "PrometheusRule dev/redis",
    "PrometheusRule dev/redis-alerts",
    "Redis dev/cache",
    "Secret dev/cache-auth",
    "ServiceMonitor dev/cache",
];

describe("The smallest stack", () => {
    let run: ProgramRun;
    before(async () => {
        run = await isolatedRun({ stack: "dev", settings: example("smallest.yaml") });
    });

    it("is a Redis, and what its Prometheus and operator need of it", () => {
        assert.deepEqual(kubernetesObjects(run).map(label).sort(), SMALLEST_OBJECTS);
        assert.deepEqual(releases(run), []);
    });

    it("is under 20 objects with everything that Pulumi counts", () => {
        const made = run.registrations.filter(
            ({ custom, type }) => custom && !type.startsWith("pulumi:"),
        );
        assert.ok(made.length < 20, made.map(({ type, name }) => `${type} ${name}`).join("\n"));
    });

    it("labels monitors and rules as the Prometheus asks, and nothing else", () => {
        const labelled = kubernetesObjects(run)
            .filter(({ labels }) => labels.release === "kube-prometheus-stack")
            .map(({ kind }) => kind);
        assert.deepEqual([...new Set(labelled)].sort(), ["PrometheusRule", "ServiceMonitor"]);
    });

    it("lets the Prometheus and the operator in, and makes no policy where they are", () => {
        const policies = ofKind(run, "NetworkPolicy");
        assert.deepEqual([...new Set(policies.map(({ namespace }) => namespace))], ["dev"]);
        const text = JSON.stringify(policies.map(({ manifest }) => manifest.spec));
        assert.match(text, /"kubernetes.io\/metadata.name":"monitoring"/);
        assert.match(text, /"kubernetes.io\/metadata.name":"redis-operator"/);
    });

    it("alerts on its Redis only", () => {
        const other = alerts(run).filter((alert) => !alert.startsWith("Redis"));
        assert.deepEqual(other, []);
    });
});

/** Five parts off. */
const FIVE_OFF = {
    components: {
        grafana: "off",
        nodeExporter: "off",
        logging: "off",
        kibana: "off",
        tracing: "off",
    },
    slos: { "redis-availability": { objective: 99, window: "14d" } },
};

describe("A stack with five parts off", () => {
    let run: ProgramRun;
    before(async () => {
        run = await previewOf("staging", FIVE_OFF);
    });

    it("has nothing of them: no namespace, release, target, alert, endpoint or data source", () => {
        assert.deepEqual(
            ofKind(run, "Namespace")
                .map(({ name }) => name)
                .sort(),
            ["monitoring", "redis-operator-system", "staging"],
        );
        assert.deepEqual(
            releases(run)
                .map(({ name }) => name)
                .sort(),
            ["kube-prometheus-stack", "prometheus-operator-crds", "redis-operator"],
        );
        const left = alerts(run).filter((alert) => /^(Elastic|Fluent|Jaeger)/.test(alert));
        assert.deepEqual(left, []);
        assert.doesNotMatch(expressions(run), /fluentbit|elasticsearch_|jaeger_|"fluent-bit"/);
        assert.deepEqual(Object.keys(run.outputs.endpoints as object).sort(), [
            "alertmanager",
            "prometheus",
        ]);
        const text = JSON.stringify(kubernetesObjects(run).map(({ manifest }) => manifest));
        assert.doesNotMatch(text, /grafana_datasource/);
    });

    it("tells the chart, with the alerts that would have nothing to read", () => {
        const { values } = findRelease(run, "kube-prometheus-stack");
        assert.deepEqual(valueAt(values, "grafana"), { enabled: false });
        assert.deepEqual(valueAt(values, "nodeExporter"), { enabled: false });
        assert.deepEqual(valueAt(values, "defaultRules", "rules"), {
            nodeExporterAlerting: false,
            nodeExporterRecording: false,
            node: false,
            network: false,
            kubePrometheusNodeRecording: false,
        });
    });
});

describe("Each part off", () => {
    const WITHOUT: Readonly<Record<string, Settings>> = {
        alertmanager: {
            components: { alertmanager: "off" },
            alerting: { runbookBaseUrl: "", receivers: {} },
        },
        grafana: { components: { grafana: "off" } },
        kubeStateMetrics: { components: { kubeStateMetrics: "off" } },
        kibana: { components: { kibana: "off" } },
        tracing: {
            components: { tracing: "off" },
            slos: {},
        },
    };
    /** What a part alone has, in names, labels and addresses. */
    const TRACES: Readonly<Record<string, RegExp>> = {
        alertmanager: /alertmanager-(config|receivers)|to-alertmanager|alertmanager-peers/,
        grafana: /grafana-(admin|data-sources)|backup-grafana|to-grafana/,
        kubeStateMetrics:
            /"job":"kube-state-metrics"|to-kube-state-metrics|gotk_resource_info|redis_resource_/,
        kibana: /"Kibana"|to-kibana|KIBANA_URL|kibana-kb/,
        tracing: /"name":"jaeger|to-jaeger|jaeger_/,
    };
    for (const [part, change] of Object.entries(WITHOUT)) {
        it(`leaves nothing of it: ${part}`, async () => {
            const run = await previewOf("prod", change);
            const traces = kubernetesObjects(run).filter(({ manifest }) =>
                TRACES[part]?.test(JSON.stringify(manifest)),
            );
            assert.deepEqual(traces.map(label), []);
        });
    }
});

describe("Parts that are off or there already, and others need", () => {
    const EXISTING = { namespace: "monitoring", podLabels: { app: "prometheus" }, service: "p" };
    refuses({
        "Kibana without Elasticsearch": {
            change: { components: { logging: "off", tracing: "off" }, slos: {} },
            says: `components.kibana: got "on"; "off", or components.logging: on: it shows what is in Elasticsearch`,
        },
        "Jaeger without Elasticsearch": {
            change: { components: { logging: "off", kibana: "off" }, slos: {} },
            says: `components.tracing: got "on"; "off", or components.logging: on: Jaeger keeps its spans in Elasticsearch`,
        },
        "an operator that is there, without its address": {
            change: { components: { redisOperator: "existing" } },
            says: "existing.redisOperator: got nothing; namespace of the one that is there, or components.redisOperator: on",
        },
        "an address that nothing uses": {
            change: { existing: { prometheus: EXISTING } },
            says: "existing.prometheus: got an address that nothing uses; nothing, or components.prometheus: existing",
        },
        "an objective of a part that is off": {
            change: {
                components: { tracing: "off" },
                slos: { "trace-delivery": { objective: 95, window: "14d" } },
            },
            says: "slos.trace-delivery: got an objective of a part that is off; nothing, or components.tracing: on",
        },
        "receivers that nobody tells": {
            change: {
                components: { alertmanager: "off" },
                alerting: {
                    runbookBaseUrl: "",
                    receivers: { chat: { type: "slack", channel: "#redis" } },
                    routes: { all: { severities: ["critical"], receivers: ["chat"] } },
                },
            },
            says: `alerting.receivers: got ["chat"]; {}, or components.alertmanager: on: nobody else tells them`,
        },
        "the host of a part that is off": {
            change: {
                components: { grafana: "off" },
                ...changed("prod", "ingress", {
                    enabled: true,
                    className: "nginx",
                    controllerNamespace: "ingress-nginx",
                    hosts: { grafana: "g.example.com" },
                }),
            },
            says: "ingress.hosts.grafana: got the host of a part that is not this stack's; nothing, or components.grafana: on",
        },
        "a part that is neither on nor off": {
            change: { components: { grafana: "maybe" } },
            says: `components.grafana: got "maybe"; allowed: on, off, existing`,
        },
    });
});
