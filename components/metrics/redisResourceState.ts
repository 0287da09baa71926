import type { ResourceState } from "./resourceState";

const GROUP = "redis.redis.opstreelabs.in";

/**
 * The kinds of which the Redis operator exports nothing, and whose status is empty: `redis_resource_info` has the image
 * that is wanted and whether an annotation keeps the operator off, `redis_resource_size` how many Sentinels are wanted
 * (a `Redis` is one pod, always). Namespace and name are labels as the operator's own metrics have them.
 */
export const REDIS_RESOURCE_STATE: ResourceState = {
    reads: [{ group: GROUP, resources: ["redis", "redissentinels"] }],
    kinds: [
        state("Redis", []),
        state("RedisSentinel", [
            {
                name: "size",
                help: "Pods that a RedisSentinel asks for",
                each: {
                    type: "Gauge",
                    gauge: { path: ["spec"], valueFrom: ["clusterSize"] },
                },
            },
        ]),
    ],
};

function state(kind: string, others: readonly object[]): object {
    const info = {
        name: "info",
        // Kinds with the same help text are taken for one family, of which only the first is exposed.
        help: `What a ${kind} asks for`,
        each: {
            type: "Info",
            info: { labelsFromPath: { instance: ["metadata", "name"] } },
        },
        labelsFromPath: {
            skipped: [
                "metadata",
                "annotations",
                `${kind.toLowerCase()}.opstreelabs.in/skip-reconcile`,
            ],
        },
    };
    return {
        groupVersionKind: { group: GROUP, version: "v1beta2", kind },
        metricNamePrefix: "redis_resource",
        labelsFromPath: {
            namespace: ["metadata", "namespace"],
            instance: ["metadata", "name"],
            image: ["spec", "kubernetesConfig", "image"],
        },
        metrics: [info, ...others],
    };
}
