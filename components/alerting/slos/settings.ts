import { z } from "zod";

import { duration, name } from "../../settings/scalars";

/** What can have an objective; components/alerting/slos/indicators.ts says how each is measured. */
export const INDICATORS = [
    "redis-availability",
    "redis-commands",
    "redis-latency",
    "elasticsearch-availability",
    "log-delivery",
    "trace-delivery",
] as const;
export type IndicatorName = (typeof INDICATORS)[number];
/** Of the Redis instances of a stack; the others are the platform's, which the owner of a cluster has. */
export type RedisIndicatorName = Extract<IndicatorName, `redis-${string}`>;
export type PlatformIndicatorName = Exclude<IndicatorName, RedisIndicatorName>;

const PERCENT = {
    error: "allowed: percent above 0 and below 100, such as 99.9: at 100 nothing may ever fail, and there is no error budget",
};

/** Percent that must be good. */
export const objective = z
    .number(PERCENT)
    .gt(0, PERCENT)
    .lt(100, PERCENT)
    .meta({ kind: "percent, above 0 and below 100" });

export const objectiveWindow = duration
    .describe("The time over which; above 3d, at most `retention.metrics`")
    .default("30d");

/** A service level objective. */
export const slo = z.strictObject({
    sli: z
        .enum(INDICATORS)
        .meta({ otherwise: "the objective's name" })
        .describe("What is measured")
        .optional(),
    objective: objective.describe("How much must be good"),
    window: objectiveWindow,
    namespaces: z
        .array(name)
        .min(1)
        .meta({ otherwise: "every namespace of `redis`" })
        .describe("Of a Redis `sli`: the namespaces that it is for")
        .optional(),
});

export type SloSettings = z.output<typeof slo>;

/** What an objective measures; undefined when neither `sli` nor its name says it. */
export function indicatorName(key: string, { sli }: SloSettings): IndicatorName | undefined {
    return sli ?? INDICATORS.find((each) => each === key);
}

export function isRedisIndicator(
    indicator: IndicatorName | undefined,
): indicator is RedisIndicatorName {
    return indicator?.startsWith("redis-") ?? false;
}
