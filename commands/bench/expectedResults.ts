import type { RedisPod } from "./redisPopulation";
import type { Series } from "./ruleSeries";

/** How many series each record of a population in health has; `pods` are of instances, one workload for each `app`. */
export function expectedResults(pods: readonly RedisPod[], instances: number): Map<string, number> {
    const workloads = (wanted: (pod: RedisPod) => boolean) =>
        new Set(pods.filter(wanted).map(({ namespace, app }) => `${namespace}/${app}`)).size;
    const serving = workloads(({ setupType }) => setupType !== "sentinel");
    const masters = pods.filter(({ dump }) => dump === "cluster-leader").length;
    const clustered = workloads(({ setupType }) => setupType === "cluster");
    return new Map([
        ["redis:declared_pods", workloads(() => true)],
        ["redis:workload:info", workloads(() => true)],
        ["redis:pods_answering:count", workloads(() => true)],
        ["redis:masters:count", workloads(({ setupType }) => setupType === "replication")],
        ["redis:instance_available:bool", instances],
        ["redis:commands_timed:rate5m", serving],
        ["redis:commands_fast:rate5m", serving],
        // Of a cluster each master, of the others the fullest pod.
        ["redis:keys:count", serving - clustered + masters],
    ]);
}

/** What is recorded otherwise than the population says, a line each. */
export function wrongResults(
    recorded: readonly Series[],
    expected: ReadonlyMap<string, number>,
): string[] {
    return [...expected].flatMap(([name, wanted]) => {
        const got = recorded.filter((each) => each.name === name).length;
        return got === wanted ? [] : [`${name}: ${got} series, and the population has ${wanted}`];
    });
}
