import type * as pulumi from "@pulumi/pulumi";

import { ChartAlertSettings, chartAlertValues } from "../alerting/chartAlerts";
import type { HelmValues } from "../kubernetes/helmRelease";
import { PATIENT } from "../kubernetes/probes";
import { LINUX_NODES } from "../kubernetes/scheduling";
import { mebibytes } from "../settings/quantity";
import { DATA_SOURCES, TRACE_ID } from "./dataSourceUids";
import { accessIni, accessPod } from "./grafanaAccess";
import { fluxResourceState } from "./fluxResourceState";
import { REDIS_RESOURCE_STATE } from "./redisResourceState";
import { resourceStateValues } from "./resourceState";
import { MetricsSettings, prometheusVolume, RemoteWriteSettings } from "./settings";

/** Names of what the chart refers to. Secrets are named, and never in its values. */
export interface StackReferences {
    readonly grafanaAdmin: pulumi.Input<string>;
    readonly alertmanagerConfig: pulumi.Input<string>;
    readonly alertmanagerReceivers: pulumi.Input<string>;
    readonly nodeExporterNamespace: pulumi.Input<string>;
}

/** What of the values the configuration decides. */
export interface StackValuesArgs extends MetricsSettings {
    /** For how long series are kept. */
    readonly retention: string;
    /** External labels: of every series and alert that leaves this Prometheus. */
    readonly clusterName: string;
    readonly environment: string;
    /** What of the cluster's own parts is there to be scraped. */
    readonly cluster: ScrapedParts;
    readonly parts: StackParts;
    /** Somebody else's, told where the chart's own is off. */
    readonly otherAlertmanager: AlertingEndpoint | undefined;
    /** Somebody else's, which gets the chart's dashboards where the chart's own is off. */
    readonly otherGrafana: GrafanaSidecar | undefined;
    /** Secret with Grafana's account of an Elasticsearch that is there already. */
    readonly logsSecret?: string | undefined;
    /** Whether Flux is there: all of its kinds are told of then. */
    readonly flux: boolean;
    /** Whether this stack's is the Redis operator: of its resources that it says nothing of, kube-state-metrics does. */
    readonly redisOperator: boolean;
    /** Of node-exporter, on every node. */
    readonly nodeExporterPort: number;
    /** What of the chart's own alerts is switched off or changed, by name. */
    readonly chartAlerts: Readonly<Partial<ChartAlertSettings>>;
    /** Each is empty for the cluster's default. */
    readonly storageClasses: Readonly<Record<"prometheus" | "alertmanager" | "grafana", string>>;
    /** Leave Grafana's volume when the release is deleted. */
    readonly keepVolumes: boolean;
    readonly dashboards: ChartDashboards;
    /** Where people reach each from outside of the cluster, when they can. */
    readonly externalUrls: ExternalUrls;
}

/** The dashboards of the chart, and the one that Grafana opens with. */
export interface ChartDashboards {
    readonly folder: string;
    /** Whether they ask for a cluster. */
    readonly multicluster: boolean;
    /** Path of a dashboard's file below the sidecar's folder; Grafana's own home when not given. */
    readonly home: string | undefined;
}

/** Where the sidecar writes dashboards to: the chart's default, `grafana.sidecar.dashboards.folder`. */
const DASHBOARDS_FOLDER = "/tmp/dashboards";

export interface ScrapedParts {
    /** etcd, scheduler and controller manager, which managed platforms hide. */
    readonly controlPlane: boolean;
    readonly dns: "coredns" | "kubeDns" | "none";
    readonly kubeProxy: boolean;
    /** Whether kubelets have certificates of the cluster's authority. */
    readonly verifyKubelets: boolean;
}

/** Where Prometheus tells alerts; `port` is the pods'. */
export interface AlertingEndpoint {
    readonly namespace: string;
    readonly service: string;
    readonly port: number;
}

/** What the sidecar of a Grafana looks for, each one label, and where. */
export interface GrafanaSidecar {
    readonly namespace: string;
    readonly dashboardLabel: Readonly<Record<string, string>>;
    readonly dataSourceLabel: Readonly<Record<string, string>>;
    readonly folderAnnotation: string;
}

/** Which parts of the chart are there. */
export interface StackParts {
    readonly alertmanager: boolean;
    readonly grafana: boolean;
    readonly kubeStateMetrics: boolean;
    readonly nodeExporter: boolean;
}

export interface ExternalUrls {
    readonly grafana: string | undefined;
    readonly prometheus: string | undefined;
    readonly alertmanager: string | undefined;
}

/**
 * Values of kube-prometheus-stack.
 * https://github.com/prometheus-community/helm-charts/blob/main/charts/kube-prometheus-stack/values.yaml
 */
export function kubePrometheusStackValues(
    args: StackValuesArgs,
    references: StackReferences,
): HelmValues {
    return {
        // PrometheusOperatorCrds installs and upgrades them.
        crds: { enabled: false },
        ...clusterValues(args.cluster),
        ...alertValues(args),
        prometheusOperator: {
            nodeSelector: LINUX_NODES,
            resources: requests("100m", "128Mi"),
            livenessProbe: PATIENT,
            prometheusConfigReloader: { resources: requests("10m", "32Mi") },
            admissionWebhooks: {
                patch: { nodeSelector: LINUX_NODES, resources: requests("10m", "32Mi") },
            },
        },
        prometheus: prometheusValues(args),
        ...(args.parts.alertmanager
            ? { alertmanager: alertmanagerValues(args, references) }
            : { alertmanager: OFF }),
        ...(args.parts.grafana
            ? { grafana: grafanaValues(args, references) }
            : { grafana: { ...OFF, ...otherGrafanaValues(args) } }),
        ...(args.parts.kubeStateMetrics
            ? { "kube-state-metrics": stateMetricsValues(args) }
            : { kubeStateMetrics: OFF }),
        ...(args.parts.nodeExporter
            ? { "prometheus-node-exporter": nodeExporterValues(args.nodeExporterPort, references) }
            : { nodeExporter: OFF }),
    };
}

const OFF = { enabled: false };

function stateMetricsValues({ flux, redisOperator }: StackValuesArgs): HelmValues {
    return {
        nodeSelector: LINUX_NODES,
        resources: requests("20m", "96Mi"),
        // It answers while the API server does; to start again helps nobody.
        livenessProbe: { ...PATIENT, failureThreshold: 60 },
        ...resourceStateValues([
            fluxResourceState(flux),
            ...(redisOperator ? [REDIS_RESOURCE_STATE] : []),
        ]),
    };
}

function nodeExporterValues(port: number, references: StackReferences): HelmValues {
    return {
        // It needs the host's network and processes; the rest of the chart does not.
        namespaceOverride: references.nodeExporterNamespace,
        service: {
            port,
            targetPort: port,
            // "All" is 0.0.0.0, which an IPv6-only node does not have; the node's own address is of its family.
            listenOnAllInterfaces: false,
        },
        nodeSelector: LINUX_NODES,
        resources: requests("20m", "32Mi"),
        livenessProbe: PATIENT,
    };
}

/** Groups of the chart's rules that have nothing to read without a part, and single alerts of other groups. */
const RULES_OF: Readonly<
    Record<
        keyof StackParts,
        { readonly groups: readonly string[]; readonly alerts: readonly string[] }
    >
> = {
    alertmanager: {
        groups: ["alertmanager"],
        alerts: [
            "PrometheusNotConnectedToAlertmanagers",
            "PrometheusErrorSendingAlertsToAnyAlertmanager",
            "PrometheusErrorSendingAlertsToSomeAlertmanagers",
        ],
    },
    grafana: { groups: [], alerts: [] },
    kubeStateMetrics: {
        groups: [
            "kubeStateMetrics",
            "kubernetesApps",
            "kubernetesResources",
            "k8sPodOwner",
            "k8sContainerResource",
        ],
        alerts: [
            "KubeNodeNotReady",
            "KubeNodePressure",
            "KubeNodeReadinessFlapping",
            "KubeNodeUnreachable",
            "KubePersistentVolumeErrors",
            "KubeletTooManyPods",
        ],
    },
    nodeExporter: {
        groups: [
            "nodeExporterAlerting",
            "nodeExporterRecording",
            "node",
            "network",
            "kubePrometheusNodeRecording",
        ],
        alerts: [],
    },
};

/** The chart drops the alerts of the control plane with their targets, and leaves those of its own parts. */
function alertValues({ chartAlerts, parts, otherAlertmanager }: StackValuesArgs): HelmValues {
    const { defaultRules, customRules } = chartAlertValues(chartAlerts);
    const off = (Object.keys(parts) as (keyof StackParts)[]).filter((part) => !parts[part]);
    const without = (names: readonly string[], value: boolean) =>
        Object.fromEntries(names.map((name) => [name, value]));
    const groups = off.flatMap((part) => RULES_OF[part].groups);
    // Those on telling an Alertmanager have something to read also where it is somebody else's.
    const alerts = off
        .filter((part) => part !== "alertmanager" || !otherAlertmanager)
        .flatMap((part) => RULES_OF[part].alerts);
    return {
        defaultRules: {
            disabled: { ...defaultRules.disabled, ...without(alerts, true) },
            ...(groups.length > 0 ? { rules: without(groups, false) } : {}),
        },
        customRules,
    };
}

/** What is not there, or is another program, would be down for ever. The chart drops the alerts with the targets. */
function clusterValues(cluster: ScrapedParts): HelmValues {
    const { controlPlane: enabled, dns, kubeProxy, verifyKubelets } = cluster;
    return {
        coreDns: { enabled: dns === "coredns" },
        kubeDns: { enabled: dns === "kubeDns" },
        kubeEtcd: { enabled },
        kubeControllerManager: { enabled },
        kubeScheduler: { enabled },
        kubeProxy: { enabled: kubeProxy },
        // Without it, whoever answers at a node's address gets Prometheus' token. The chart's default, since many
        // kubelets sign their own.
        ...(verifyKubelets ? { kubelet: { serviceMonitor: { insecureSkipVerify: false } } } : {}),
    };
}

function prometheusValues(args: StackValuesArgs): HelmValues {
    const { prometheus, retention, clusterName, environment, externalUrls } = args;
    return {
        podDisruptionBudget: { enabled: prometheus.replicas > 1 },
        // Replicas scrape at their own times: a panel that asks now one, now the other would jump between them.
        service: { sessionAffinity: "ClientIP" },
        prometheusSpec: {
            nodeSelector: LINUX_NODES,
            // Without these five, only objects with the label `release: kube-prometheus-stack` are loaded.
            serviceMonitorSelectorNilUsesHelmValues: false,
            podMonitorSelectorNilUsesHelmValues: false,
            probeSelectorNilUsesHelmValues: false,
            ruleSelectorNilUsesHelmValues: false,
            scrapeConfigSelectorNilUsesHelmValues: false,
            replicas: prometheus.replicas,
            podAntiAffinity: prometheus.replicas > 1 ? "hard" : "soft",
            scrapeInterval: prometheus.scrapeInterval,
            evaluationInterval: "30s",
            retention,
            retentionSize: retentionSize(prometheus, retention),
            maximumStartupDurationSeconds: startup(prometheus),
            externalLabels: { cluster: clusterName, environment },
            // Trace ids beside the buckets of the span metrics, of about 100 bytes each:
            // https://prometheus.io/docs/prometheus/latest/feature_flags/#exemplars-storage
            enableFeatures: ["exemplar-storage"],
            exemplars: { maxSize: 100_000 },
            ...optional("externalUrl", externalUrls.prometheus),
            ...remoteWriteValues(prometheus.remoteWrite),
            ...alertingValues(args.otherAlertmanager),
            resources: requests("200m", prometheus.memory, prometheus.memory),
            storageSpec: claim(prometheus.storageSize, args.storageClasses.prometheus),
        },
    };
}

/** https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.AlertmanagerEndpoints */
function alertingValues(other: AlertingEndpoint | undefined): HelmValues {
    return other
        ? {
              alertingEndpoints: [
                  { namespace: other.namespace, name: other.service, port: other.port },
              ],
          }
        : {};
}

/** The chart's dashboards for a Grafana that is not the chart's; the chart makes them in the namespace of this override. */
function otherGrafanaValues({ otherGrafana, dashboards }: StackValuesArgs): HelmValues {
    if (!otherGrafana) {
        return {};
    }
    const { namespace, dashboardLabel, folderAnnotation } = otherGrafana;
    const [[label, labelValue] = ["", ""]] = Object.entries(dashboardLabel);
    return {
        forceDeployDashboards: true,
        namespaceOverride: namespace,
        sidecar: {
            dashboards: {
                label,
                labelValue,
                annotations: { [folderAnnotation]: dashboards.folder },
                multicluster: multicluster(dashboards),
            },
        },
    };
}

function multicluster({ multicluster: enabled }: ChartDashboards): HelmValues {
    return { global: { enabled }, etcd: { enabled } };
}

/** ConfigMap with the private authorities of the services that samples are sent to. */
export const REMOTE_WRITE_CA = "prometheus-remote-write-ca";

function caKey(target: string): string {
    return `${target}.crt`;
}

/** Its data; empty where no service has an authority of its own. */
export function remoteWriteAuthorities(
    targets: Readonly<Record<string, RemoteWriteSettings>>,
): Record<string, string> {
    return Object.fromEntries(
        Object.entries(targets).flatMap(([name, { ca }]) => (ca ? [[caKey(name), ca]] : [])),
    );
}

/** https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.RemoteWriteSpec */
function remoteWriteValues(targets: Readonly<Record<string, RemoteWriteSettings>>): HelmValues {
    const remoteWrite = Object.entries(targets).map(([name, target]) => {
        const { url, basicAuthSecret: secret, bearerToken, sigv4Region, keep } = target;
        return {
            name,
            url,
            ...(secret
                ? {
                      basicAuth: {
                          username: { name: secret, key: "username" },
                          password: { name: secret, key: "password" },
                      },
                  }
                : {}),
            ...(bearerToken ? { authorization: { credentials: bearerToken } } : {}),
            ...(target.ca
                ? { tlsConfig: { ca: { configMap: { name: REMOTE_WRITE_CA, key: caKey(name) } } } }
                : {}),
            ...(sigv4Region ? { sigv4: { region: sigv4Region } } : {}),
            ...(keep
                ? {
                      writeRelabelConfigs: [
                          { sourceLabels: ["__name__"], regex: keep, action: "keep" },
                      ],
                  }
                : {}),
        };
    });
    return remoteWrite.length > 0 ? { remoteWrite } : {};
}

/** The size at which the oldest blocks go, so that the volume never fills: the share that the check counts on. */
export function retentionSize(
    prometheus: MetricsSettings["prometheus"],
    retention: string,
): string {
    // Prometheus calls 2^20 bytes "MiB"; Kubernetes' suffix has no B.
    return `${mebibytes(prometheusVolume(prometheus, retention).usable)}B`;
}

/**
 * Seconds that Prometheus may read its write-ahead log for before it is killed and reads it again: 15 minutes, as
 * without it, and a second for each 500 series.
 */
function startup({ expectedSeries }: MetricsSettings["prometheus"]): number {
    return 900 + Math.ceil(expectedSeries / 500);
}

function alertmanagerValues(args: StackValuesArgs, references: StackReferences): HelmValues {
    const { alertmanager } = args;
    return {
        podDisruptionBudget: { enabled: alertmanager.replicas > 1 },
        alertmanagerSpec: {
            nodeSelector: LINUX_NODES,
            replicas: alertmanager.replicas,
            podAntiAffinity: alertmanager.replicas > 1 ? "hard" : "soft",
            useExistingSecret: true,
            configSecret: references.alertmanagerConfig,
            secrets: [references.alertmanagerReceivers],
            // The default adds `namespace="<the resource's>"` to every route, which hides alerts of other namespaces.
            alertmanagerConfigMatcherStrategy: { type: "None" },
            ...optional("externalUrl", args.externalUrls.alertmanager),
            resources: requests("10m", "64Mi", "128Mi"),
            storage: claim(alertmanager.storageSize, args.storageClasses.alertmanager),
        },
    };
}

function grafanaValues(args: StackValuesArgs, references: StackReferences): HelmValues {
    const { grafana, dashboards, keepVolumes } = args;
    const storageClass = args.storageClasses.grafana;
    const url = args.externalUrls.grafana;
    return {
        admin: { existingSecret: references.grafanaAdmin },
        ...accessPod(grafana.signIn, grafana.smtp, args.logsSecret),
        nodeSelector: LINUX_NODES,
        persistence: {
            enabled: true,
            size: grafana.storageSize,
            ...(storageClass ? { storageClassName: storageClass } : {}),
            ...(keepVolumes ? { annotations: { "helm.sh/resource-policy": "keep" } } : {}),
        },
        // A rolling update would wait for ever for a volume that the old pod holds.
        deploymentStrategy: { type: "Recreate" },
        // It runs as root, which `restricted` refuses; fsGroup gives the volume its owner.
        initChownData: { enabled: false },
        testFramework: { enabled: false },
        resources: requests("50m", "192Mi", "512Mi"),
        // A new version changes its database before it listens.
        livenessProbe: { ...PATIENT, timeoutSeconds: 30, failureThreshold: 60 },
        sidecar: {
            datasources: {
                uid: DATA_SOURCES.prometheus,
                // The chart knows the address of its own only.
                alertmanager: args.parts.alertmanager ? { uid: DATA_SOURCES.alertmanager } : OFF,
                exemplarTraceIdDestinations: {
                    datasourceUid: DATA_SOURCES.jaeger,
                    traceIdLabelName: TRACE_ID,
                    urlDisplayLabel: "Trace",
                },
            },
            dashboards: {
                enabled: true,
                searchNamespace: "ALL",
                folderAnnotation: "grafana_folder",
                provider: { foldersFromFilesStructure: true },
                annotations: { grafana_folder: dashboards.folder },
                multicluster: multicluster(dashboards),
            },
        },
        "grafana.ini": {
            ...(url ? { server: { root_url: url } } : {}),
            ...accessIni(grafana.signIn, grafana.smtp),
            ...(dashboards.home
                ? {
                      dashboards: {
                          default_home_dashboard_path: `${DASHBOARDS_FOLDER}/${dashboards.home}`,
                      },
                  }
                : {}),
        },
    };
}

function optional(key: string, value: string | undefined): HelmValues {
    return value === undefined ? {} : { [key]: value };
}

function claim(size: string, storageClass: string): HelmValues {
    return {
        volumeClaimTemplate: {
            spec: {
                accessModes: ["ReadWriteOnce"],
                ...(storageClass ? { storageClassName: storageClass } : {}),
                resources: { requests: { storage: size } },
            },
        },
    };
}

function requests(cpu: string, memory: string, memoryLimit?: string): HelmValues {
    return {
        requests: { cpu, memory },
        ...(memoryLimit ? { limits: { memory: memoryLimit } } : {}),
    };
}
