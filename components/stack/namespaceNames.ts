import { z } from "zod";

import { namespace } from "../settings/scalars";

/** The namespaces of the platform, where nothing else is said. Redis instances live in namespaces of the configuration beside them. */
export const NAMESPACES = {
    monitoring: "monitoring",
    nodeExporter: "node-exporter",
    redisOperator: "redis-operator-system",
    elasticOperator: "elastic-system",
    logging: "logging",
    tracing: "tracing",
    autoscaling: "autoscaling",
} as const;

const called = (what: string, key: keyof typeof NAMESPACES) =>
    namespace.describe(`Of ${what}`).default(NAMESPACES[key]);

export const namespaceNames = z
    .strictObject({
        monitoring: called("Prometheus, Alertmanager and Grafana", "monitoring"),
        nodeExporter: called("node-exporter, which is privileged", "nodeExporter"),
        redisOperator: called("the Redis operator", "redisOperator"),
        elasticOperator: called("the operator of Elasticsearch", "elasticOperator"),
        logging: called("Elasticsearch, Kibana and Fluent Bit, which is privileged", "logging"),
        tracing: called("Jaeger", "tracing"),
        autoscaling: called("KEDA or prometheus-adapter", "autoscaling"),
    })
    .describe(
        "Names of the namespaces that the stack makes. To rename one is to make everything in it anew, [without its volumes](changes.md)",
    )
    .prefault({});

export type NamespaceNames = Readonly<Record<keyof typeof NAMESPACES, string>>;

/** Those that every cluster has. */
const KUBERNETES: readonly string[] = ["default", "kube-system", "kube-public", "kube-node-lease"];

export function isOfKubernetes(each: string): boolean {
    return KUBERNETES.includes(each) || each.startsWith("kube-");
}

/** Whether a namespace can hold neither a stack's Redis instances nor a tenant's. */
export function isReserved(each: string, ours: NamespaceNames): boolean {
    return Object.values(ours).includes(each) || isOfKubernetes(each);
}

/** What may stand where a namespace of Redis instances is named, whoever's they are. */
export function notReserved(ours: NamespaceNames): string {
    return `a namespace that is neither one of ours nor of Kubernetes (${[...Object.values(ours), ...KUBERNETES].join(", ")}, or any that begins with kube-)`;
}
