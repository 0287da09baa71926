import {
    KubernetesObject,
    Labels,
    listAt,
    ofKind,
    textAt,
    valueAt,
} from "../../lab/program/objects";
import type { ProgramRun } from "../../lab/program/program";
import { operatorWorkloads } from "../../lab/redisServices";
import type { Pod } from "./selectors";

const NAME = "app.kubernetes.io/name";
const INSTANCE = "app.kubernetes.io/instance";

function chartPod(namespace: string, name: string, instance: string): Pod {
    return { namespace, labels: { [NAME]: name, [INSTANCE]: instance } };
}

/** Pods of the charts and operators, with the labels that they carry (rendered from the pinned versions). */
export const PODS = {
    prometheus: {
        namespace: "monitoring",
        labels: {
            [NAME]: "prometheus",
            [INSTANCE]: "kube-prometheus-stack-prometheus",
            "operator.prometheus.io/name": "kube-prometheus-stack-prometheus",
            prometheus: "kube-prometheus-stack-prometheus",
        },
    },
    alertmanager: {
        namespace: "monitoring",
        labels: {
            [NAME]: "alertmanager",
            [INSTANCE]: "kube-prometheus-stack-alertmanager",
            alertmanager: "kube-prometheus-stack-alertmanager",
        },
    },
    grafana: chartPod("monitoring", "grafana", "kube-prometheus-stack"),
    stateMetrics: chartPod("monitoring", "kube-state-metrics", "kube-prometheus-stack"),
    prometheusOperator: {
        namespace: "monitoring",
        labels: { app: "kube-prometheus-stack-operator", release: "kube-prometheus-stack" },
    },
    redisOperator: { namespace: "redis-operator-system", labels: { name: "redis-operator" } },
    elasticOperator: chartPod("elastic-system", "elastic-operator", "elastic-operator"),
    elasticsearch: {
        namespace: "logging",
        labels: { "elasticsearch.k8s.elastic.co/cluster-name": "elasticsearch" },
    },
    kibana: { namespace: "logging", labels: { "kibana.k8s.elastic.co/name": "kibana" } },
    fluentBit: chartPod("logging", "fluent-bit", "fluent-bit"),
    elasticsearchExporter: chartPod(
        "logging",
        "prometheus-elasticsearch-exporter",
        "elasticsearch-exporter",
    ),
    setup: {
        namespace: "logging",
        labels: {
            "app.kubernetes.io/name": "elasticsearch-setup",
            "app.kubernetes.io/component": "setup",
        },
    },
    application: { namespace: "shop", labels: { app: "web" } },
} as const satisfies Record<string, Pod>;

/** What a monitor of a chart's pods must lead to: those pods, by a port's name. */
export const CHART_TARGETS = {
    "fluent-bit": { pod: PODS.fluentBit, ports: { http: 2020 } },
    "elasticsearch-exporter": { pod: PODS.elasticsearchExporter, ports: { http: 9108 } },
    "redis-operator": { pod: PODS.redisOperator, ports: { metrics: 8080 } },
} as const satisfies Record<string, { pod: Pod; ports: Readonly<Record<string, number>> }>;

/** Services with two monitors: the second one has another name. */
const SERVICE_OF: Readonly<Record<string, string>> = { "jaeger-spans": "jaeger-collector" };

export interface Target {
    readonly pod: Pod;
    /** Labels of what the monitor selects: the Service, or the pod itself for a PodMonitor. */
    readonly selected: Labels;
    /** Port numbers by name. */
    readonly ports: Readonly<Record<string, number>>;
}

/** What a monitor should scrape: pods of a chart, of the Redis of its name, or behind a Service of ours. */
export function targets(run: ProgramRun, monitor: KubernetesObject): Target[] {
    const chart = Object.entries(CHART_TARGETS).find(([name]) => name === monitor.name)?.[1];
    if (chart) {
        // The charts give their Services the labels of their pods.
        return [{ ...chart, selected: chart.pod.labels }];
    }
    const redis = ofKind(run, "Redis", "RedisReplication", "RedisSentinel", "RedisCluster").filter(
        ({ name, namespace }) => name === monitor.name && namespace === monitor.namespace,
    );
    if (redis.length > 0) {
        return redis.flatMap(({ kind, name, namespace = "" }) =>
            operatorWorkloads(kind, name).map((app) => ({
                pod: { namespace, labels: { app, redis_setup_type: kind } },
                selected: { app, "app.kubernetes.io/component": "metrics" },
                ports: { "redis-exporter": 9121 },
            })),
        );
    }
    const service = SERVICE_OF[monitor.name] ?? monitor.name;
    return ofKind(run, "Service")
        .filter(({ name, namespace }) => name === service && namespace === monitor.namespace)
        .map(({ namespace = "", labels, manifest }) => ({
            pod: { namespace, labels: valueAt(manifest, "spec", "selector") as Labels },
            selected: labels,
            ports: containerPorts(run, textAt(manifest, "metadata", "name")),
        }));
}

/** Ports of the containers of a Deployment, by name. */
function containerPorts(run: ProgramRun, deployment: string): Record<string, number> {
    const containers = ofKind(run, "Deployment")
        .filter(({ name }) => name === deployment)
        .flatMap(({ manifest }) => listAt(manifest, "spec", "template", "spec", "containers"));
    const ports = (containers as { ports: { name: string; containerPort: number }[] }[]).flatMap(
        (container) => container.ports,
    );
    return Object.fromEntries(ports.map(({ name, containerPort }) => [name, containerPort]));
}
