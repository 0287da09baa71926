/** Where the Redis instances of tests and pictures are, and what their series have. */
export const NAMESPACE = "shop";
export const ENVIRONMENT = "staging";

const SETUP_TYPES: Readonly<Record<string, string>> = {
    cache: "standalone",
    orders: "replication",
    // A RedisReplication, beside which a RedisSentinel stands.
    sessions: "replication",
    "sessions-sentinel": "sentinel",
    "carts-leader": "cluster",
    "carts-follower": "cluster",
};

/** The labels of a pod's target, as our ServiceMonitors and the Prometheus Operator set them. */
export function target(app: string, index: number): Record<string, string> {
    return {
        namespace: NAMESPACE,
        pod: `${app}-${index}`,
        app,
        redis_setup_type: SETUP_TYPES[app] ?? "",
        environment: ENVIRONMENT,
        job: `${app}-metrics`,
        service: `${app}-metrics`,
        container: "redis-exporter",
        endpoint: "redis-exporter",
        instance: `${app}-${index}:9121`,
    };
}
