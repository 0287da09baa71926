/** The namespaces of the platform. Redis instances live in namespaces of the configuration beside them. */
export const NAMESPACES = {
    monitoring: "monitoring",
    nodeExporter: "node-exporter",
    redisOperator: "redis-operator-system",
    elasticOperator: "elastic-system",
    logging: "logging",
    tracing: "tracing",
} as const;

/** Names that a Redis namespace may not have: ours, and those that every cluster has. */
export const RESERVED_NAMESPACES: readonly string[] = [
    ...Object.values(NAMESPACES),
    "default",
    "kube-system",
    "kube-public",
    "kube-node-lease",
];
