import assert from "node:assert/strict";

import {
    find,
    findRelease,
    KubernetesObject,
    Labels,
    ofKind,
    valueAt,
} from "../../../lab/program/objects";
import type { ProgramRun } from "../../../lab/program/program";
import { previewOf, stackRun } from "../../../lab/program/runs";
import { readStackFile } from "../../../lab/program/stackFile";
import { changed, refuses } from "../../support/refusalTable";
import { Selector, selects } from "../../support/selectors";

const cluster = (change: Record<string, unknown>) => changed("prod", "cluster", change);

async function chartParts(change: Record<string, unknown>): Promise<Record<string, unknown>> {
    const run = await previewOf("prod", cluster(change));
    const { values } = findRelease(run, "kube-prometheus-stack");
    return Object.fromEntries(
        ["coreDns", "kubeDns", "kubeProxy", "kubeEtcd"].map((part) => [
            part,
            valueAt(values, part, "enabled"),
        ]),
    );
}

describe("What of a cluster is scraped", () => {
    const CASES = {
        "gke, whose kube-dns has nothing on CoreDNS' port": [
            { controlPlane: "managed", platform: "gke" },
            { coreDns: false, kubeDns: false, kubeProxy: false, kubeEtcd: false },
        ],
        eks: [
            { controlPlane: "managed", platform: "eks" },
            { coreDns: true, kubeDns: false, kubeProxy: false, kubeEtcd: false },
        ],
        "gke whose kube-dns is asked for": [
            { controlPlane: "managed", platform: "gke", dns: "kubeDns" },
            { coreDns: false, kubeDns: true, kubeProxy: false, kubeEtcd: false },
        ],
        "a cluster of one's own without kube-proxy": [
            { controlPlane: "selfHosted", kubeProxy: false },
            { coreDns: true, kubeDns: false, kubeProxy: false, kubeEtcd: true },
        ],
    } as const;
    for (const [what, [change, expected]] of Object.entries(CASES)) {
        it(`is there: ${what}`, async () => {
            assert.deepEqual(await chartParts(change), expected);
        });
    }

    refuses({
        "a control plane that the platform hides": {
            change: cluster({ platform: "gke", controlPlane: "selfHosted" }),
            says: `cluster.controlPlane: got "selfHosted"; "managed" with cluster.platform gke, which hides the control plane`,
        },
    });
});

it("Grafana's queries stay with one replica of Prometheus", async () => {
    const { values } = findRelease(await stackRun("prod"), "kube-prometheus-stack");
    assert.equal(valueAt(values, "prometheus", "service", "sessionAffinity"), "ClientIP");
});

describe("Callers that are no pods", () => {
    const ingress = (change: Record<string, unknown>) => ({
        ingress: {
            enabled: true,
            className: "alb",
            hosts: { grafana: "g.example.com" },
            ...change,
        },
    });
    const from = (policy: KubernetesObject): unknown =>
        valueAt(policy.manifest, "spec", "ingress", "0", "from");

    it("reach the web pages by their addresses, without a controller's namespace", async () => {
        const sourceRanges = ["10.0.0.0/16", "fd00::/48"];
        const run = await previewOf("prod", ingress({ sourceRanges }));
        assert.deepEqual(from(find(run, "NetworkPolicy", "ingress-controller-to-grafana")), [
            { ipBlock: { cidr: "10.0.0.0/16" } },
            { ipBlock: { cidr: "fd00::/48" } },
        ]);
    });

    it("reach the webhooks from the API server's addresses alone, where they are known", async () => {
        const apiServerRanges = ["172.16.0.0/28"];
        const run = await previewOf("prod", cluster({ apiServerRanges }));
        const api = { ipBlock: { cidr: "172.16.0.0/28" } };
        assert.deepEqual(from(find(run, "NetworkPolicy", "api-server-to-elastic-operator")), [api]);
        const sources = from(find(run, "NetworkPolicy", "api-server-to-prometheus-operator"));
        assert.deepEqual((sources as unknown[])[1], api);
        assert.equal((sources as unknown[]).length, 2, "the API server and Prometheus");
    });

    it("and applications send spans from the namespaces that are named", async () => {
        const run = await previewOf(
            "prod",
            changed("prod", "jaeger", { clientNamespaces: ["shop"] }),
        );
        assert.deepEqual(from(find(run, "NetworkPolicy", "applications-to-jaeger-collector")), [
            { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "shop" } } },
        ]);
    });

    refuses({
        "neither a namespace nor addresses": {
            change: ingress({}),
            says: "ingress.controllerNamespace: got nothing; the namespace in which the ingress controller runs, such as ingress-nginx, or ingress.sourceRanges where the callers are no pods",
        },
        "an address that is no range": {
            change: ingress({ sourceRanges: ["10.0.0.0"] }),
            says: 'ingress.sourceRanges.0: got "10.0.0.0"; allowed: a range of addresses in CIDR notation, such as 10.0.0.0/16 or fd00::/48',
        },
    });
});

describe("PagerDuty in Europe", () => {
    it("is told at the address that is given", async () => {
        const url = "https://events.eu.pagerduty.com/v2/enqueue";
        const alerting = readStackFile("prod").alerting as Record<string, object>;
        const receivers = { ...alerting.receivers, pager: { type: "pagerduty", url } };
        const run = await previewOf("prod", { alerting: { ...alerting, receivers } });
        const secret = find(run, "Secret", "alertmanager-config");
        assert.match(
            JSON.stringify(secret.manifest),
            /url: https:\/\/events\.eu\.pagerduty\.com\/v2\/enqueue/,
        );
    });
});

describe("An application beside Redis", () => {
    const APPLICATION: Labels = { "app.kubernetes.io/name": "shop" };
    const REDIS: Labels = { app: "cache", redis_setup_type: "replication" };
    const JOB: Labels = {
        "app.kubernetes.io/part-of": "observability",
        "app.kubernetes.io/name": "backup",
    };
    const run = (change: Record<string, unknown> = {}) =>
        previewOf("staging", {
            redis: {
                orders: {
                    ...change,
                    instances: {
                        cache: {
                            mode: "replication",
                            replicas: 2,
                            memory: "256Mi",
                            storageSize: "1Gi",
                        },
                    },
                },
            },
        });
    const denied = (made: ProgramRun, labels: Labels): boolean =>
        ofKind(made, "NetworkPolicy")
            .filter(({ namespace }) => namespace === "orders")
            .some(({ manifest }) =>
                selects(valueAt(manifest, "spec", "podSelector") as Selector, labels),
            );

    it("keeps its callers, and Redis and our jobs have none but those of an edge", async () => {
        const made = await run();
        assert.deepEqual(
            [APPLICATION, REDIS, JOB].map((labels) => denied(made, labels)),
            [false, true, true],
        );
    });

    it("has none either where the whole namespace is to be closed", async () => {
        assert.ok(denied(await run({ isolate: "namespace" }), APPLICATION));
    });

    it("starts where the namespace enforces what it needs", async () => {
        const namespace = find(await run({ podSecurity: "baseline" }), "Namespace", "orders");
        assert.equal(namespace.labels["pod-security.kubernetes.io/enforce"], "baseline");
    });

    it("keeps a namespace that is somebody else's as it is", async () => {
        const made = await run({ create: false });
        assert.deepEqual(
            ofKind(made, "Namespace").filter(({ name }) => name === "orders"),
            [],
        );
        assert.equal(find(made, "RedisReplication", "cache").namespace, "orders");
        assert.ok(denied(made, REDIS));
    });
});
