/** The only place with a chart's, an image's or a CRD's version. The comments are for renovate. */

export interface ChartVersion {
    readonly chart: string;
    readonly repository: string;
    readonly version: string;
}

const PROMETHEUS_COMMUNITY = "https://prometheus-community.github.io/helm-charts";
const ELASTIC = "https://helm.elastic.co";

export const CHARTS = {
    // renovate: datasource=helm depName=prometheus-operator-crds registryUrl=https://prometheus-community.github.io/helm-charts
    prometheusOperatorCrds: chart("prometheus-operator-crds", PROMETHEUS_COMMUNITY, "31.0.1"),
    // renovate: datasource=helm depName=kube-prometheus-stack registryUrl=https://prometheus-community.github.io/helm-charts
    kubePrometheusStack: chart("kube-prometheus-stack", PROMETHEUS_COMMUNITY, "88.5.3"),
    // renovate: datasource=helm depName=redis-operator registryUrl=https://ot-container-kit.github.io/helm-charts
    redisOperator: chart(
        "redis-operator",
        "https://ot-container-kit.github.io/helm-charts",
        "0.26.1",
    ),
    // renovate: datasource=helm depName=eck-operator-crds registryUrl=https://helm.elastic.co
    eckOperatorCrds: chart("eck-operator-crds", ELASTIC, "3.5.0"),
    // renovate: datasource=helm depName=eck-operator registryUrl=https://helm.elastic.co
    eckOperator: chart("eck-operator", ELASTIC, "3.5.0"),
    // renovate: datasource=helm depName=prometheus-elasticsearch-exporter registryUrl=https://prometheus-community.github.io/helm-charts
    elasticsearchExporter: chart(
        "prometheus-elasticsearch-exporter",
        PROMETHEUS_COMMUNITY,
        "7.4.0",
    ),
    // renovate: datasource=helm depName=keda registryUrl=https://kedacore.github.io/charts
    keda: chart("keda", "https://kedacore.github.io/charts", "2.20.2"),
    // renovate: datasource=helm depName=prometheus-adapter registryUrl=https://prometheus-community.github.io/helm-charts
    prometheusAdapter: chart("prometheus-adapter", PROMETHEUS_COMMUNITY, "5.3.0"),
    // renovate: datasource=helm depName=fluent-bit registryUrl=https://fluent.github.io/helm-charts
    fluentBit: chart("fluent-bit", "https://fluent.github.io/helm-charts", "0.58.1"),
} as const satisfies Record<string, ChartVersion>;

/** Images that we name ourselves; the others come with the charts. */
export const IMAGES = {
    // renovate: datasource=docker depName=quay.io/opstree/redis
    redis: "quay.io/opstree/redis:v8.8.2",
    // renovate: datasource=docker depName=quay.io/opstree/redis-sentinel
    redisSentinel: "quay.io/opstree/redis-sentinel:v8.8.2",
    // renovate: datasource=docker depName=quay.io/oliver006/redis_exporter
    redisExporter: "quay.io/oliver006/redis_exporter:v1.89.0",
    // renovate: datasource=docker depName=docker.io/restic/restic
    restic: "docker.io/restic/restic:0.18.1",
    // The two of kube-prometheus-stack, for restore drills; Prometheus' has a shell here.
    // renovate: datasource=docker depName=docker.io/grafana/grafana
    grafana: "docker.io/grafana/grafana:13.2.0",
    // renovate: datasource=docker depName=quay.io/prometheus/prometheus
    prometheus: "quay.io/prometheus/prometheus:v3.14.0",
    // renovate: datasource=docker depName=docker.io/jaegertracing/jaeger
    jaeger: "docker.io/jaegertracing/jaeger:2.20.0",
    // renovate: datasource=docker depName=docker.io/jaegertracing/jaeger-es-index-cleaner
    jaegerIndexCleaner: "docker.io/jaegertracing/jaeger-es-index-cleaner:2.20.0",
    // renovate: datasource=docker depName=ghcr.io/jaegertracing/spark-dependencies/spark-dependencies
    jaegerSparkDependencies:
        "ghcr.io/jaegertracing/spark-dependencies/spark-dependencies:v0.7.2-elasticsearch9",
    // renovate: datasource=docker depName=quay.io/prometheus/blackbox-exporter
    blackboxExporter: "quay.io/prometheus/blackbox-exporter:v0.28.0",
    // renovate: datasource=docker depName=quay.io/oauth2-proxy/oauth2-proxy
    oauth2Proxy: "quay.io/oauth2-proxy/oauth2-proxy:v7.15.6",
    // renovate: datasource=docker depName=docker.io/library/busybox
    busybox: "docker.io/library/busybox:1.37.0",
    // renovate: datasource=docker depName=docker.io/library/node versioning=node
    node: "docker.io/library/node:24.21.0-alpine",
} as const;

/** Elasticsearch and Kibana, which must be the same; ECK pulls their images by it. */
// renovate: datasource=docker depName=docker.elastic.co/elasticsearch/elasticsearch
export const ELASTIC_STACK_VERSION = "9.5.1";

function chart(name: string, repository: string, version: string): ChartVersion {
    return { chart: name, repository, version };
}
