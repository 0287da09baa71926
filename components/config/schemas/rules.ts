import { z } from "zod";

import { SEVERITIES, Severity } from "../../common/severity";
import { duration, name } from "./scalars";

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
};

const redisOperator = {
    RedisOperatorDown: alert("critical", "5m"),
    RedisOperatorHighReconcileErrors: alert("warning", "10m", {
        errorsPerSecond: perSecond(0.1),
        errorShare: share(0.25),
    }),
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
};

export const alertSettings = z
    .strictObject({ ...redis, ...redisOperator, ...flux, ...workloads })
    .prefault({});

export type AlertSettings = z.output<typeof alertSettings>;
export type AlertName = keyof AlertSettings;
