import * as pulumi from "@pulumi/pulumi";

import { AlertRules } from "../alerting/alertRules";
import type { AlertContext } from "../alerting/prometheusRule";
import { autoscalerRules, QUEUE_LENGTH } from "../alerting/rules/autoscaling";
import { CertificateAuthority, serviceNames } from "../kubernetes/certificateAuthority";
import type { ChartSource } from "../kubernetes/chartSource";
import { helmRelease, HelmValues } from "../kubernetes/helmRelease";
import type { Scraper } from "../kubernetes/monitors";
import { LINUX_NODES } from "../kubernetes/scheduling";
import { allowIngress, fromRanges, ServiceEndpoint, Workload } from "../kubernetes/wiring";
import { CHARTS } from "../versions";
import type { AutoscalingSettings } from "./settings";

const NAME = "prometheus-adapter";
const LABELS = { "app.kubernetes.io/name": NAME };
const PORT = 6443;

/** What an autoscaler asks for, with the application and the queue as its selector. */
export const EXTERNAL_METRIC = "redis_queue_length";

export interface PrometheusAdapterArgs {
    readonly settings: AutoscalingSettings;
    readonly charts: ChartSource;
    readonly namespaceName: string;
    readonly namespace: pulumi.Input<string>;
    readonly prometheus: ServiceEndpoint;
    /** Whether this stack's policies let its clients in. */
    readonly ours: boolean;
    /** Where the API server calls from; empty where that is not known. */
    readonly apiServerRanges: readonly string[];
    readonly alerts: AlertContext;
    readonly scraper: Scraper;
}

/**
 * prometheus-adapter, once per cluster: what Prometheus knows as `custom.metrics.k8s.io` and `external.metrics.k8s.io`. Needs
 * that nobody else answers for them; leaves nothing.
 */
export class PrometheusAdapter extends pulumi.ComponentResource {
    /** What an autoscaler depends on. */
    public readonly ready: readonly pulumi.Resource[];

    constructor(name: string, args: PrometheusAdapterArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:PrometheusAdapter", name, {}, opts);
        const { namespace, prometheus, alerts } = args;
        const child = { parent: this };
        const authority = new CertificateAuthority(`${name}-ca`, child);
        const serving = authority.issue(
            `${name}-serving`,
            {
                namespace,
                secretName: `${NAME}-serving`,
                commonName: pulumi.interpolate`${NAME}.${namespace}`,
                dnsNames: serviceNames(NAME, namespace),
            },
            child,
        );
        const release = helmRelease(
            `${name}-release`,
            {
                release: NAME,
                chart: CHARTS.prometheusAdapter,
                source: args.charts,
                namespace,
                values: prometheusAdapterValues(args.settings, {
                    url: pulumi.interpolate`${prometheus.scheme}://${prometheus.service}.${prometheus.workload.namespace}.svc`,
                    port: prometheus.servicePort,
                    ca: authority.certificate,
                    certificate: serving.certificate,
                    key: serving.key,
                    fingerprint: serving.fingerprint,
                }),
            },
            child,
        );
        this.ready = [release];
        const workload: Workload = { namespace, podLabels: LABELS };
        // The API server calls from an address that no selector can name.
        allowIngress(
            `api-server-to-${NAME}`,
            { from: fromRanges(args.apiServerRanges), to: [{ workload, port: PORT }] },
            child,
        );
        if (args.ours) {
            allowIngress(`${NAME}-to-prometheus`, { from: [workload], to: [prometheus] }, child);
        }
        new AlertRules(
            `${name}-alerts`,
            {
                namespace,
                ruleName: "autoscaling",
                groups: [
                    autoscalerRules(
                        args.namespaceName,
                        ["v1beta1.custom.metrics.k8s.io", "v1beta1.external.metrics.k8s.io"],
                        false,
                        alerts.settings,
                    ),
                ],
                alerts,
                scraper: args.scraper,
            },
            child,
        );
        this.registerOutputs({});
    }
}

interface Connection {
    readonly url: pulumi.Input<string>;
    readonly port: number;
    /** PEM. */
    readonly ca: pulumi.Input<string>;
    readonly certificate: pulumi.Input<string>;
    readonly key: pulumi.Input<string>;
    readonly fingerprint: pulumi.Input<string>;
}

/** https://github.com/prometheus-community/helm-charts/blob/main/charts/prometheus-adapter/values.yaml */
export function prometheusAdapterValues(
    { replicas, expose }: AutoscalingSettings,
    { url, port, ca, certificate, key, fingerprint }: Connection,
): HelmValues {
    return {
        replicas,
        nodeSelector: LINUX_NODES,
        prometheus: { url, port },
        tls: { enable: true, ca, certificate, key },
        // It reads the certificate when it starts.
        podAnnotations: { "observability/certificate": fingerprint },
        podDisruptionBudget: { enabled: replicas > 1, maxUnavailable: 1 },
        resources: { requests: { cpu: "50m", memory: "128Mi" }, limits: { memory: "256Mi" } },
        // Every series of the cluster, and nodes and pods, which are metrics-server's.
        rules: { default: false, custom: customRules(expose), external: [EXTERNAL_RULE] },
    };
}

/** A rule of https://github.com/kubernetes-sigs/prometheus-adapter/blob/master/docs/config.md. */
export interface AdapterRule {
    readonly seriesQuery: string;
    readonly resources: object;
    readonly name: { readonly matches: string; readonly as: string };
    readonly metricsQuery: string;
}

const OF_PODS = {
    overrides: { namespace: { resource: "namespace" }, pod: { resource: "pod" } },
};

function customRule(seriesQuery: string, metricsQuery: string): AdapterRule {
    return {
        seriesQuery,
        resources: OF_PODS,
        name: { matches: "", as: "" },
        metricsQuery: `${metricsQuery} by (<<.GroupBy>>)`,
    };
}

const SUM = "sum(<<.Series>>{<<.LabelMatchers>>})";
/** Of what only grows, how fast it does. */
const RATE = "sum(rate(<<.Series>>{<<.LabelMatchers>>}[5m]))";
const PODS = 'namespace!="", pod!=""';

/** Metrics of Redis pods, by their own names, under `namespaces/<namespace>/pods/<pod>`. */
export function customRules(expose: AutoscalingSettings["expose"]): AdapterRule[] {
    return expose === "all"
        ? [
              customRule(`{__name__=~"^redis_.*", __name__!~".*_total$", ${PODS}}`, SUM),
              customRule(`{__name__=~"^redis_.*_total$", ${PODS}}`, RATE),
          ]
        : [
              ...["redis_db_keys", "redis_connected_clients", "redis_memory_used_bytes"].map(
                  (metric) => customRule(`${metric}{${PODS}}`, SUM),
              ),
              customRule(`redis_commands_processed_total{${PODS}}`, RATE),
          ];
}

/** What waits for an application, in its namespace. */
export const EXTERNAL_RULE: AdapterRule = {
    seriesQuery: `${QUEUE_LENGTH}{namespace!="", application!="", queue!=""}`,
    resources: { overrides: { namespace: { resource: "namespace" } } },
    name: { matches: "", as: EXTERNAL_METRIC },
    metricsQuery: `${SUM} by (<<.GroupBy>>)`,
};
