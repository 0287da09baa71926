import assert from "node:assert/strict";

import {
    findRelease,
    KubernetesObject,
    kubernetesObjects,
    label,
    leaves,
    ofKind,
    releases,
    valueAt,
} from "../../../lab/program/objects";
import type { ProgramRun } from "../../../lab/program/program";
import { everyModeRun, previewOf, stackRun, tenantRun } from "../../../lab/program/runs";

const LINUX = { "kubernetes.io/os": "linux" };

/** Where each chart takes the node selector of each of its pods. */
const CHART_PODS: Readonly<Record<string, readonly string[]>> = {
    "kube-prometheus-stack": [
        "prometheusOperator",
        "prometheusOperator.admissionWebhooks.patch",
        "prometheus.prometheusSpec",
        "alertmanager.alertmanagerSpec",
        "grafana",
        "kube-state-metrics",
        "prometheus-node-exporter",
    ],
    "redis-operator": [""],
    "elastic-operator": [""],
    "elasticsearch-exporter": [""],
    "fluent-bit": [""],
    "fluent-bit-events": [""],
    // CRDs only.
    "prometheus-operator-crds": [],
    "elastic-operator-crds": [],
};

/** Where each kind of custom resource takes it, of each of its pods. */
const RESOURCE_PODS: Readonly<Record<string, readonly string[]>> = {
    Redis: ["spec"],
    RedisReplication: ["spec"],
    RedisSentinel: ["spec"],
    RedisCluster: ["spec.redisLeader", "spec.redisFollower"],
    Elasticsearch: ["spec.nodeSets.0.podTemplate.spec"],
    Kibana: ["spec.podTemplate.spec"],
};

/** What tells a pod's spec, wherever it stands. */
function podSpecs(object: KubernetesObject): [string, unknown][] {
    const paths = leaves(object.manifest)
        .map(([path]) => path)
        .filter((path) => path.includes("containers"))
        .map((path) => path.slice(0, path.indexOf("containers")).join("."));
    return [...new Set(paths)].map((path) => [path, at(object.manifest, path)]);
}

function at(value: unknown, path: string): unknown {
    return valueAt(value, ...path.split(".").filter((key) => key !== ""));
}

function withoutSelector(run: ProgramRun): string[] {
    const missing = (where: string, value: unknown): string[] => {
        const selector = valueAt(value, "nodeSelector");
        return JSON.stringify(selector) === JSON.stringify(LINUX) ? [] : [where];
    };
    return [
        ...kubernetesObjects(run).flatMap((object) => [
            ...podSpecs(object).flatMap(([path, spec]) =>
                missing(`${label(object)} ${path}`, spec),
            ),
            ...(RESOURCE_PODS[object.kind] ?? []).flatMap((path) =>
                missing(`${label(object)} ${path}`, at(object.manifest, path)),
            ),
        ]),
        ...releases(run).flatMap(({ name, values }) =>
            (CHART_PODS[name] ?? ["(a chart that this test does not know)"]).flatMap((path) =>
                missing(`release ${name} ${path}`, at(values, path)),
            ),
        ),
    ];
}

const RUNS = {
    staging: () => stackRun("staging"),
    prod: () => stackRun("prod"),
    "a stack with every mode": everyModeRun,
    "a tenant": tenantRun,
    "a stack with robots, backups and snapshots": () =>
        previewOf("prod", {
            alerting: {
                runbookBaseUrl: "",
                receivers: { robot: { type: "dingtalk" } },
                routes: {
                    all: { severities: ["critical", "warning", "info"], receivers: ["robot"] },
                },
            },
        }),
};

for (const [name, make] of Object.entries(RUNS)) {
    describe(`Pods of ${name}`, () => {
        let run: ProgramRun;
        before(async () => {
            run = await make();
        });

        it("ask for a node of Linux, those of charts and operators included", () => {
            assert.deepEqual(withoutSelector(run), []);
        });

        it("have no priority that a provider keeps for its own", () => {
            const taken = kubernetesObjects(run)
                .map((object): [string, unknown] => [label(object), object.manifest])
                .concat(releases(run).map((release) => [release.name, release.values]))
                .filter(([, value]) => JSON.stringify(value).includes("system-"))
                .filter(([, value]) =>
                    leaves(value).some(([path, leaf]) => {
                        const field = path.at(-1);
                        return field === "priorityClassName" && String(leaf).startsWith("system-");
                    }),
                );
            assert.deepEqual(
                taken.map(([where]) => where),
                [],
            );
        });
    });
}

describe("What runs on every node", () => {
    /** The nodes of a cluster with everything that a provider offers: a machine, and three that run no DaemonSet of Linux. */
    const NODES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
        "linux-1": { "kubernetes.io/os": "linux" },
        "windows-1": { "kubernetes.io/os": "windows" },
        "fargate-1": {
            "kubernetes.io/os": "linux",
            "eks.amazonaws.com/compute-type": "fargate",
        },
        "virtual-1": { "kubernetes.io/os": "linux", type: "virtual-kubelet" },
    };

    interface Term {
        matchExpressions: { key: string; operator: "In" | "NotIn"; values: string[] }[];
    }

    /** The scheduler's rule for required node affinity and the node selector. */
    function runsOn(values: unknown, labels: Readonly<Record<string, string>>): boolean {
        const selector = (valueAt(values, "nodeSelector") ?? {}) as Record<string, string>;
        const terms = valueAt(
            values,
            "affinity",
            "nodeAffinity",
            "requiredDuringSchedulingIgnoredDuringExecution",
            "nodeSelectorTerms",
        ) as Term[] | undefined;
        return (
            Object.entries(selector).every(([key, value]) => labels[key] === value) &&
            (terms === undefined ||
                terms.some(({ matchExpressions }) =>
                    matchExpressions.every(
                        ({ key, operator, values: among }) =>
                            among.includes(labels[key] ?? "") === (operator === "In"),
                    ),
                ))
        );
    }

    // node-exporter's chart has the same affinity by itself.
    it("goes to machines with Linux only", async () => {
        const { values } = findRelease(await stackRun("prod"), "fluent-bit");
        const nodes = Object.entries(NODES).filter(([, labels]) => runsOn(values, labels));
        assert.deepEqual(
            nodes.map(([name]) => name),
            ["linux-1"],
        );
    });

    it("goes before other pods by a priority of its own", async () => {
        const run = await stackRun("prod");
        const name = valueAt(findRelease(run, "fluent-bit").values, "priorityClassName");
        assert.equal(name, "observability-node");
        const [priority] = ofKind(run, "PriorityClass").filter((each) => each.name === name);
        assert.equal(priority?.manifest.value, 1_000_000_000);
        assert.equal(priority.manifest.globalDefault, false);
    });
});
