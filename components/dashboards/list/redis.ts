import { IN_CLUSTER, places, valuesOf } from "../model/variables";
import type { VariableJson } from "../model/types";

/*
 * What the dashboards on Redis share. What an instance is, is known from the series that our rules record of each
 * declared workload: `app` is the operator's name of the workload, of which a cluster or a Sentinel instance has two.
 */

const WORKLOAD = "redis:workload:info";
const HERE = `${IN_CLUSTER}, environment=~"$environment"`;

/** Matchers of recorded series of the chosen instances. */
export const OF_INSTANCE = `${HERE}, namespace=~"$namespace", instance_name=~"$instance"`;
/** Matchers of redis_exporter's series of the chosen workloads. */
export const OF_APP = `${HERE}, namespace=~"$namespace", app=~"$app"`;
/** Matchers of redis_exporter's series of the chosen pods. */
export const OF_POD = `${OF_APP}, pod=~"$pod"`;

/** Namespace, instance and its workloads, whose setup type may be asked for. */
export function redisVariables(setupTypes?: string): VariableJson[] {
    const type = setupTypes ? `, redis_setup_type=~"${setupTypes}"` : "";
    return [
        ...places(WORKLOAD),
        valuesOf({
            name: "namespace",
            label: "Namespace",
            series: `${WORKLOAD}{${HERE}${type}}`,
        }),
        valuesOf({
            name: "instance",
            label: "Redis",
            series: `${WORKLOAD}{${HERE}, namespace=~"$namespace"${type}}`,
            values: "instance_name",
        }),
        {
            ...valuesOf({
                name: "app",
                label: "Workload",
                description:
                    "A cluster has its leaders and followers, an instance with Sentinels these too",
                series: `${WORKLOAD}{${OF_INSTANCE}${type}}`,
            }),
        },
    ];
}

/** The pods of the chosen workloads. */
export const POD_VARIABLE = valuesOf({
    name: "pod",
    label: "Pod",
    series: `redis_up{${OF_APP}}`,
});

/** A metric of each pod once, however many series show it. */
export function perPod(metric: string, more = ""): string {
    return `max by (namespace, app, pod) (${metric}{${OF_POD}${more}})`;
}

/** A rate for each pod. */
export function podRate(metric: string, more = ""): string {
    return `max by (namespace, app, pod) (rate(${metric}{${OF_POD}${more}}[$__rate_interval]))`;
}

/** The highest of many, so that a graph stays readable with All. */
export function top(expression: string, count = 20): string {
    return `topk(${count}, ${expression})`;
}

/** What an alert compares with, for each workload: its instance's own number, or the stack's. */
export function alertThreshold(alert: string, threshold: string): string {
    return `max(redis:alert_threshold:value{${OF_INSTANCE}, alert="${alert}", threshold="${threshold}"})`;
}
