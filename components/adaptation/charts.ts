import type { Labels } from "../kubernetes/labels";
import { CHARTS, ChartVersion } from "../versions";
import type { Component } from "./components";

/**
 * Where a chart's values take what the configuration adapts. `npm run test:charts` renders the archives with it and walks
 * every pod; the paths themselves are checked against the charts' own values.
 */

/** Pods of a chart. */
export interface ChartPods {
    readonly component: Component;
    /** Where `nodeSelector`, `tolerations`, `affinity`, `priorityClassName` stand, and `resources`. */
    readonly at: readonly string[];
    /** Where the resources of each stand, when not beside those. */
    readonly resources?: readonly (readonly string[])[];
    /** Labels that select them, where the chart takes a spread. */
    readonly spread?: Labels;
    /** True where a key `podAntiAffinity` beside `affinity` would write the same field again. */
    readonly ownAntiAffinity?: true;
    /** Pods of a hook, whose resources are not the component's. */
    readonly hook?: true;
}

/** How the parts of an image stand in values. */
export interface ChartImage {
    /** `host/path` by itself. */
    readonly repository: string;
    readonly at: readonly string[];
    /** Keys of the parts: without `host`, it is in `path`; without `digest`, it follows the tag. */
    readonly keys: {
        readonly host?: string;
        readonly path: string;
        readonly tags: readonly string[];
        readonly digest?: string;
    };
    /** Whether the digest stands without `sha256:`. */
    readonly bareDigest?: true;
    /** Values that go with another tag. */
    readonly withTag?: Readonly<Record<string, unknown>>;
}

export interface ChartAdaptation {
    readonly chart: ChartVersion;
    readonly pods: readonly ChartPods[];
    readonly images: readonly ChartImage[];
    /** A registry for all images at once, beside those that are listed. */
    readonly registry?: readonly string[];
    readonly pullSecrets?: readonly string[];
    readonly labels: readonly (readonly string[])[];
    /** Security contexts that name users and groups, by default or by ours. */
    readonly ids: readonly (readonly string[])[];
    /** Values that OpenShift needs. */
    readonly openShift?: Readonly<Record<string, unknown>>;
    readonly annotations: readonly (readonly string[])[];
}

const NONE = { pods: [], images: [], labels: [], annotations: [], ids: [] };

const SPLIT = { host: "registry", path: "repository", tags: ["tag"], digest: "sha" } as const;
const JOINED = { path: "repository", tags: ["tag"], digest: "digest" } as const;

const OPERATOR = "prometheusOperator";
const PROMETHEUS = ["prometheus", "prometheusSpec"];
const ALERTMANAGER = ["alertmanager", "alertmanagerSpec"];
const PATCH = [OPERATOR, "admissionWebhooks", "patch"];
const STATE_METRICS = "kube-state-metrics";
const NODE_EXPORTER = "prometheus-node-exporter";

function split(repository: string, ...at: readonly string[]): ChartImage {
    return { repository, at, keys: SPLIT, bareDigest: true };
}

const KUBE_PROMETHEUS_STACK: ChartAdaptation = {
    chart: CHARTS.kubePrometheusStack,
    pods: [
        { component: "prometheusOperator", at: [OPERATOR] },
        { component: "prometheusOperator", at: PATCH, hook: true },
        {
            component: "prometheus",
            at: PROMETHEUS,
            spread: { "app.kubernetes.io/name": "prometheus" },
            ownAntiAffinity: true,
        },
        {
            component: "alertmanager",
            at: ALERTMANAGER,
            spread: { "app.kubernetes.io/name": "alertmanager" },
            ownAntiAffinity: true,
        },
        { component: "grafana", at: ["grafana"], spread: { "app.kubernetes.io/name": "grafana" } },
        {
            component: "kubeStateMetrics",
            at: [STATE_METRICS],
            spread: { "app.kubernetes.io/name": "kube-state-metrics" },
        },
        { component: "nodeExporter", at: [NODE_EXPORTER] },
    ],
    images: [
        split("quay.io/prometheus-operator/prometheus-operator", OPERATOR, "image"),
        split(
            "quay.io/prometheus-operator/prometheus-config-reloader",
            ...[OPERATOR, "prometheusConfigReloader", "image"],
        ),
        split("ghcr.io/jkroepke/kube-webhook-certgen", ...PATCH, "image"),
        split("quay.io/prometheus/prometheus", ...PROMETHEUS, "image"),
        split("quay.io/prometheus/alertmanager", ...ALERTMANAGER, "image"),
        split("docker.io/grafana/grafana", "grafana", "image"),
        split("quay.io/kiwigrid/k8s-sidecar", "grafana", "sidecar", "image"),
        {
            repository: "registry.k8s.io/kube-state-metrics/kube-state-metrics",
            at: [STATE_METRICS, "image"],
            keys: SPLIT,
        },
        {
            repository: "quay.io/prometheus/node-exporter",
            at: [NODE_EXPORTER, "image"],
            keys: { ...SPLIT, digest: "digest" },
            // It would follow the tag once more.
            withTag: { distroless: false },
        },
    ],
    registry: ["global", "imageRegistry"],
    pullSecrets: ["global", "imagePullSecrets"],
    ids: [
        [OPERATOR, "securityContext"],
        [...PATCH, "securityContext"],
        [...PROMETHEUS, "securityContext"],
        [...ALERTMANAGER, "securityContext"],
        ["grafana", "securityContext"],
        [STATE_METRICS, "securityContext"],
        [NODE_EXPORTER, "securityContext"],
    ],
    labels: [
        ["commonLabels"],
        [...PROMETHEUS, "podMetadata", "labels"],
        [...ALERTMANAGER, "podMetadata", "labels"],
        ["grafana", "extraLabels"],
        ["grafana", "podLabels"],
        [STATE_METRICS, "customLabels"],
        [NODE_EXPORTER, "commonLabels"],
    ],
    annotations: [
        [OPERATOR, "podAnnotations"],
        [...PATCH, "podAnnotations"],
        [...PROMETHEUS, "podMetadata", "annotations"],
        [...ALERTMANAGER, "podMetadata", "annotations"],
        ["grafana", "podAnnotations"],
        [STATE_METRICS, "podAnnotations"],
        [NODE_EXPORTER, "podAnnotations"],
    ],
};

function fluentBit(component: Component): ChartAdaptation {
    return {
        chart: CHARTS.fluentBit,
        pods: [{ component, at: [] }],
        images: [{ repository: "cr.fluentbit.io/fluent/fluent-bit", at: ["image"], keys: JOINED }],
        pullSecrets: ["imagePullSecrets"],
        ids: [],
        // It reads the nodes' files, which the default constraints refuse.
        openShift: { openShift: { enabled: true } },
        labels: [["labels"], ["podLabels"]],
        annotations: [["podAnnotations"]],
    };
}

/** By the release's name. */
export const CHART_ADAPTATIONS: Readonly<Record<string, ChartAdaptation>> = {
    "prometheus-operator-crds": { chart: CHARTS.prometheusOperatorCrds, ...NONE },
    "elastic-operator-crds": { chart: CHARTS.eckOperatorCrds, ...NONE },
    "kube-prometheus-stack": KUBE_PROMETHEUS_STACK,
    "redis-operator": {
        chart: CHARTS.redisOperator,
        pods: [{ component: "redisOperator", at: [] }],
        images: [
            {
                repository: "quay.io/opstree/redis-operator",
                at: ["redisOperator"],
                keys: { path: "imageName", tags: ["imageTag", "initContainerImageTag"] },
            },
        ],
        pullSecrets: ["redisOperator", "imagePullSecrets"],
        ids: [["podSecurityContext"]],
        labels: [["redisOperator", "podLabels"]],
        annotations: [["redisOperator", "podAnnotations"]],
    },
    "elastic-operator": {
        chart: CHARTS.eckOperator,
        pods: [{ component: "elasticOperator", at: [] }],
        images: [{ repository: "docker.elastic.co/eck/eck-operator", at: ["image"], keys: JOINED }],
        pullSecrets: ["imagePullSecrets"],
        ids: [],
        labels: [["podLabels"]],
        annotations: [["podAnnotations"]],
    },
    "elasticsearch-exporter": {
        chart: CHARTS.elasticsearchExporter,
        pods: [
            {
                component: "elasticsearchExporter",
                at: [],
                spread: { "app.kubernetes.io/name": "prometheus-elasticsearch-exporter" },
            },
        ],
        images: [
            {
                repository: "quay.io/prometheuscommunity/elasticsearch-exporter",
                at: ["image"],
                keys: { path: "repository", tags: ["tag"] },
            },
        ],
        pullSecrets: ["global", "imagePullSecrets"],
        ids: [["podSecurityContext"]],
        labels: [["commonLabels"], ["podLabels"]],
        annotations: [["podAnnotations"]],
    },
    keda: {
        chart: CHARTS.keda,
        pods: [
            {
                component: "keda",
                at: [],
                resources: [
                    ["resources", "operator"],
                    ["resources", "metricServer"],
                ],
            },
        ],
        images: ["keda", "metricsApiServer"].map((image) => ({
            repository: `ghcr.io/kedacore/${image === "keda" ? image : "keda-metrics-apiserver"}`,
            at: ["image", image],
            keys: { host: "registry", path: "repository", tags: ["tag"] },
        })),
        registry: ["global", "image", "registry"],
        pullSecrets: ["imagePullSecrets"],
        ids: [
            ["podSecurityContext", "operator"],
            ["podSecurityContext", "metricServer"],
        ],
        labels: [["additionalLabels"]],
        annotations: [
            ["podAnnotations", "keda"],
            ["podAnnotations", "metricsAdapter"],
        ],
    },
    "prometheus-adapter": {
        chart: CHARTS.prometheusAdapter,
        pods: [
            {
                component: "prometheusAdapter",
                at: [],
                spread: { "app.kubernetes.io/name": "prometheus-adapter" },
            },
        ],
        images: [
            {
                repository: "registry.k8s.io/prometheus-adapter/prometheus-adapter",
                at: ["image"],
                keys: { path: "repository", tags: ["tag"] },
            },
        ],
        pullSecrets: ["image", "pullSecrets"],
        ids: [["podSecurityContext"], ["securityContext"]],
        labels: [["customLabels"], ["podLabels"]],
        annotations: [["podAnnotations"]],
    },
    "fluent-bit": fluentBit("fluentBit"),
    "fluent-bit-events": fluentBit("fluentBitEvents"),
};
