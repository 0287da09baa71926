import assert from "node:assert/strict";

import { RedisManifest, redisManifests, redisPods } from "../../../components/redis/redisSpecs";
import { IMAGES } from "../../../components/versions";
import { leaves, textAt, valueAt } from "../../../lab/program/objects";
import { INSTANCES, MODES } from "../../support/exampleConfig";

type Mode = (typeof MODES)[number];

function manifests(mode: Mode, storageClass = ""): RedisManifest[] {
    return redisManifests({
        name: "cache",
        settings: INSTANCES[mode],
        passwordSecret: "cache-auth",
        storageClass,
    });
}

function spec(mode: Mode, kind: string, storageClass = ""): object {
    const found = manifests(mode, storageClass).find((manifest) => manifest.kind === kind);
    assert.ok(found, `a ${kind} in mode ${mode}`);
    return found.spec;
}

const ALL = MODES.flatMap((mode) =>
    manifests(mode).map(({ kind, spec: content }) => ({ mode, kind, spec: content })),
);
/** The resources whose pods hold data. */
const DATA = ALL.filter(({ kind }) => kind !== "RedisSentinel");
/** Where a resource says how its pods are spread: Redis Cluster says it for each role. */
const PODS: readonly { app: string; spec: unknown }[] = ALL.filter(
    ({ kind }) => kind !== "Redis",
).flatMap(({ kind, spec: content }) =>
    kind === "RedisCluster"
        ? ["leader", "follower"].map((role) => ({
              app: `cache-${role}`,
              spec: valueAt(content, role === "leader" ? "redisLeader" : "redisFollower"),
          }))
        : [
              {
                  app: kind === "RedisSentinel" ? "cache-sentinel" : "cache",
                  spec: content,
              },
          ],
);

describe("Redis custom resources", () => {
    const kinds: Readonly<Record<Mode, readonly string[]>> = {
        standalone: ["Redis"],
        replication: ["RedisReplication"],
        // The Sentinels look up what they watch.
        sentinel: ["RedisReplication", "RedisSentinel"],
        cluster: ["RedisCluster"],
    };
    for (const mode of MODES) {
        it(`of mode ${mode} are ${kinds[mode].join(", then ")}`, () => {
            assert.deepEqual(
                manifests(mode).map(({ kind }) => kind),
                kinds[mode],
            );
        });
    }

    it("have as many pods as configured", () => {
        assert.equal(valueAt(spec("replication", "RedisReplication"), "clusterSize"), 3);
        assert.equal(valueAt(spec("sentinel", "RedisReplication"), "clusterSize"), 3);
        assert.equal(valueAt(spec("sentinel", "RedisSentinel"), "clusterSize"), 5);
        const cluster = spec("cluster", "RedisCluster");
        assert.equal(valueAt(cluster, "clusterSize"), 3);
        assert.equal(valueAt(cluster, "redisLeader", "replicas"), 3);
        assert.equal(valueAt(cluster, "redisFollower", "replicas"), 3);
    });

    it("are waited for where their status tells that they work", () => {
        const waits = MODES.flatMap((mode) => manifests(mode)).map(({ kind, readyWhen }) => [
            kind,
            readyWhen,
        ]);
        assert.deepEqual(Object.fromEntries(waits), {
            Redis: undefined,
            RedisReplication: "{.status.masterNode}",
            RedisSentinel: undefined,
            RedisCluster: "{.status.state}=Ready",
        });
    });

    for (const { mode, kind, spec: content } of ALL) {
        it(`export metrics of every pod of a ${kind} in mode ${mode}`, () => {
            assert.deepEqual(valueAt(content, "redisExporter"), {
                enabled: true,
                image: IMAGES.redisExporter,
                imagePullPolicy: "IfNotPresent",
                // Any other port is only the Service's: the exporter goes on listening on this one.
                port: 9121,
                resources: {
                    requests: { cpu: "50m", memory: "64Mi" },
                    limits: { cpu: "100m", memory: "128Mi" },
                },
                env: [{ name: "REDIS_EXPORTER_INCL_SYSTEM_METRICS", value: "true" }],
                securityContext: {
                    allowPrivilegeEscalation: false,
                    capabilities: { drop: ["ALL"] },
                },
            });
        });

        it(`run a ${kind} in mode ${mode} as the restricted namespace demands`, () => {
            assert.equal(valueAt(content, "podSecurityContext", "runAsNonRoot"), true);
            assert.deepEqual(valueAt(content, "podSecurityContext", "seccompProfile"), {
                type: "RuntimeDefault",
            });
            const containers = leaves(content).filter(([path]) =>
                path.includes("allowPrivilegeEscalation"),
            );
            assert.ok(containers.length >= 2, "Redis' and the exporter's");
            assert.ok(containers.every(([, value]) => value === false));
        });

        it(`keep pods of a ${kind} in mode ${mode} when an annotation of Pulumi changes`, () => {
            const ignored = valueAt(content, "kubernetesConfig", "ignoreAnnotations") as string[];
            assert.ok(ignored.includes("pulumi.com/waitFor"));
        });

        it(`use a pinned image of the operator's for a ${kind} in mode ${mode}`, () => {
            const image = textAt(content, "kubernetesConfig", "image");
            assert.equal(image, kind === "RedisSentinel" ? IMAGES.redisSentinel : IMAGES.redis);
        });
    }

    const sized: readonly (readonly [Mode, string, number, number])[] = [
        // 120 s and 60 s for the gibibyte of memory, in probes of 10 s.
        ["standalone", "Redis", 6379, 18],
        ["replication", "RedisReplication", 6379, 18],
        ["sentinel", "RedisReplication", 6379, 18],
        // 128Mi.
        ["sentinel", "RedisSentinel", 26379, 13],
    ];
    for (const [mode, kind, port, failureThreshold] of sized) {
        it(`call a ${kind} in mode ${mode} alive while it accepts a connection`, () => {
            assert.deepEqual(valueAt(spec(mode, kind), "livenessProbe"), {
                tcpSocket: { port },
                periodSeconds: 10,
                timeoutSeconds: 10,
                failureThreshold,
            });
        });
    }

    for (const role of ["redisLeader", "redisFollower"]) {
        it(`call a ${role} alive while it accepts a connection`, () => {
            assert.deepEqual(valueAt(spec("cluster", "RedisCluster"), role, "livenessProbe"), {
                tcpSocket: { port: 6379 },
                periodSeconds: 10,
                timeoutSeconds: 10,
                failureThreshold: 18,
            });
        });
    }

    it("wait longer for a larger Redis before they call it dead", () => {
        const [large] = redisManifests({
            name: "cache",
            settings: { ...INSTANCES.replication, memory: "32Gi" },
            passwordSecret: "cache-auth",
            storageClass: "",
        });
        // 120 s and 32 times 60 s.
        assert.equal(valueAt(large?.spec, "livenessProbe", "failureThreshold"), 204);
    });

    it("leave readiness to the operator, which sends no client to a Redis that loads", () => {
        const strict = ALL.filter(({ spec: content }) =>
            leaves(content).some(([path]) => path.includes("readinessProbe")),
        );
        assert.deepEqual(strict, []);
    });

    it("tell the operator v7 with an image of Redis 8: it knows what came with 7 by this text", () => {
        assert.match(IMAGES.redis, /:v8\./);
        assert.equal(valueAt(spec("cluster", "RedisCluster"), "clusterVersion"), "v7");
    });

    it("have the images of the instance's version, for Redis and for Sentinel", () => {
        const settings = { ...INSTANCES.sentinel, version: "7.4.11" };
        const images = redisManifests({
            name: "cache",
            settings,
            passwordSecret: "cache-auth",
            storageClass: "",
        }).map(({ spec: content }) => textAt(content, "kubernetesConfig", "image"));
        assert.deepEqual(images, [
            "quay.io/opstree/redis:v7.4.11",
            "quay.io/opstree/redis-sentinel:v7.4.11",
        ]);
    });

    for (const { mode, kind, spec: content } of DATA) {
        it(`leave the volumes of a ${kind} in mode ${mode} when it is deleted`, () => {
            assert.equal(valueAt(content, "storage", "keepAfterDelete"), true);
        });

        it(`evict before a ${kind} in mode ${mode} reaches its memory limit`, () => {
            // The percentage alone only reaches the image as a variable, which it does not read.
            assert.equal(valueAt(content, "redisConfig", "maxMemoryPercentOfLimit"), 75);
            assert.deepEqual(valueAt(content, "redisConfig", "dynamicConfig"), [
                `maxmemory ${0.75 * 2 ** 30}`,
            ]);
            assert.deepEqual(valueAt(content, "kubernetesConfig", "resources"), {
                requests: { cpu: "100m", memory: "1Gi" },
                limits: { memory: "1Gi" },
            });
        });

        it(`take the password of a ${kind} in mode ${mode} from its Secret`, () => {
            assert.deepEqual(valueAt(content, "kubernetesConfig", "redisSecret"), {
                name: "cache-auth",
                key: "password",
            });
        });

        it(`name the storage class of a ${kind} in mode ${mode} only when there is one`, () => {
            const names = (storageClass: string) =>
                leaves(spec(mode, kind, storageClass))
                    .filter(([path]) => path.includes("storageClassName"))
                    .map(([, value]) => value);
            assert.deepEqual(names(""), []);
            // Redis Cluster has a second volume, for the addresses of its nodes.
            assert.deepEqual(names("fast"), kind === "RedisCluster" ? ["fast", "fast"] : ["fast"]);
        });
    }

    it("limit disruptions and spread pods by node and zone, where the CRD can say it", () => {
        assert.deepEqual(PODS.map(({ app }) => app).sort(), [
            "cache",
            "cache",
            "cache-follower",
            "cache-leader",
            "cache-sentinel",
        ]);
        for (const { app, spec: content } of PODS) {
            assert.deepEqual(valueAt(content, "pdb"), { enabled: true, maxUnavailable: 1 }, app);
            const spread = valueAt(content, "topologySpreadConstraints") as {
                topologyKey: string;
                labelSelector: unknown;
            }[];
            assert.deepEqual(
                spread.map(({ topologyKey }) => topologyKey),
                ["kubernetes.io/hostname", "topology.kubernetes.io/zone"],
            );
            for (const { labelSelector } of spread) {
                assert.deepEqual(labelSelector, { matchLabels: { app } });
            }
        }
    });

    it("say neither for a single Redis, whose CRD drops both", () => {
        const single = spec("standalone", "Redis");
        assert.equal(valueAt(single, "pdb"), undefined);
        assert.equal(valueAt(single, "topologySpreadConstraints"), undefined);
    });

    it("make Sentinels watch the replication of their instance, with its password", () => {
        assert.deepEqual(valueAt(spec("sentinel", "RedisSentinel"), "redisSentinelConfig"), {
            redisReplicationName: "cache",
            masterGroupName: "mymaster",
            quorum: "3",
            redisReplicationPassword: { secretKeyRef: { name: "cache-auth", key: "password" } },
        });
    });

    it("keep the data and the addresses of a Redis Cluster's nodes", () => {
        const cluster = spec("cluster", "RedisCluster");
        assert.equal(valueAt(cluster, "persistenceEnabled"), true);
        assert.equal(valueAt(cluster, "storage", "nodeConfVolume"), true);
        const storage = ["spec", "resources", "requests", "storage"];
        assert.equal(valueAt(cluster, "storage", "volumeClaimTemplate", ...storage), "10Gi");
        assert.equal(
            valueAt(cluster, "storage", "nodeConfVolumeClaimTemplate", ...storage),
            "64Mi",
        );
    });
});

describe("Pods that alerts expect", () => {
    const expected: Readonly<Record<Mode, Readonly<Record<string, number>>>> = {
        standalone: { cache: 1 },
        replication: { cache: 3 },
        sentinel: { cache: 3, "cache-sentinel": 5 },
        cluster: { "cache-leader": 3, "cache-follower": 3 },
    };
    for (const mode of MODES) {
        it(`of mode ${mode} are ${JSON.stringify(expected[mode])}`, () => {
            const pods = redisPods("cache", INSTANCES[mode]).map(({ app, pods }) => [app, pods]);
            assert.deepEqual(Object.fromEntries(pods), expected[mode]);
        });
    }
});
