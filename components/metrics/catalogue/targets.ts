/** What a scrape adds to the series of an exposer: the labels of its target. */
export interface ScrapeTarget {
    /** Values of `job` that its targets have. */
    readonly job: RegExp;
    readonly labels: readonly string[];
    /** The monitor keeps labels of the exposer that the target has too; else they become `exported_<label>`. */
    readonly honorLabels: boolean;
}

const ALL = ["job", "instance", "namespace", "endpoint"] as const;
/** A pod behind a ServiceMonitor, https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.ServiceMonitor. */
const OF_A_SERVICE = [...ALL, "service", "pod", "container"] as const;
const OF_A_POD = [...ALL, "pod", "container"] as const;
/** The relabelling of components/kubernetes/monitors.ts. */
const OURS = "environment";

const target = (
    job: RegExp | string,
    labels: readonly string[],
    honorLabels = false,
): ScrapeTarget => ({
    job: typeof job === "string" ? new RegExp(`^(${job})$`) : job,
    labels,
    honorLabels,
});
const service = (job: RegExp | string) => target(job, OF_A_SERVICE);
const ourService = (job: RegExp | string) => target(job, [...OF_A_SERVICE, OURS]);

/** The one place with the labels that scraping adds, by exposer of the catalogue. */
export const SCRAPE_TARGETS: Readonly<Record<string, ScrapeTarget>> = {
    "redis-exporter": target(".+-metrics", [...OF_A_SERVICE, OURS, "app", "redis_setup_type"]),
    "redis-operator": target("redis-operator", [...OF_A_POD, OURS], true),
    "elasticsearch-exporter": ourService("elasticsearch-exporter"),
    "fluent-bit": ourService("fluent-bit"),
    jaeger: ourService("jaeger-collector|jaeger-query"),
    "eck-operator": target("elastic-operator|eck-operator", [...OF_A_POD, OURS], true),
    "blackbox-exporter": target("probes", ["job", "instance", "namespace", "probe", OURS]),
    argocd: target("argocd-.+", [...OF_A_POD, OURS], true),
    flux: target("flux-system/.+|flux|.+-controller", [...OF_A_POD, OURS]),
    flagger: target("flagger", [...OF_A_POD, OURS], true),
    istio: target("istiod|istio-.+|envoy.*", [...OF_A_SERVICE, OURS]),
    // Of an application, the job is its name; those of docs/metrics.md and of tests.
    application: target("ode-.+|annotated-pods", [...OF_A_POD, OURS, "app"]),
    "prometheus-adapter": ourService("prometheus-adapter"),
    keda: target("keda-operator|keda-operator-metrics-apiserver", [...OF_A_POD, OURS], true),

    // kube-prometheus-stack's own monitors.
    prometheus: service("kube-prometheus-stack-prometheus"),
    alertmanager: service("kube-prometheus-stack-alertmanager"),
    "config-reloader": service("kube-prometheus-stack-(prometheus|alertmanager)"),
    "prometheus-operator": service("kube-prometheus-stack-operator"),
    grafana: service("kube-prometheus-stack-grafana"),
    "kube-state-metrics": target("kube-state-metrics", OF_A_SERVICE, true),
    "node-exporter": service("node-exporter"),
    kubelet: target("kubelet", [...ALL, "service", "node", "metrics_path"], true),
    "kube-apiserver": target("apiserver", [...ALL, "service"]),
    coredns: service("coredns"),
    etcd: service("kube-etcd"),
    "kube-controller-manager": service("kube-controller-manager"),
    "kube-scheduler": service("kube-scheduler"),
    "kube-proxy": service("kube-proxy"),
};

/**
 * Added by Prometheus to what leaves it (alerts, remote writes), never to what its rules read: grouping by them is
 * right, as a store of several Prometheus has them, and a matcher on them never matches in a rule.
 */
export const EXTERNAL_LABELS: readonly string[] = ["cluster", "environment"];

/** Series that Prometheus makes for every target, https://prometheus.io/docs/concepts/jobs_instances/. */
export const OF_EVERY_TARGET: readonly string[] = [
    "up",
    "scrape_duration_seconds",
    "scrape_samples_scraped",
    "scrape_samples_post_metric_relabeling",
    "scrape_series_added",
];

/** Labels of a series as Prometheus stores it: its own and its target's. */
export function storedLabels(
    own: readonly string[],
    { labels, honorLabels }: ScrapeTarget,
): string[] {
    const kept = own.map((label) =>
        !honorLabels && labels.includes(label) ? `exported_${label}` : label,
    );
    return [...new Set([...labels, ...kept])];
}
