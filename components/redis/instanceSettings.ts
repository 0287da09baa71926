import { z } from "zod";

import { instanceAlerts } from "../alerting/rules/settings";
import { sourceBackup } from "../backup/settings";
import { atLeast, duration, name, quantity } from "../settings/scalars";

const redisCommon = {
    /** Memory limit and request of each Redis container. */
    memory: quantity,
    cpu: quantity.default("100m"),
    /** Size of each Redis pod's volume. */
    storageSize: quantity,
    maxMemoryPercentOfLimit: z.int().min(1).max(100).default(75),
    scrapeInterval: duration.default("30s"),
    scrapeTimeout: duration.default("10s"),
    backup: sourceBackup.optional(),
    /** Thresholds of alerts that are not the stack's. */
    alerts: instanceAlerts.optional(),
};

export const redisInstance = z.discriminatedUnion("mode", [
    z.strictObject({ mode: z.literal("standalone"), ...redisCommon }),
    z.strictObject({
        mode: z.literal("replication"),
        /** Redis pods, master included. */
        replicas: atLeast(2, "replication needs a master and a replica"),
        ...redisCommon,
    }),
    z.strictObject({
        mode: z.literal("sentinel"),
        replicas: atLeast(3, "Sentinel must find a replica again after a failover"),
        sentinels: atLeast(
            3,
            "a quorum of fewer Sentinels does not survive the loss of one",
        ).default(3),
        /** Sentinels that must agree that the master is down. */
        quorum: atLeast(2, "one Sentinel alone must not fail over").default(2),
        ...redisCommon,
    }),
    z.strictObject({
        mode: z.literal("cluster"),
        /** Leaders; each gets one follower. */
        shards: atLeast(3, "Redis Cluster needs a majority of leaders"),
        ...redisCommon,
    }),
]);

/** The Redis of one namespace. */
export const redisNamespace = z.strictObject({
    /** Namespaces whose pods may connect to Redis, beside the namespace itself. */
    clientNamespaces: z.array(name).default([]),
    /** Label `team` of the alerts on its instances, where that is not `alerting.team`. */
    team: name.optional(),
    instances: z.record(name, redisInstance),
});

export type RedisNamespaceSettings = z.output<typeof redisNamespace>;
export type RedisInstanceSettings = z.output<typeof redisInstance>;
export type RedisMode = RedisInstanceSettings["mode"];
