import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { adaptedImage, imageText } from "../adaptation/images";
import { AlertRouting } from "../alerting/alertRouting";
import { environmentOf, PlatformAlerts } from "../alerting/platformAlerts";
import type { AlertContext } from "../alerting/prometheusRule";
import type { Autoscaler } from "../autoscaling/scaledApplication";
import { Backup } from "../backup/backup";
import { Dashboards, homeDashboard } from "../dashboards/dashboards";
import { GrafanaDataSources } from "../dashboards/grafanaDataSources";
import { shownParts } from "../dashboards/shownParts";
import type { Scraper } from "../kubernetes/monitors";
import { allowIngress, ServiceEndpoint, Workload } from "../kubernetes/wiring";
import { EckOperator } from "../logging/eckOperator";
import { Elasticsearch } from "../logging/elasticsearch";
import { ElasticsearchExporter } from "../logging/elasticsearchExporter";
import {
    ElasticsearchServer,
    existingElasticsearch,
    LogStore,
} from "../logging/elasticsearchServer";
import { ElasticsearchSetup } from "../logging/elasticsearchSetup";
import { FluentBit } from "../logging/fluentBit";
import { Kibana } from "../logging/kibana";
import { SnapshotDrill } from "../logging/snapshotDrill";
import { trustBundle } from "../logging/trustBundle";
import { KubePrometheusStack } from "../metrics/kubePrometheusStack";
import type { GrafanaSidecar } from "../metrics/kubePrometheusStackValues";
import { PrometheusOperatorCrds } from "../metrics/prometheusOperatorCrds";
import { RedisOperator } from "../redis/redisOperator";
import {
    CrdManifest,
    readRedisOperatorCrds,
    REDIS_CRDS,
    RedisOperatorCrds,
} from "../redis/redisOperatorCrds";
import { Jaeger } from "../tracing/jaeger";
import { jaegerTraceUrl } from "../tracing/traceUrl";
import { IMAGES } from "../versions";
import { installAutoscaler } from "./autoscaling";
import type { StackConfig } from "./config";
import { installDelivery } from "./delivery";
import { exposeWebEndpoints, externalUrl } from "./ingress";
import { PlatformNamespaces, platformNamespaces } from "./namespaces";
import { PlatformParts, platformOutputs, webEndpoints } from "./outputs";
import { backupPolicy, stackAlerts } from "./policies";
import { installProbes, TlsServers } from "./probes";
import type { ClusterProviders } from "./providers";
import { recordedCrds } from "./recordedCrds";
import type { Recorded } from "./recordedState";
import { scrapedParts, storageClassOf } from "./settings";

/** What an environment needs of the platform, whether this stack installed it or another one. */
export interface Platform {
    readonly scraper: Scraper;
    readonly operator: { readonly workload: Workload; readonly ready: readonly pulumi.Resource[] };
    /** Whether its rules record what objectives share. */
    readonly recordsObjectives: boolean;
    readonly outputs: Readonly<Record<string, unknown>>;
    /** Undefined where nobody answers for the metrics of autoscalers, and in a tenant. */
    readonly autoscaler?: Autoscaler | undefined;
    /** Where its backups go; not with a tenant, or without backups. */
    readonly backups?: Backup | undefined;
    /** Settles when every chart that the program itself reads is there; rejects with a `RunError` otherwise. */
    readonly chartsRead?: Promise<unknown>;
}

/** Who scrapes and evaluates, whether this stack installed it or somebody else. */
interface Monitoring {
    readonly scraper: Scraper;
    readonly prometheus: ServiceEndpoint;
    /** What this stack installed; undefined where another Prometheus is there. */
    readonly stack: KubePrometheusStack | undefined;
}

/** Installs what a cluster has once and the configuration has on, in the order in which one part stands on another. */
export function installPlatform(
    config: StackConfig,
    { cluster, retained }: ClusterProviders,
    recorded: readonly Recorded[],
    keptBackups: readonly string[],
): Platform {
    const opts = { provider: cluster };
    const { components } = config;
    const known = pulumi.runtime.isDryRun() ? recordedCrds(recorded, REDIS_CRDS) : undefined;
    const read = () =>
        known ? Promise.resolve(known) : readRedisOperatorCrds(config.charts, cluster);
    const crds = components.redisOperator === "on" ? read() : undefined;
    const namespaces = platformNamespaces(config.namespaces, config.dataProtection, opts);
    const alerts = stackAlerts(config);

    const routing = installRouting(config, namespaces, opts);
    const monitoring =
        components.prometheus === "on"
            ? installMetrics(config, namespaces, routing, opts)
            : existingPrometheus(config);
    const { scraper, stack: metrics } = monitoring;
    const recordsObjectives = installPlatformAlerts(config, alerts, namespaces, scraper, opts);
    const operator = crds
        ? installRedisOperator(config, { manifests: crds, retained }, namespaces, scraper, opts)
        : existingOperator(config);
    const otherElasticsearch =
        config.existing.elasticsearch && existingElasticsearch(config.existing.elasticsearch);
    const logging =
        components.logging === "on"
            ? installLogging(config, otherElasticsearch, alerts, namespaces, scraper, opts)
            : undefined;
    const spanStore = logging?.store ?? otherElasticsearch;
    const jaeger =
        spanStore && components.tracing === "on"
            ? installTracing(config, namespaces, spanStore, monitoring, opts)
            : undefined;
    const { elasticsearch, kibana } = logging ?? { elasticsearch: undefined, kibana: undefined };
    const grafana = grafanaOf(config, namespaces, metrics);
    const sources = grafana && {
        // What is there already, a Grafana that is there knows: the stack has no password for it.
        elasticsearch: grafana.foreign ? elasticsearch : logging?.store,
        jaeger: jaeger?.query,
        prometheus: grafana.foreign ? metrics?.prometheus : undefined,
        alertmanager: grafana.foreign ? metrics?.alertmanager : existingAlertmanager(config),
    };
    if (sources && Object.values(sources).some((each) => each !== undefined)) {
        new GrafanaDataSources(
            "grafana-data-sources",
            {
                ...sources,
                namespace: grafana.namespace,
                grafana,
                sidecarLabel: grafana.sidecar.dataSourceLabel,
                jaegerExternalUrl: jaeger && externalUrl(config.ingress, "jaeger"),
                kibanaExternalUrl: kibana && externalUrl(config.ingress, "kibana"),
            },
            opts,
        );
    }
    if (grafana) {
        new Dashboards(
            "dashboards",
            {
                namespace: grafana.namespace,
                sidecar: grafana.sidecar,
                settings: config.dashboards,
                alerts: config.alerting.rules,
                runbookBaseUrl: config.alerting.runbookBaseUrl,
                parts: shownParts(config),
                namespaces: config.namespaces,
                instances: modesOf(config.redis),
                fluxWithin: config.delivery.flux?.reconcileWithin ?? "1h",
                slos: config.slos,
            },
            opts,
        );
    }
    const ours = metrics !== undefined;
    const { prometheus } = monitoring;
    installDelivery(config, platformAlerts(config, alerts), { scraper, prometheus, ours }, opts);
    installProbes(config, alerts, namespaces, tlsServers(elasticsearch, jaeger), scraper, opts);
    const autoscaler = installAutoscaler(
        config,
        platformAlerts(config, alerts),
        namespaces,
        { scraper, prometheus, ours },
        opts,
    );
    const kept = keptBackups.includes("backup-store");
    const backups = metrics && installBackup(config, kept, alerts, namespaces, metrics, opts);

    const parts: PlatformParts = { scraper, operator, metrics, elasticsearch, kibana, jaeger };
    exposeWebEndpoints(config.ingress, webEndpoints(parts), config.cluster.waitForReady, opts);
    return {
        scraper,
        operator,
        recordsObjectives,
        autoscaler,
        backups,
        ...(crds ? { chartsRead: crds } : {}),
        outputs: platformOutputs(parts, config.ingress, config.kubeContext),
    };
}

/** Throws when the configuration does not say where it is, which it has checked. */
function existingPrometheus({ existing }: Pick<StackConfig, "existing">): Monitoring {
    const { prometheus } = existing;
    if (!prometheus) {
        throw new Error("existing.prometheus is not set");
    }
    const { namespace, podLabels, service, port } = prometheus;
    const workload: Workload = { namespace, podLabels, foreign: true };
    return {
        scraper: { workload, monitorCrds: [] },
        prometheus: { workload, port, service, servicePort: port, scheme: "http" },
        stack: undefined,
    };
}

/** The chart's own defaults. */
const CHART_SIDECAR: Omit<GrafanaSidecar, "namespace"> = {
    dashboardLabel: { grafana_dashboard: "1" },
    dataSourceLabel: { grafana_datasource: "1" },
    folderAnnotation: "grafana_folder",
};

/** A Grafana's pods, and what its sidecar looks for. */
interface ShowingGrafana extends Workload {
    readonly sidecar: Omit<GrafanaSidecar, "namespace">;
}

/** Who shows dashboards: this stack's Grafana or somebody else's; undefined where nobody does. */
function grafanaOf(
    { components, existing }: Pick<StackConfig, "components" | "existing">,
    namespaces: PlatformNamespaces,
    metrics: KubePrometheusStack | undefined,
): ShowingGrafana | undefined {
    if (metrics?.grafana) {
        const { workload } = metrics.grafana;
        return { ...workload, namespace: namespaces("monitoring").name, sidecar: CHART_SIDECAR };
    }
    return components.grafana === "existing" && existing.grafana
        ? { ...existing.grafana, foreign: true, sidecar: existing.grafana }
        : undefined;
}

/** Undefined where it is this stack's, or there is none. */
function existingAlertmanager({
    components,
    existing: { alertmanager },
}: Pick<StackConfig, "components" | "existing">): ServiceEndpoint | undefined {
    if (components.alertmanager !== "existing" || !alertmanager) {
        return undefined;
    }
    const { namespace, podLabels, service, port } = alertmanager;
    const workload: Workload = { namespace, podLabels, foreign: true };
    return { workload, port, service, servicePort: port, scheme: "http" };
}

/** Receivers and routes, for this stack's Alertmanager or one that takes them; undefined where it routes by itself. */
function installRouting(
    config: StackConfig,
    namespaces: PlatformNamespaces,
    opts: pulumi.ComponentResourceOptions,
): AlertRouting | undefined {
    const { components, existing, ingress } = config;
    const other = existing.alertmanager;
    const takes = { on: true, off: false, existing: other?.takesRouting ?? false };
    if (!takes[components.alertmanager]) {
        return undefined;
    }
    const ours = components.alertmanager === "on";
    const url = ours ? externalUrl(ingress, "alertmanager") : other?.url;
    const routing = new AlertRouting(
        "alert-routing",
        {
            namespace: ours || !other ? namespaces("monitoring").name : other.namespace,
            alerting: config.alerting,
            environment: config.environment,
            receiverSecrets: config.receiverSecrets,
            existingSecret: config.existingSecrets.receivers,
            silenceLink: url !== undefined,
            // As many as Alertmanager has may be lost; more than two are of no use.
            relayReplicas: ours ? Math.min(2, config.alertmanager.replicas) : 2,
            waitForReady: config.cluster.waitForReady,
        },
        opts,
    );
    if (other && !ours && routing.relay) {
        allowIngress(
            "alertmanager-to-notification-relay",
            { from: [other], to: [routing.relay.endpoint] },
            opts,
        );
    }
    return routing;
}

/** Throws when the configuration does not say where it is, which it has checked. */
function existingOperator({ existing }: Pick<StackConfig, "existing">): Platform["operator"] {
    if (!existing.redisOperator) {
        throw new Error("existing.redisOperator is not set");
    }
    return { workload: existing.redisOperator, ready: [] };
}

/** What answers over TLS in the cluster; OTLP where it is asked to, on the port of the two that asks for no protocol. */
/** The modes of the instances of each namespace. */
function modesOf(redis: StackConfig["redis"]): Record<string, string[]> {
    return Object.fromEntries(
        Object.entries(redis).map(([namespace, { instances }]) => [
            namespace,
            Object.values(instances).map(({ mode }) => mode),
        ]),
    );
}

function tlsServers(
    elasticsearch: Elasticsearch | undefined,
    jaeger: Jaeger | undefined,
): TlsServers {
    return {
        ...(elasticsearch ? { elasticsearch: elasticsearch.endpoint } : {}),
        ...(jaeger?.otlpHttp.scheme === "https" ? { otlp: jaeger.otlpHttp } : {}),
    };
}

function installMetrics(
    config: StackConfig,
    namespaces: PlatformNamespaces,
    routing: AlertRouting | undefined,
    opts: pulumi.ComponentResourceOptions,
): Monitoring {
    const { charts, ingress, components, existing } = config;
    const namespace = namespaces("monitoring").name;
    const parts = {
        alertmanager: components.alertmanager === "on",
        grafana: components.grafana === "on",
        kubeStateMetrics: components.kubeStateMetrics === "on",
        nodeExporter: components.nodeExporter === "on",
    };
    const crds = new PrometheusOperatorCrds(
        "prometheus-operator-crds",
        { charts, namespace },
        opts,
    );
    const stack = new KubePrometheusStack(
        "kube-prometheus-stack",
        {
            charts,
            namespace,
            nodeExporterNamespace: parts.nodeExporter ? namespaces("nodeExporter").name : undefined,
            parts,
            flux: config.delivery.flux !== undefined,
            redisOperator: components.redisOperator === "on",
            crds,
            routing: parts.alertmanager ? routing : undefined,
            adminSecret: config.existingSecrets.grafanaAdmin,
            otherAlertmanager:
                components.alertmanager === "existing" ? existing.alertmanager : undefined,
            otherGrafana: components.grafana === "existing" ? existing.grafana : undefined,
            logsSecret: components.logging === "on" ? existing.elasticsearch?.secret : undefined,
            prometheus: config.prometheus,
            alertmanager: config.alertmanager,
            grafana: config.grafana,
            dashboards: {
                ...config.dashboards.kubernetes,
                home: homeDashboard({ settings: config.dashboards, parts: shownParts(config) }),
            },
            retention: config.retention.metrics,
            clusterName: config.cluster.name,
            environment: config.environment,
            cluster: scrapedParts(config.cluster),
            nodeExporterPort: config.cluster.nodeExporterPort,
            apiServerRanges: config.cluster.apiServerRanges,
            chartAlerts: config.alerting.rules,
            storageClasses: {
                prometheus: storageClassOf(config, "prometheus"),
                alertmanager: storageClassOf(config, "alertmanager"),
                grafana: storageClassOf(config, "grafana"),
            },
            keepVolumes: config.dataProtection.keepVolumes,
            protect: config.dataProtection.protect,
            externalUrls: {
                grafana: externalUrl(ingress, "grafana"),
                prometheus: externalUrl(ingress, "prometheus"),
                alertmanager: externalUrl(ingress, "alertmanager"),
            },
        },
        opts,
    );
    return { scraper: stack.scraper, prometheus: stack.prometheus, stack };
}

/** Of what is about every namespace, also those of tenants. */
function platformAlerts(
    { environment, cluster }: Pick<StackConfig, "environment" | "cluster">,
    alerts: AlertContext,
): AlertContext {
    return {
        ...alerts,
        labels: { environment: environmentOf(environment, cluster.tenantNamespaces) },
    };
}

/** Returns whether there are any: without a namespace of the platform's, there is nothing that they would be about. */
function installPlatformAlerts(
    {
        environment,
        cluster,
        components,
        slos,
        prometheus,
        namespaces: names,
    }: Pick<
        StackConfig,
        "environment" | "cluster" | "components" | "slos" | "prometheus" | "namespaces"
    >,
    alerts: AlertContext,
    namespaces: PlatformNamespaces,
    scraper: Scraper,
    opts: pulumi.ComponentResourceOptions,
): boolean {
    const parts = {
        kubeStateMetrics: components.kubeStateMetrics === "on",
        redisOperator: components.redisOperator === "on",
        logging: components.logging === "on",
        elasticsearch: components.logging === "on" && components.elasticsearch === "on",
        tracing: components.tracing === "on",
    };
    const home =
        components.prometheus === "on"
            ? "monitoring"
            : (["redisOperator", "logging", "tracing"] as const).find((part) => parts[part]);
    if (!home) {
        return false;
    }
    new PlatformAlerts(
        "platform-alerts",
        {
            namespace: namespaces(home).name,
            parts,
            namespaces: names,
            slos,
            scrapeInterval: prometheus.scrapeInterval,
            alerts: platformAlerts({ environment, cluster }, alerts),
            scraper,
        },
        opts,
    );
    return true;
}

function installRedisOperator(
    config: StackConfig,
    crds: { readonly manifests: Promise<readonly CrdManifest[]>; readonly retained: k8s.Provider },
    namespaces: PlatformNamespaces,
    scraper: Scraper,
    opts: pulumi.ComponentResourceOptions,
): RedisOperator {
    return new RedisOperator(
        "redis-operator",
        {
            settings: config.redisOperator,
            charts: config.charts,
            environment: config.environment,
            namespace: namespaces("redisOperator").name,
            crds: new RedisOperatorCrds("redis-operator-crds", crds, opts),
            scraper,
        },
        opts,
    );
}

/** What of the logs others need. */
interface Logging {
    readonly store: LogStore;
    /** The same where it is this stack's. */
    readonly elasticsearch: Elasticsearch | undefined;
    readonly kibana: Kibana | undefined;
}

/** The way of a log line: Fluent Bit on each node, Elasticsearch, Kibana; and who watches them. */
function installLogging(
    config: StackConfig,
    other: ElasticsearchServer | undefined,
    alerts: AlertContext,
    namespaces: PlatformNamespaces,
    scraper: Scraper,
    opts: pulumi.ComponentResourceOptions,
): Logging {
    const { charts, environment, components } = config;
    const { waitForReady } = config.cluster;
    const { snapshots } = config.elasticsearch;
    const namespace = namespaces("logging").name;
    const jaegerUrl =
        components.tracing === "on" ? externalUrl(config.ingress, "jaeger") : undefined;

    const elasticsearch = other
        ? undefined
        : installElasticsearch(config, namespaces, namespace, opts);
    const store = elasticsearch ?? trusted(other, namespace, opts);
    const kibana =
        elasticsearch && components.kibana === "on"
            ? new Kibana(
                  "kibana",
                  {
                      settings: config.kibana,
                      externalUrl: externalUrl(config.ingress, "kibana"),
                      namespace,
                      elasticsearch,
                      waitForReady,
                  },
                  opts,
              )
            : undefined;
    const setup = new ElasticsearchSetup(
        "elasticsearch-setup",
        {
            snapshots: elasticsearch && snapshots,
            retention: config.retention,
            traceUrl: jaegerUrl ? (id) => jaegerTraceUrl(jaegerUrl, id) : undefined,
            namespace,
            elasticsearch: store,
            kibana,
            waitForReady,
        },
        opts,
    );
    if (elasticsearch) {
        new ElasticsearchExporter(
            "elasticsearch-exporter",
            { charts, environment, namespace, elasticsearch, scraper },
            opts,
        );
    }
    if (elasticsearch && snapshots.type !== "none") {
        new SnapshotDrill(
            "snapshot-drill",
            {
                schedule: config.backup.schedules.drill,
                namespaceName: config.namespaces.logging,
                namespace,
                elasticsearch,
                alerts,
                scraper,
            },
            opts,
        );
    }
    new FluentBit(
        "fluent-bit",
        {
            settings: config.fluentBit,
            charts,
            // The chart knows it as a value of ours, which no adaptation of its own images reaches.
            shellImage: imageText(adaptedImage(IMAGES.busybox, config.images)),
            clusterName: config.cluster.name,
            environment,
            redisNamespaces: redisNamespaces(config),
            storageClass: storageClassOf(config, "fluentBit"),
            minimumVolumeSize: config.cluster.minimumVolumeSize,
            namespace,
            operatorNamespace: operatorNamespace(config, namespaces),
            elasticsearch: store,
            setup,
            scraper,
        },
        opts,
    );
    return { store, elasticsearch, kibana };
}

function installElasticsearch(
    config: StackConfig,
    namespaces: PlatformNamespaces,
    namespace: pulumi.Input<string>,
    opts: pulumi.ComponentResourceOptions,
): Elasticsearch {
    const operator = new EckOperator(
        "elastic-operator",
        {
            charts: config.charts,
            namespace: namespaces("elasticOperator").name,
            apiServerRanges: config.cluster.apiServerRanges,
        },
        opts,
    );
    return new Elasticsearch(
        "elasticsearch",
        {
            settings: config.elasticsearch,
            snapshotCredentials: config.existingSecrets.snapshots ?? config.snapshotCredentials,
            namespace,
            operator,
            storageClass: storageClassOf(config, "elasticsearch"),
            waitForReady: config.cluster.waitForReady,
            protect: config.dataProtection.protect,
        },
        opts,
    );
}

/** Throws when the configuration does not say where it is, which it has checked. */
function trusted(
    other: ElasticsearchServer | undefined,
    namespace: pulumi.Input<string>,
    opts: pulumi.CustomResourceOptions,
): LogStore {
    if (!other) {
        throw new Error("existing.elasticsearch is not set");
    }
    const { metadata } = trustBundle("elasticsearch-trust", namespace, other.caCertificate, opts);
    return { ...other, caConfigMap: metadata.name };
}

/** Where the Redis operator's logs are. */
function operatorNamespace(
    { existing }: Pick<StackConfig, "existing">,
    namespaces: PlatformNamespaces,
): pulumi.Input<string> {
    return existing.redisOperator?.namespace ?? namespaces("redisOperator").name;
}

/** Traces of applications, in Elasticsearch. */
function installTracing(
    config: StackConfig,
    namespaces: PlatformNamespaces,
    elasticsearch: ElasticsearchServer,
    { prometheus, scraper }: Monitoring,
    opts: pulumi.ComponentResourceOptions,
): Jaeger {
    const { components, existing, ingress } = config;
    return new Jaeger(
        "jaeger",
        {
            settings: config.jaeger,
            namespace: namespaces("tracing").name,
            elasticsearch,
            storage: existing.elasticsearch ?? config.elasticsearch,
            retention: config.retention.traces,
            clusterName: config.cluster.name,
            environment: config.environment,
            prometheus,
            kibanaExternalUrl:
                components.kibana === "on" ? externalUrl(ingress, "kibana") : undefined,
            waitForReady: config.cluster.waitForReady,
            scraper,
        },
        opts,
    );
}

/** Environment of every namespace with Redis instances: this stack's own, and its tenants'. */
export function redisNamespaces({
    redis,
    environment,
    cluster,
}: Pick<StackConfig, "redis" | "environment" | "cluster">): Record<string, string> {
    const own = Object.keys(redis).map((namespace) => [namespace, environment] as const);
    return { ...Object.fromEntries(own), ...cluster.tenantNamespaces };
}

function installBackup(
    config: StackConfig,
    kept: boolean,
    alerts: AlertContext,
    namespaces: PlatformNamespaces,
    metrics: KubePrometheusStack,
    opts: pulumi.ComponentResourceOptions,
): Backup | undefined {
    const policy = backupPolicy(config);
    return policy && (!policy.paused || kept)
        ? new Backup(
              "backup",
              {
                  policy,
                  schedules: config.backup.schedules,
                  namespaceName: config.namespaces.monitoring,
                  namespace: namespaces("monitoring").name,
                  metrics,
                  alerts,
                  scraper: metrics.scraper,
              },
              opts,
          )
        : undefined;
}
