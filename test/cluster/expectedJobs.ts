import { valueAt } from "../../lab/program/objects";
import type { Settings } from "../../lab/program/stackFile";

/** Scrape jobs of what every platform has. */
const PLATFORM = [
    "podMonitor/redis-operator-system/redis-operator/0",
    "probe/monitoring/server.elasticsearch",
    "serviceMonitor/logging/elasticsearch-exporter/0",
    "serviceMonitor/logging/fluent-bit/0",
    "serviceMonitor/node-exporter/kube-prometheus-stack-prometheus-node-exporter/0",
    "serviceMonitor/tracing/jaeger-collector/0",
    "serviceMonitor/tracing/jaeger-query/0",
    "serviceMonitor/tracing/jaeger-spans/0",
];

/** Endpoints of the monitors that kube-prometheus-stack brings, by their names after the release's. */
const CHART: Readonly<Record<string, number>> = {
    "monitoring/kube-prometheus-stack-alertmanager": 2,
    "monitoring/kube-prometheus-stack-apiserver": 1,
    "monitoring/kube-prometheus-stack-coredns": 1,
    "monitoring/kube-prometheus-stack-grafana": 1,
    "monitoring/kube-prometheus-stack-kube-state-metrics": 1,
    "monitoring/kube-prometheus-stack-kubelet": 3,
    "monitoring/kube-prometheus-stack-operator": 1,
    "monitoring/kube-prometheus-stack-prometheus": 2,
};

/**
 * The scrape jobs that Prometheus must have: those of the platform, of the chart when it is installed, and one for each
 * Redis of the stacks' settings.
 */
export function expectedJobs(settings: readonly Settings[], withChart: boolean): string[] {
    const chart = Object.entries(withChart ? CHART : {}).flatMap(([monitor, endpoints]) =>
        Array.from({ length: endpoints }, (_, i) => `serviceMonitor/${monitor}/${i}`),
    );
    const redis = settings.flatMap((each) =>
        Object.entries(each.redis as Settings).flatMap(([namespace, value]) =>
            Object.keys(valueAt(value, "instances") as Settings).map(
                (instance) => `serviceMonitor/${namespace}/${instance}/0`,
            ),
        ),
    );
    return [...PLATFORM, ...chart, ...redis].sort();
}
