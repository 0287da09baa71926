import { z } from "zod";

import { instanceAlerts } from "../alerting/rules/settings";
import { sourceBackup } from "../backup/settings";
import { customSpec } from "../kubernetes/customSpec";
import { POD_SECURITY_LEVELS } from "../kubernetes/namespace";
import {
    cpu,
    duration,
    memory,
    name,
    namespace,
    objectName,
    pods,
    scrapeInterval,
    text,
    volume,
    whole,
} from "../settings/scalars";
import { redisConfig } from "./redisConfig";
import { exporterSettings } from "./redisExporter";
import { redisExternal } from "./redisExternal";
import { podSettings } from "./redisPods";
import { redisExpose } from "./redisExpose";
import { redisTls } from "./redisTls";
import { redisUser } from "./redisUsers";
import { limitRange, resourceQuota } from "./quotas";
import { REDIS_VERSION } from "./redisVersions";

/** Of 1000 nodes, https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/: each tells all others of all. */
const MOST_SHARDS = 500;

const redisCommon = {
    kind: z
        .enum(["cache", "store"])
        .describe(
            "What it is for: a `cache` evicts (`allkeys-lru`) and writes nothing to the disk; a `store` refuses writes when it is full (`noeviction`), and its append-only file is on the disk every second",
        )
        .optional(),
    config: redisConfig
        .describe(
            "Keys of redis.conf, before what `kind` says: those below, and [any other](components/redis.md#configuration-of-redis)",
        )
        .optional(),
    version: text({
        kind: "release",
        reader: "tags of the operator's images",
        allowed: `a release of Redis such as "${REDIS_VERSION}"`,
        is: (each) => /^\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(each),
    })
        .meta({ otherwise: `\`${REDIS_VERSION}\`` })
        .describe("Of Redis, and of Sentinel in that mode")
        .optional(),
    memory: memory(
        "64Mi",
        "the pods of its backups and restores have as much, and ask for 64Mi",
    ).describe("Limit and request of each Redis"),
    cpu: cpu.describe("Request of each Redis").default("100m"),
    storageSize: volume.describe("Volume of each Redis; only a `cache` can do without").optional(),
    adoptVolumes: z
        .boolean()
        .describe("Start on the volumes that an earlier instance of this name left")
        .optional(),
    maxMemoryPercentOfLimit: whole(1, 95)
        .describe("Share of the memory limit that becomes `maxmemory`")
        .default(75),
    exporter: exporterSettings
        .describe("What its exporters tell beside what every exporter tells")
        .optional(),
    scrapeInterval: scrapeInterval.describe("Of the exporters").default("30s"),
    scrapeTimeout: duration.describe("At most the interval").default("10s"),
    tls: redisTls
        .describe(
            "Every connection by TLS, and no plain port: `{}` for a certificate of our own authority",
        )
        .optional(),
    expose: redisExpose
        .describe(
            "A Service for clients outside of the cluster, of `standalone` and `replication` with `tls`",
        )
        .optional(),
    users: z
        .record(name, redisUser)
        .meta({ entry: "user" })
        .describe("Users of applications, each with a password and a Secret of its own")
        .optional(),
    passwordSecret: objectName
        .describe(
            "A Secret of the namespace with the key `password`, filled by somebody else, instead of a generated one; the stack never sees it",
        )
        .optional(),
    pods: podSettings.describe("Where its pods are, and how they go").optional(),
    spec: customSpec
        .describe(
            "What no key says of its custom resource (of the kind that holds the data), over ours; what something rests on is refused with what to set instead: [adapting](adapting.md#fields-of-a-custom-resource)",
        )
        .optional(),
    backup: sourceBackup.describe("Without it, it is not backed up").optional(),
    alerts: instanceAlerts
        .meta({ kind: "map", whole: true, otherwise: "the stack's" })
        .describe(
            "Thresholds of its [alerts](#alerts), by the alert's name: `RedisHighMemoryUsage: { share: 0.8 }`",
        )
        .optional(),
};

export const redisInstance = z.discriminatedUnion("mode", [
    z.strictObject({
        mode: z.literal("standalone").describe("[Redis](components/redis.md) describes them"),
        ...redisCommon,
    }),
    z.strictObject({
        mode: z.literal("replication"),
        replicas: pods(2, "replication needs a master and a replica").describe(
            "Pods, master included",
        ),
        ...redisCommon,
    }),
    z.strictObject({
        mode: z.literal("sentinel"),
        replicas: pods(3, "Sentinel must find a replica again after a failover").describe(
            "Pods, master included",
        ),
        sentinels: pods(3, "a quorum of fewer Sentinels does not survive the loss of one")
            .meta({ kind: "odd number, 3 or more" })
            .describe("Sentinels")
            .default(3),
        quorum: pods(2, "one Sentinel alone must not fail over")
            .describe("Sentinels that must agree that the master is down: a majority of them")
            .default(2),
        sentinelSpec: customSpec
            .describe(
                "The same as `spec`, of the Sentinels' resource: `redisSentinelConfig: { downAfterMilliseconds: '5000' }`",
            )
            .optional(),
        ...redisCommon,
    }),
    z.strictObject({
        mode: z.literal("cluster"),
        shards: pods(3, "Redis Cluster needs a majority of leaders", MOST_SHARDS).describe(
            "Leaders, each with one follower",
        ),
        ...redisCommon,
    }),
]);

/** The Redis of one namespace. */
export const redisNamespace = z.strictObject({
    clientNamespaces: z
        .array(namespace)
        .describe("Namespaces whose pods may connect to its Redis, beside its own")
        .default([]),
    team: name
        .meta({ otherwise: "`alerting.team`" })
        .describe("Label `team` of the alerts on its instances")
        .optional(),
    create: z
        .boolean()
        .describe(
            "Whether the namespace is this stack's. With `false` it must be there, and is neither labelled nor deleted",
        )
        .default(true),
    podSecurity: z
        .enum(POD_SECURITY_LEVELS)
        .describe(
            "Pod Security level that the namespace enforces; applications beside Redis may need `baseline`",
        )
        .default("restricted"),
    isolate: z
        .enum(["redis", "namespace"])
        .describe(
            "Into which pods nothing connects unless a policy opens it: Redis and the jobs of this stack, or every pod of the namespace, applications included",
        )
        .default("redis"),
    quota: resourceQuota
        .describe(
            "Hard limits of a ResourceQuota, which everything in the namespace shares: `limits.memory: 8Gi`, `pods: 20`",
        )
        .optional(),
    limitRange: limitRange
        .describe("A LimitRange: what containers get that say nothing, and what they may ask for")
        .optional(),
    instances: z.record(name, redisInstance).describe("A Redis, by its name"),
    external: z
        .record(name, redisExternal)
        .describe("A Redis outside of the operator that is watched from here, by a name of yours")
        .optional(),
});

export type RedisNamespaceSettings = z.output<typeof redisNamespace>;
export type RedisInstanceSettings = z.output<typeof redisInstance>;
export type RedisMode = RedisInstanceSettings["mode"];
