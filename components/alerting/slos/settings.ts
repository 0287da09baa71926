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

const objective = {
    error: "allowed: percent above 0 and below 100, such as 99.9: at 100 nothing may ever fail, and there is no error budget",
};

/** A service level objective. */
export const slo = z.strictObject({
    /** What is measured, where that is not the objective's name. */
    sli: z.enum(INDICATORS).optional(),
    /** Percent that must be good. */
    objective: z.number(objective).gt(0, objective).lt(100, objective),
    /** The time over which; the error budget is what may be bad in it. */
    window: duration.default("30d"),
    /** Of a Redis indicator: the namespaces that it is for; when not given, all of the stack. */
    namespaces: z.array(name).min(1).optional(),
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
