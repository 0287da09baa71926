import { z } from "zod";

import { alertDuration, duration, name, size as sizes } from "../../settings/scalars";
import { SEVERITIES, Severity } from "../severity";
import { FIRES_WHEN } from "./thresholdTexts";

/**
 * Every alert that this program knows, with its defaults: the severity, how long the expression must hold, and the
 * thresholds of its expression where it has any. An alert that is not here cannot be written, and no other name can be
 * configured.
 */

/** Between 0 and 1, neither included. */
const share = (value: number) => {
    const error = "allowed: a share above 0 and below 1, such as 0.9";
    return z.number().gt(0, { error }).lt(1, { error }).default(value);
};
const atLeastZero = (value: number) =>
    z.number().min(0, { error: "allowed: 0 or more" }).default(value);
/** Of anything that is counted; the alert is about more than that. */
const count = atLeastZero;
const perSecond = atLeastZero;
const size = (value: string) => sizes.default(value);
const time = (value: string) => duration.default(value);
/** A duration, or none. */
const keepDuration = z.union([z.literal("0s"), alertDuration], {
    error: "allowed: a duration such as 30s, 5m or 1h, at most 30d, or 0s",
});

/**
 * How long an alert goes on firing after its expression has ended, where that may be a false end. Each alert has the
 * reason for its own.
 */
const KEEP = {
    /** kube-state-metrics restarts, or is scraped late: it is away for a minute or two. */
    stateAway: "5m",
    /** An exporter restarts with the pod beside it. */
    exporterAway: "5m",
    /** What is down comes back, and goes again, while it starts. */
    restarts: "3m",
    /** A number swings around its threshold. */
    swings: "15m",
    /** What is over within minutes is still in the digest of the day. */
    digest: "1d",
} as const;

function alert<T extends z.ZodRawShape = Record<never, never>>(
    severity: Severity,
    hold: string,
    thresholds: T = {} as T,
    keep?: keyof typeof KEEP,
) {
    return z
        .strictObject({
            enabled: z.boolean().default(true),
            severity: z.enum(SEVERITIES).default(severity),
            for: alertDuration.default(hold),
            /** How long it goes on firing after its expression has ended: `0s` ends it at once. */
            keepFiringFor: keepDuration.default(keep === undefined ? "0s" : KEEP[keep]),
            /** Who owns it, where that is not `alerting.team` or the team of the Redis namespace. */
            team: name.optional(),
            ...thresholds,
        })
        .prefault({} as never);
}

/** Thresholds that an instance can have of its own: `redis.<namespace>.instances.<name>.alerts`. */
const redisThresholds = {
    RedisHighMemoryUsage: { share: share(0.9) },
    RedisMemoryForecast: { share: share(0.7) },
    RedisHighConnections: { share: share(0.8), connections: count(1000) },
    RedisReplicationLag: { lag: size("10Mi") },
    RedisRejectedConnections: { connections: count(10) },
    RedisConnectionsExhausted: { perSecond: perSecond(1) },
    RedisEvictions: { keysPerSecond: perSecond(0) },
    RedisMainThreadBusy: { share: share(0.9) },
    RedisSlowCommands: { perSecond: perSecond(0.1) },
    RedisHighLatency: { share: share(0.05) },
    RedisFragmentation: { ratio: count(1.5) },
    RedisBlockedClients: { clients: count(200) },
    RedisKeysLost: { share: share(0.5), keys: count(1000) },
};
export type ThresholdAlert = keyof typeof redisThresholds;

const redis = {
    RedisNamespaceDown: alert("critical", "1m", {}, "restarts"),
    RedisInstanceDown: alert("critical", "1m", {}, "restarts"),
    RedisExporterDown: alert("warning", "5m", {}, "restarts"),
    RedisPodsMissing: alert("warning", "5m", {}, "restarts"),
    RedisMasterDown: alert("critical", "1m", {}, "restarts"),
    RedisHighMemoryUsage: alert("warning", "5m", redisThresholds.RedisHighMemoryUsage, "swings"),
    RedisMemoryForecast: alert("warning", "1h", redisThresholds.RedisMemoryForecast, "swings"),
    RedisHighConnections: alert("warning", "5m", redisThresholds.RedisHighConnections, "swings"),
    RedisSentinelQuorumLost: alert("critical", "1m", {}, "restarts"),
    RedisSentinelsDisagree: alert("critical", "2m"),
    RedisSentinelNotWatching: alert("warning", "5m"),
    RedisReplicaLinkDown: alert("warning", "5m", {}, "restarts"),
    RedisReplicationLag: alert("warning", "2m", redisThresholds.RedisReplicationLag, "swings"),
    RedisReplicasDisconnected: alert("warning", "5m", {}, "restarts"),
    RedisSplitBrain: alert("critical", "2m", {}, "restarts"),
    RedisFailoverHappened: alert("info", "1m", {}, "digest"),
    RedisClusterDown: alert("critical", "1m", {}, "restarts"),
    RedisClusterSlotsNotServed: alert("critical", "1m", {}, "restarts"),
    RedisClusterSlotsFailing: alert("warning", "5m"),
    RedisPersistenceFailing: alert("critical", "5m", {}, "exporterAway"),
    RedisKeysLost: alert("critical", "1m", redisThresholds.RedisKeysLost),
    RedisRejectedConnections: alert(
        "warning",
        "1m",
        redisThresholds.RedisRejectedConnections,
        "swings",
    ),
    RedisConnectionsExhausted: alert(
        "critical",
        "5m",
        redisThresholds.RedisConnectionsExhausted,
        "restarts",
    ),
    RedisEvictions: alert("warning", "10m", redisThresholds.RedisEvictions, "swings"),
    RedisMainThreadBusy: alert("warning", "15m", redisThresholds.RedisMainThreadBusy, "swings"),
    RedisSlowCommands: alert("warning", "10m", redisThresholds.RedisSlowCommands, "swings"),
    RedisHighLatency: alert("warning", "10m", redisThresholds.RedisHighLatency, "swings"),
    RedisFragmentation: alert("warning", "1h", redisThresholds.RedisFragmentation, "swings"),
    RedisBlockedClients: alert("warning", "15m", redisThresholds.RedisBlockedClients, "swings"),
};

const redisOperator = {
    RedisOperatorDown: alert("critical", "5m"),
    RedisOperatorHighReconcileErrors: alert("warning", "10m", {
        errorsPerSecond: perSecond(0.1),
        errorShare: share(0.25),
    }),
    RedisOperatorNoLeader: alert("critical", "5m"),
    RedisOperatorReconcileStuck: alert("warning", "5m", { running: time("15m") }),
    RedisReconcileSkipped: alert("warning", "24h"),
};

const flux = {
    FluxReconciliationFailed: alert("critical", "15m", {}, "stateAway"),
    FluxGitRepositorySyncFailed: alert("warning", "10m", {}, "stateAway"),
    FluxStalled: alert("critical", "5m", {}, "stateAway"),
    FluxSuspended: alert("warning", "3d", {}, "stateAway"),
    FluxReleaseRolledBack: alert("warning", "1m", {}, "stateAway"),
    FluxReconcileOverdue: alert("warning", "5m", {}, "stateAway"),
};

const workloads = {
    NodeDown: alert("critical", "2m", {}, "stateAway"),
    DeploymentNotReady: alert("warning", "15m", {}, "stateAway"),
    PodCrashLooping: alert("warning", "5m", { restarts: count(3) }, "swings"),
    HighMemoryUsage: alert("warning", "10m", { share: share(0.9) }, "swings"),
    HighCPUUsage: alert("warning", "15m", { share: share(0.9) }, "swings"),
    HorizontalPodAutoscalerInactive: alert("warning", "15m", {}, "stateAway"),
};

const elasticsearch = {
    ElasticsearchUnreachable: alert("critical", "5m", {}, "restarts"),
    ElasticsearchRed: alert("critical", "2m", {}, "exporterAway"),
    ElasticsearchYellow: alert("warning", "15m", {}, "exporterAway"),
    ElasticsearchDiskLow: alert("warning", "15m", { share: share(0.85) }, "swings"),
    ElasticsearchDiskFull: alert("critical", "5m", { share: share(0.9) }, "swings"),
    ElasticsearchHeapHigh: alert("warning", "15m", { share: share(0.9) }, "swings"),
    ElasticsearchRejections: alert("warning", "5m", { perSecond: perSecond(0) }, "swings"),
    ElasticsearchIlmFailed: alert("warning", "15m", {}, "exporterAway"),
    ElasticsearchSnapshotFailed: alert("warning", "1m"),
    ElasticsearchSnapshotOld: alert("critical", "15m", { age: time("26h") }, "exporterAway"),
    ElasticsearchSnapshotMissing: alert("critical", "15m", { age: time("26h") }, "exporterAway"),
    ElasticsearchRepositoryLost: alert("critical", "1h", {}, "exporterAway"),
};

const fluentBit = {
    FluentBitRecordsLost: alert("critical", "1m"),
    FluentBitRetryStorm: alert("warning", "15m", { perSecond: perSecond(0) }, "swings"),
    FluentBitBufferNearlyFull: alert("critical", "5m", { share: share(0.8) }, "swings"),
    FluentBitNoOutput: alert("warning", "15m"),
    FluentBitLinesSkipped: alert("warning", "5m", { lines: count(0) }),
};

const jaeger = {
    JaegerSpansRefused: alert("warning", "5m", { perSecond: perSecond(0) }, "swings"),
    JaegerSpansLost: alert("warning", "5m", {}, "swings"),
    JaegerQueueNearlyFull: alert("warning", "5m", { share: share(0.8) }, "swings"),
    JaegerStorageFailing: alert("warning", "10m", { share: share(0.05) }, "swings"),
};

const delivery = {
    FlaggerCanaryFailed: alert("warning", "1m"),
    FlaggerCanaryStuck: alert("warning", "2h"),
    IstioHighErrorRate: alert("warning", "5m", { share: share(0.05) }, "swings"),
    IstioConfigRejected: alert("warning", "10m"),
    ArgocdApplicationOutOfSync: alert("warning", "15m"),
    ArgocdApplicationDegraded: alert("warning", "15m"),
};

const targets = {
    TargetMissing: alert("warning", "10m"),
    ScrapeJobVanished: alert("warning", "10m"),
    FluxStateMissing: alert("warning", "30m"),
};

const applications = {
    ApplicationTooManySamples: alert("warning", "10m", { share: share(0.9) }, "swings"),
    ApplicationObjectiveUnmeasured: alert("warning", "1h"),
};

const autoscaling = {
    AutoscalingUnavailable: alert("warning", "5m", {}, "restarts"),
    AutoscalingErrors: alert("warning", "10m", {}, "restarts"),
    AutoscalingQueueUnknown: alert("warning", "10m"),
};

const probes = {
    ProbeFailed: alert("critical", "5m", {}, "restarts"),
    CertificateExpiring: alert("warning", "1h", { left: time("14d") }),
    CertificateAboutToExpire: alert("critical", "1h", { left: time("2d") }),
};

const slos = {
    // Shares of the error budget that are burned within the time of their names, as in
    // https://sre.google/workbook/alerting-on-slos/#6-multiwindow-multi-burn-rate-alerts.
    // Longer than the short window of 5m: a restart that takes a minute is over before it, and whatever is down pages by
    // its own name.
    ErrorBudgetBurnFast: alert("critical", "6m", {
        shareIn1h: share(0.02),
        shareIn6h: share(0.05),
    }),
    ErrorBudgetBurnSlow: alert("warning", "15m", { shareIn1d: share(0.1), shareIn3d: share(0.1) }),
};

const backups = {
    BackupFailed: alert("warning", "5m", {}, "stateAway"),
    BackupTooOld: alert("critical", "5m", {}, "stateAway"),
    RestoreDrillFailed: alert("critical", "5m", {}, "stateAway"),
    RestoreDrillTooOld: alert("warning", "5m", {}, "stateAway"),
};

export const alertSettings = z
    .strictObject({
        ...redis,
        ...redisOperator,
        ...flux,
        ...workloads,
        ...elasticsearch,
        ...fluentBit,
        ...jaeger,
        ...delivery,
        ...targets,
        ...applications,
        ...autoscaling,
        ...probes,
        ...slos,
        ...backups,
    })
    .prefault({});

/** What an instance may set, all of it optional. */
export const instanceAlerts = z.strictObject(
    Object.fromEntries(
        Object.entries(redisThresholds).map(([name, shape]) => [
            name,
            z
                .strictObject(
                    Object.fromEntries(
                        Object.entries(
                            shape as Readonly<Record<string, z.ZodDefault<z.ZodType>>>,
                        ).map(([key, value]) => [
                            key,
                            value
                                .unwrap()
                                .describe(`Of ${name}, in place of the stack's`)
                                .optional(),
                        ]),
                    ),
                )
                .describe(`Fires when ${FIRES_WHEN[name as ThresholdAlert] ?? ""}`)
                .optional(),
        ]),
    ) as {
        [A in ThresholdAlert]: z.ZodOptional<
            z.ZodObject<{
                [K in keyof (typeof redisThresholds)[A]]: z.ZodOptional<
                    (typeof redisThresholds)[A][K] extends z.ZodDefault<infer I extends z.ZodType>
                        ? I
                        : never
                >;
            }>
        >;
    },
);

export type AlertSettings = z.output<typeof alertSettings>;
export type AlertName = keyof AlertSettings;
export type InstanceAlerts = z.output<typeof instanceAlerts>;
