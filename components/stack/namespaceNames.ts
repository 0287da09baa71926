/** The namespaces of the platform. Redis instances live in namespaces of the configuration beside them. */
export const NAMESPACES = {
    monitoring: "monitoring",
    nodeExporter: "node-exporter",
    redisOperator: "redis-operator-system",
    elasticOperator: "elastic-system",
    logging: "logging",
    tracing: "tracing",
    autoscaling: "autoscaling",
} as const;

/** Names of ours, and those that every cluster has. */
const RESERVED: readonly string[] = [
    ...Object.values(NAMESPACES),
    "default",
    "kube-system",
    "kube-public",
    "kube-node-lease",
];

/** Whether a namespace can hold neither a stack's Redis instances nor a tenant's. */
export function isReserved(namespace: string): boolean {
    return RESERVED.includes(namespace) || namespace.startsWith("kube-");
}

/** What may stand where a namespace of Redis instances is named, whoever's they are. */
export const NOT_RESERVED = `a namespace that is neither one of ours nor of Kubernetes (${RESERVED.join(", ")}, or any that begins with kube-)`;
