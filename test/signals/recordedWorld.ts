import { ENVIRONMENT, TEAM } from "./alertCase";
import { NAMESPACE, target } from "./redisWorld";
import { Phase, Series, series, Value } from "./timeline";

/* What rules record of a Redis, beside what is not it: of its name, of its namespace, and of another stack. */

export type History = Value | readonly Phase[];
export type Labels = Readonly<Record<string, string>>;

export const ELSEWHERE = "elsewhere";

/** Labels of what is recorded for a workload of one name. */
export const owned = (app: string, namespace = NAMESPACE): Labels => ({
    ...{ namespace, app, instance_name: app },
    ...{ environment: ENVIRONMENT, team: TEAM },
});
export const ownedPod = (app: string, namespace = NAMESPACE): Labels => ({
    ...owned(app, namespace),
    pod: `${app}-0`,
});
export const info = (app: string, namespace = NAMESPACE): Series =>
    series("redis:workload:info", { ...owned(app, namespace), redis_setup_type: "standalone" }, 1);
/** `cache`, with one of its name and one of its namespace. */
export const INFOS = [info("cache"), info("cache", ELSEWHERE), info("orders")];

/** A threshold of `cache`, and others that are not: of its name, of its namespace, and of another meaning. */
export function thresholds(alert: string, threshold: string, value: History): Series[] {
    const of = (labels: Labels, name: string, limit: History): Series =>
        series(
            "redis:alert_threshold:value",
            { ...labels, redis_setup_type: "standalone", alert: name, threshold },
            limit,
        );
    return [
        of(owned("cache"), alert, value),
        of(owned("cache", ELSEWHERE), alert, value),
        of(owned("orders"), alert, value),
        of(owned("cache"), `Not${alert}`, 1e9),
        series(
            "redis:alert_threshold:value",
            {
                ...{ ...owned("cache"), redis_setup_type: "standalone", alert },
                threshold: `not-${threshold}`,
            },
            1e9,
        ),
    ];
}

/** An alert that is the cause of others, in what Prometheus keeps of it. */
export const cause = (alertname: string, labels: Labels, over: History = 1): Series =>
    series("ALERTS", { alertname, alertstate: "firing", ...labels }, over);
/** Its last sample is at 19 minutes and a half; 15 minutes later, at 34 and a half, it counts no more. */
export const UNTIL_20: readonly Phase[] = [
    ["20m", 1],
    ["4h", "gone"],
];

/** Two series of `cache-0`: what it shows now, and what stays of its old address. */
export function twoAddresses(
    metric: string,
    now: History,
    before: History,
    more: Labels = {},
): Series[] {
    return [
        series(metric, { ...target("cache", 0), ...more }, now),
        series(metric, { ...target("cache", 0), ...more, instance: "old:9121" }, before),
    ];
}
export const climb = (perMinute: number): Value => ({ from: 0, perMinute });
