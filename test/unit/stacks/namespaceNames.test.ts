import assert from "node:assert/strict";

import {
    find,
    kubernetesObjects,
    label,
    leaves,
    ofKind,
    releases,
    valueAt,
} from "../../../lab/program/objects";
import type { ProgramRun } from "../../../lab/program/program";
import { previewOf } from "../../../lab/program/runs";
import type { Settings } from "../../../lab/program/stackFile";
import { changed, instances, refuses } from "../../support/refusalTable";

const NAMES = {
    monitoring: "observability",
    nodeExporter: "observability-nodes",
    redisOperator: "ode-operator",
    elasticOperator: "observability-eck",
    logging: "observability-logs",
    tracing: "observability-traces",
};
const OURS =
    /(^|[^-a-z])(monitoring|node-exporter|redis-operator-system|elastic-system|logging|tracing)($|[^-a-z])/;

describe("Namespaces with names of the owner's", () => {
    let run: ProgramRun;
    before(async () => {
        run = await previewOf("prod", { namespaces: NAMES });
    });

    it("hold everything that is in ours otherwise", () => {
        const made = ofKind(run, "Namespace").map(({ name }) => name);
        assert.deepEqual(made.sort(), [...Object.values(NAMES), "prod"].sort());
        const places = [
            ...kubernetesObjects(run).map(({ namespace }) => namespace),
            ...releases(run).map(({ namespace }) => namespace),
        ];
        const other = places.filter((each) => each && OURS.test(each));
        assert.deepEqual(other, []);
    });

    it("are what policies, addresses and alerts ask for", () => {
        // Names of teams, parts and dashboards may be the same words: only where a namespace or a host is named.
        const asked = kubernetesObjects(run).flatMap((object) =>
            leaves(object.manifest.spec)
                .filter(([path, value]) => {
                    const text = String(value);
                    return (
                        (/metadata\.name$/.test(path.join(".")) && OURS.test(text)) ||
                        /\.(monitoring|logging|tracing|redis-operator-system|elastic-system)\.svc/.test(
                            text,
                        ) ||
                        /namespace="(monitoring|logging|tracing|redis-operator-system)"/.test(text)
                    );
                })
                .map(([path, value]) => `${label(object)} ${path.join(".")}: ${String(value)}`),
        );
        assert.deepEqual(asked, []);
    });

    refuses({
        "one name for two": {
            change: { namespaces: { logging: "monitoring" } },
            says: `namespaces.logging: got "monitoring"; another name than namespaces.monitoring: each has a Pod Security level and policies of its own`,
        },
        "a namespace of Kubernetes": {
            change: { namespaces: { tracing: "kube-system" } },
            says: `namespaces.tracing: got "kube-system"; a namespace that is not of Kubernetes`,
        },
        "a name that is none": {
            change: { namespaces: { tracing: "Traces" } },
            says: `namespaces.tracing: got "Traces"; allowed: a namespace: 1 to 63 of a-z, 0-9 and '-', not starting or ending with '-'`,
        },
        "Redis in a namespace of the stack's own, whatever it is called": {
            change: {
                namespaces: { monitoring: "observability" },
                ...changed("prod", "redis", { observability: { instances: {} } }),
            },
            says: `redis.observability: got "observability"; a namespace that is neither one of ours nor of Kubernetes (observability, node-exporter, redis-operator-system, elastic-system, logging, tracing, default, kube-system, kube-public, kube-node-lease, or any that begins with kube-)`,
        },
    });
});

describe("Quotas of a namespace of Redis", () => {
    const orders = { mode: "replication", replicas: 3, memory: "1Gi", storageSize: "4Gi" };
    const bounded = (bounds: Settings): Settings => {
        const { redis } = instances({ orders }, "ode") as { redis: { ode: Settings } };
        return { redis: { ode: { ...redis.ode, ...bounds } }, slos: {} };
    };

    it("are a ResourceQuota and a LimitRange with these very words", async () => {
        const limitRange = {
            default: { cpu: "500m", memory: "256Mi" },
            max: { memory: "4Gi" },
        };
        const quota = { "requests.memory": "8Gi", "limits.cpu": 8, pods: 30 };
        const run = await previewOf("prod", bounded({ quota, limitRange }));
        assert.deepEqual(valueAt(find(run, "ResourceQuota", "redis").manifest.spec, "hard"), {
            "requests.memory": "8Gi",
            "limits.cpu": "8",
            pods: "30",
        });
        const { manifest, namespace } = find(run, "LimitRange", "redis");
        assert.equal(namespace, "ode");
        assert.deepEqual(valueAt(manifest.spec, "limits"), [{ type: "Container", ...limitRange }]);
    });

    refuses({
        // Three pods of 1 GiB and an exporter of 64 MiB each; three volumes of 4 GiB.
        "a quota that its Redis does not fit into": {
            change: bounded({
                quota: { "requests.memory": "3Gi", "requests.storage": "10Gi", pods: 2 },
            }),
            says: [
                `redis.ode.quota.requests.memory: got "3Gi"; 3264Mi or more, which its Redis needs beside jobs of backups and applications`,
                `redis.ode.quota.requests.storage: got "10Gi"; 12288Mi or more, which its Redis needs beside jobs of backups and applications`,
                "redis.ode.quota.pods: got 2; 3 or more, which its Redis needs beside jobs of backups and applications",
            ],
        },
        "a quota of CPU limits for pods that have none": {
            change: bounded({ quota: { "limits.cpu": 8 } }),
            says: "redis.ode.quota.limits.cpu: got 8; limitRange.default.cpu beside it, or pods.cpuLimit of each instance and no backup: Kubernetes refuses pods without a limit",
        },
        "a resource that no quota has": {
            change: bounded({ quota: { ram: "8Gi" } }),
            says: `redis.ode.quota.ram: got "ram"; allowed: a resource of a quota such as requests.cpu, limits.memory, requests.storage, pods, persistentvolumeclaims or count/secrets`,
        },
        "an amount that is none": {
            change: bounded({ quota: { pods: "many" } }),
            says: `redis.ode.quota.pods: got "many"; allowed: a number or a quantity`,
        },
        "containers that may not be as large, or as small, as ours": {
            change: bounded({
                limitRange: { max: { memory: "512Mi" }, min: { memory: "128Mi" } },
            }),
            says: [
                `redis.ode.limitRange.min.memory: got "128Mi"; at most 64Mi, which jobs of backups ask for`,
                `redis.ode.limitRange.max.memory: got "512Mi"; 1Gi or more, the memory of instance "orders"`,
            ],
        },
        "limits of a namespace that is somebody else's": {
            change: bounded({ create: false, quota: { pods: 30 } }),
            says: "redis.ode.quota: got limits of a namespace that is somebody else's; nothing with create: false: whoever makes it decides what it may use",
        },
    });
});
