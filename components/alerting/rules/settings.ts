import { z } from "zod";

import { duration, name, quantity } from "../../settings/scalars";
import { SEVERITIES, Severity } from "../severity";

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
const size = (value: string) => quantity.default(value);
const time = (value: string) => duration.default(value);

function alert<T extends z.ZodRawShape = Record<never, never>>(
    severity: Severity,
    hold: string,
    thresholds: T = {} as T,
) {
    return z
        .strictObject({
            enabled: z.boolean().default(true),
            severity: z.enum(SEVERITIES).default(severity),
            for: duration.default(hold),
            /** Who owns it, where that is not `alerting.team` or the team of the Redis namespace. */
            team: name.optional(),
            ...thresholds,
        })
        .prefault({} as never);
}

const redis = {
    RedisInstanceDown: alert("critical", "1m"),
    RedisExporterDown: alert("warning", "5m"),
    RedisPodsMissing: alert("warning", "5m"),
    RedisMasterDown: alert("critical", "1m"),
    RedisHighMemoryUsage: alert("warning", "5m", { share: share(0.9) }),
    RedisHighConnections: alert("warning", "5m", {
        share: share(0.8),
        connections: count(1000),
    }),
    RedisSentinelQuorumLost: alert("critical", "1m"),
    RedisSentinelsDisagree: alert("critical", "2m"),
    RedisSentinelNotWatching: alert("warning", "5m"),
    RedisReplicaLinkDown: alert("warning", "2m"),
    RedisReplicationLag: alert("warning", "2m", { lag: size("10Mi") }),
    RedisReplicasDisconnected: alert("warning", "5m"),
    RedisSplitBrain: alert("critical", "2m"),
    RedisFailoverHappened: alert("info", "1m"),
    RedisClusterDown: alert("critical", "1m"),
    RedisClusterSlotsNotServed: alert("critical", "1m"),
    RedisPersistenceFailing: alert("critical", "5m"),
    RedisRejectedConnections: alert("critical", "1m", { connections: count(0) }),
    RedisEvictions: alert("warning", "10m", { keysPerSecond: perSecond(0) }),
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
    FluxReconciliationFailed: alert("critical", "15m"),
    FluxGitRepositorySyncFailed: alert("warning", "10m"),
};

const workloads = {
    DeploymentNotReady: alert("warning", "15m"),
    PodCrashLooping: alert("warning", "5m", { restarts: count(3) }),
    HighMemoryUsage: alert("warning", "10m", { share: share(0.9) }),
    HighCPUUsage: alert("warning", "15m", { share: share(0.9) }),
    HorizontalPodAutoscalerInactive: alert("warning", "15m"),
};

const elasticsearch = {
    ElasticsearchUnreachable: alert("critical", "5m"),
    ElasticsearchRed: alert("critical", "2m"),
    ElasticsearchYellow: alert("warning", "15m"),
    ElasticsearchDiskLow: alert("warning", "15m", { share: share(0.85) }),
    ElasticsearchDiskFull: alert("critical", "5m", { share: share(0.9) }),
    ElasticsearchHeapHigh: alert("warning", "15m", { share: share(0.9) }),
    ElasticsearchRejections: alert("warning", "5m", { perSecond: perSecond(0) }),
    ElasticsearchIlmFailed: alert("warning", "15m"),
    ElasticsearchSnapshotFailed: alert("warning", "1m"),
    ElasticsearchSnapshotOld: alert("critical", "15m", { age: time("26h") }),
};

const fluentBit = {
    FluentBitRecordsLost: alert("critical", "1m"),
    FluentBitRetryStorm: alert("warning", "15m", { perSecond: perSecond(0) }),
    FluentBitBufferNearlyFull: alert("critical", "5m", { share: share(0.8) }),
    FluentBitNoOutput: alert("warning", "15m"),
    FluentBitLinesSkipped: alert("warning", "5m", { lines: count(0) }),
};

const jaeger = {
    JaegerSpansRefused: alert("warning", "5m", { perSecond: perSecond(0) }),
    JaegerSpansLost: alert("warning", "5m"),
    JaegerQueueNearlyFull: alert("warning", "5m", { share: share(0.8) }),
    JaegerStorageFailing: alert("warning", "10m", { share: share(0.05) }),
};

const delivery = {
    FlaggerCanaryFailed: alert("warning", "1m"),
    FlaggerCanaryStuck: alert("warning", "2h"),
    IstioHighErrorRate: alert("warning", "5m", { share: share(0.05) }),
    IstioConfigRejected: alert("warning", "10m"),
};

const targets = {
    TargetMissing: alert("warning", "10m"),
    ScrapeJobVanished: alert("warning", "10m"),
    FluxStateMissing: alert("warning", "30m"),
};

const slos = {
    // Shares of the error budget that are burned within the time of their names, as in
    // https://sre.google/workbook/alerting-on-slos/#6-multiwindow-multi-burn-rate-alerts.
    ErrorBudgetBurnFast: alert("critical", "2m", {
        shareIn1h: share(0.02),
        shareIn6h: share(0.05),
    }),
    ErrorBudgetBurnSlow: alert("warning", "15m", { shareIn1d: share(0.1), shareIn3d: share(0.1) }),
};

const backups = {
    BackupFailed: alert("warning", "5m"),
    BackupTooOld: alert("critical", "5m"),
    RestoreDrillFailed: alert("critical", "5m"),
    RestoreDrillTooOld: alert("warning", "5m"),
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
        ...slos,
        ...backups,
    })
    .prefault({});

export type AlertSettings = z.output<typeof alertSettings>;
export type AlertName = keyof AlertSettings;
