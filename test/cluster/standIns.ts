import { CHART_TARGETS, PODS } from "../support/pods";
import { valueAt } from "../support/objects";
import type { Pod } from "../support/selectors";
import type { LiveObject } from "./kubeClient";
import type { ReleaseInputs } from "./releases";

/** What a chart would make and others refer to, where the chart itself is not at hand. */
export function standIn({ name, chart, namespace, values }: ReleaseInputs): LiveObject[] {
    switch (chart.split("/").at(-1)) {
        case "kube-prometheus-stack":
            return [
                prometheus(namespace, valueAt(values, "prometheus", "prometheusSpec")),
                alertmanager(namespace, valueAt(values, "alertmanager", "alertmanagerSpec")),
                ...workload("grafana", PODS.grafana, { grafana: 3000 }),
                ...workload("kube-state-metrics", PODS.stateMetrics, { http: 8080 }),
                ...workload(`${name}-operator`, PODS.prometheusOperator, { https: 10250 }),
            ];
        case "eck-operator":
            return workload(name, PODS.elasticOperator, { "https-webhook": 9443 });
        case "redis-operator":
            return workload(name, PODS.redisOperator, CHART_TARGETS["redis-operator"].ports);
        case "fluent-bit":
            return workload(name, PODS.fluentBit, CHART_TARGETS["fluent-bit"].ports);
        case "prometheus-elasticsearch-exporter":
            return workload(
                "elasticsearch-exporter-prometheus-elasticsearch-exporter",
                PODS.elasticsearchExporter,
                CHART_TARGETS["elasticsearch-exporter"].ports,
            );
        default:
            return [];
    }
}

/** The chart turns `...NilUsesHelmValues: false` into selectors that take everything. */
function prometheus(namespace: string, spec: unknown): LiveObject {
    const given = spec as Readonly<Record<string, unknown>>;
    const selectors = ["serviceMonitor", "podMonitor", "probe", "rule", "scrapeConfig"].flatMap(
        (each) =>
            given[`${each}SelectorNilUsesHelmValues`] === false
                ? [
                      [`${each}Selector`, {}],
                      [`${each}NamespaceSelector`, {}],
                  ]
                : [],
    );
    const { scrapeInterval, evaluationInterval, externalLabels, retention, resources } = given;
    return {
        apiVersion: "monitoring.coreos.com/v1",
        kind: "Prometheus",
        metadata: { name: "kube-prometheus-stack-prometheus", namespace },
        spec: {
            ...{ scrapeInterval, evaluationInterval, externalLabels, retention, resources },
            replicas: given.replicas,
            image: "quay.io/prometheus/prometheus:v3.14.0",
            version: "v3.14.0",
            securityContext: NOBODY,
            storage: given.storageSpec,
            ...(Object.fromEntries(selectors) as object),
        },
    };
}

function alertmanager(namespace: string, spec: unknown): LiveObject {
    const { replicas, configSecret, secrets, resources, storage } = spec as Readonly<
        Record<string, unknown>
    >;
    return {
        apiVersion: "monitoring.coreos.com/v1",
        kind: "Alertmanager",
        metadata: { name: "kube-prometheus-stack-alertmanager", namespace },
        spec: {
            ...{ replicas, configSecret, secrets, resources, storage },
            image: "quay.io/prometheus/alertmanager:v0.34.0",
            version: "v0.34.0",
            securityContext: NOBODY,
        },
    };
}

const NOBODY = {
    runAsUser: 1000,
    runAsNonRoot: true,
    runAsGroup: 2000,
    fsGroup: 2000,
    seccompProfile: { type: "RuntimeDefault" },
};

/** Pods with the labels and ports that the chart gives them, and a Service before them. */
function workload(name: string, pod: Pod, ports: Readonly<Record<string, number>>): LiveObject[] {
    const metadata = { name, namespace: pod.namespace, labels: pod.labels };
    const entries = Object.entries(ports);
    return [
        {
            apiVersion: "apps/v1",
            kind: "Deployment",
            metadata,
            spec: {
                selector: { matchLabels: pod.labels },
                template: {
                    metadata: { labels: pod.labels },
                    spec: {
                        securityContext: NOBODY,
                        containers: [
                            {
                                name,
                                image: `stand-in/${name}:1`,
                                ports: entries.map(([port, containerPort]) => ({
                                    name: port,
                                    containerPort,
                                })),
                                securityContext: {
                                    allowPrivilegeEscalation: false,
                                    capabilities: { drop: ["ALL"] },
                                },
                            },
                        ],
                    },
                },
            },
        },
        {
            apiVersion: "v1",
            kind: "Service",
            metadata,
            spec: {
                selector: pod.labels,
                ports: entries.map(([port, number]) => ({
                    name: port,
                    port: number,
                    targetPort: port,
                })),
            },
        },
    ];
}
