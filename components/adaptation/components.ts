import type { Labels } from "../kubernetes/labels";

/** What `scheduling` and `resources` name: each a kind of pod, made directly, by a chart or by an operator. */
export const COMPONENTS = [
    "prometheusOperator",
    "prometheus",
    "alertmanager",
    "grafana",
    "kubeStateMetrics",
    "nodeExporter",
    "notificationRelay",
    "blackboxExporter",
    "loginProxy",
    "backup",
    "redisOperator",
    "redis",
    "redisJobs",
    "redisExporters",
    "elasticOperator",
    "elasticsearch",
    "elasticsearchSetup",
    "elasticsearchExporter",
    "kibana",
    "fluentBit",
    "fluentBitEvents",
    "jaegerCollector",
    "jaegerQuery",
    "jaegerJobs",
    "keda",
    "prometheusAdapter",
] as const;

export type Component = (typeof COMPONENTS)[number];

/** One on each node: what `scheduling.default` says of nodes would leave the others without. */
export const ON_EVERY_NODE: readonly Component[] = ["fluentBit", "nodeExporter"];

/** By the labels `app.kubernetes.io/name` and `component` of their pods; any name where there is none. */
const OWN_PODS: readonly (readonly [component: Component, role: string, name?: string])[] = [
    ["notificationRelay", "alerting", "notification-relay"],
    ["blackboxExporter", "probes", "blackbox-exporter"],
    ["loginProxy", "login"],
    ["jaegerCollector", "collector", "jaeger"],
    ["jaegerQuery", "query", "jaeger"],
    ["jaegerJobs", "index-cleaner", "jaeger"],
    ["jaegerJobs", "service-graph", "jaeger"],
    ["elasticsearchSetup", "setup", "elasticsearch-setup"],
    ["redisJobs", "reload", "redis"],
    ["redisExporters", "exporter", "redis-exporter"],
    ["backup", "backup"],
    ["backup", "drill"],
    ["backup", "restore"],
];

/** The component of pods that this program makes itself. Throws when none of them has these labels. */
export function componentOf(podLabels: Labels): Component {
    const found = OWN_PODS.find(
        ([, role, name]) =>
            podLabels["app.kubernetes.io/component"] === role &&
            (name === undefined || podLabels["app.kubernetes.io/name"] === name),
    );
    if (!found) {
        throw new Error(
            `pods with the labels ${JSON.stringify(podLabels)} are of no component: add them to components/adaptation/components.ts`,
        );
    }
    return found[0];
}
