/** A kind of pod that a chart brings, and where in the chart's values stands how much it asks for. */
export interface ChartPods {
    /** The number of pods; one when not given. */
    readonly replicas?: readonly string[];
    /** The resources of each container. Containers that a chart gives none are left out. */
    readonly containers: readonly (readonly string[])[];
    /** The size of each pod's volume. */
    readonly disk?: readonly string[];
    /** One on each node. */
    readonly perNode?: boolean;
}

const PROMETHEUS = ["prometheus", "prometheusSpec"];
const ALERTMANAGER = ["alertmanager", "alertmanagerSpec"];
const RELOADER = ["prometheusOperator", "prometheusConfigReloader", "resources"];
const CLAIM = ["volumeClaimTemplate", "spec", "resources", "requests", "storage"];

/** The pods of each chart that we install, by the chart's name. */
export const CHART_PODS: Readonly<Record<string, readonly ChartPods[]>> = {
    "kube-prometheus-stack": [
        {
            replicas: [...PROMETHEUS, "replicas"],
            containers: [[...PROMETHEUS, "resources"], RELOADER],
            disk: [...PROMETHEUS, "storageSpec", ...CLAIM],
        },
        {
            replicas: [...ALERTMANAGER, "replicas"],
            containers: [[...ALERTMANAGER, "resources"], RELOADER],
            disk: [...ALERTMANAGER, "storage", ...CLAIM],
        },
        { containers: [["prometheusOperator", "resources"]] },
        { containers: [["grafana", "resources"]], disk: ["grafana", "persistence", "size"] },
        { containers: [["kube-state-metrics", "resources"]] },
        { containers: [["prometheus-node-exporter", "resources"]], perNode: true },
    ],
    "eck-operator": [{ containers: [["resources"]] }],
    "redis-operator": [{ replicas: ["replicas"], containers: [["resources"]] }],
    "prometheus-elasticsearch-exporter": [{ containers: [["resources"]] }],
    keda: [
        { replicas: ["operator", "replicaCount"], containers: [["resources", "operator"]] },
        {
            replicas: ["metricsServer", "replicaCount"],
            containers: [["resources", "metricServer"]],
        },
    ],
    "prometheus-adapter": [{ replicas: ["replicas"], containers: [["resources"]] }],
    "fluent-bit": [{ containers: [["resources"]], perNode: true }],
};
