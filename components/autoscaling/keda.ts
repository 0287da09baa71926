import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { AlertRules } from "../alerting/alertRules";
import type { AlertContext } from "../alerting/prometheusRule";
import { autoscalerRules } from "../alerting/rules/autoscaling";
import { CertificateAuthority, serviceNames } from "../kubernetes/certificateAuthority";
import type { ChartSource } from "../kubernetes/chartSource";
import { helmRelease, HelmValues } from "../kubernetes/helmRelease";
import { monitorPods, Scraper } from "../kubernetes/monitors";
import { allowIngress, fromRanges, ServiceEndpoint, Workload } from "../kubernetes/wiring";
import { CHARTS } from "../versions";
import type { AutoscalingSettings } from "./settings";

const OPERATOR = "keda-operator";
const METRICS_SERVER = "keda-operator-metrics-apiserver";
/** What KEDA answers for. */
export const EXTERNAL_API = "v1beta1.external.metrics.k8s.io";

export interface KedaArgs {
    readonly settings: AutoscalingSettings;
    readonly charts: ChartSource;
    readonly namespaceName: string;
    readonly namespace: pulumi.Input<string>;
    readonly environment: string;
    readonly prometheus: ServiceEndpoint;
    /** Whether this stack's policies let Prometheus' clients in. */
    readonly ours: boolean;
    /** Where the API server calls from; empty where that is not known. */
    readonly apiServerRanges: readonly string[];
    readonly alerts: AlertContext;
    readonly scraper: Scraper;
}

/**
 * KEDA, once per cluster, with certificates of an authority of our own. Needs that nobody else answers for
 * `external.metrics.k8s.io`. Leaves its CRDs, without which every ScaledObject of the cluster would be deleted.
 */
export class Keda extends pulumi.ComponentResource {
    /** What a ScaledObject depends on. */
    public readonly ready: readonly pulumi.Resource[];

    constructor(name: string, args: KedaArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:Keda", name, {}, opts);
        const { namespace, prometheus, alerts, scraper } = args;
        const child = { parent: this };
        const authority = new CertificateAuthority(`${name}-ca`, child);
        const certificate = authority.issue(
            `${name}-certificate`,
            {
                namespace,
                secretName: "keda-certificate",
                commonName: pulumi.interpolate`${OPERATOR}.${namespace}`,
                dnsNames: [OPERATOR, METRICS_SERVER].flatMap((service) =>
                    serviceNames(service, namespace),
                ),
                peer: true,
            },
            child,
        );
        const release = helmRelease(
            `${name}-release`,
            {
                release: "keda",
                chart: CHARTS.keda,
                source: args.charts,
                namespace,
                values: kedaValues(args.settings, certificate),
            },
            child,
        );
        const api = new k8s.apiregistration.v1.APIServicePatch(
            `${name}-api`,
            {
                metadata: { name: EXTERNAL_API },
                spec: {
                    caBundle: authority.certificate.apply((pem) =>
                        Buffer.from(pem).toString("base64"),
                    ),
                },
            },
            // The chart makes it, without an authority.
            { parent: this, dependsOn: [release] },
        );
        this.ready = [release, api];
        const operator: Workload = { namespace, podLabels: { app: OPERATOR } };
        const server: Workload = { namespace, podLabels: { app: METRICS_SERVER } };
        // The API server calls from an address that no selector can name.
        allowIngress(
            "api-server-to-keda",
            {
                from: fromRanges(args.apiServerRanges),
                to: [{ workload: server, port: 6443 }],
            },
            child,
        );
        allowIngress(
            "keda-metrics-to-operator",
            { from: [server], to: [{ workload: operator, port: 9666 }] },
            child,
        );
        if (args.ours) {
            allowIngress("keda-to-prometheus", { from: [operator], to: [prometheus] }, child);
        }
        for (const workload of [operator, server]) {
            const job = workload === operator ? OPERATOR : METRICS_SERVER;
            monitorPods(
                job,
                {
                    scraper,
                    target: { workload, port: 8080 },
                    podSelector: { matchLabels: { app: job } },
                    portName: "metrics",
                    jobLabel: "app",
                    interval: "30s",
                    timeout: "10s",
                    // Its metrics are about ScaledObjects of other namespaces.
                    honorLabels: true,
                    environment: args.environment,
                },
                child,
            );
        }
        new AlertRules(
            `${name}-alerts`,
            {
                namespace,
                ruleName: "autoscaling",
                groups: [
                    autoscalerRules(args.namespaceName, [EXTERNAL_API], true, alerts.settings),
                ],
                alerts,
                scraper,
            },
            child,
        );
        this.registerOutputs({});
    }
}

/** https://github.com/kedacore/charts/blob/main/keda/values.yaml */
export function kedaValues(
    { replicas }: Pick<AutoscalingSettings, "replicas">,
    {
        secret,
        fingerprint,
    }: {
        readonly secret: pulumi.Input<string>;
        /** Changes with the certificate. */
        readonly fingerprint: pulumi.Input<string>;
    },
): HelmValues {
    const resources = { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "512Mi" } };
    const annotations = { "observability/certificate": fingerprint };
    const disruption = replicas > 1 ? { maxUnavailable: 1 } : {};
    return {
        // They would go with the release, and with them every ScaledObject.
        crds: { additionalAnnotations: { "helm.sh/resource-policy": "keep" } },
        image: { pullPolicy: "IfNotPresent" },
        operator: { replicaCount: replicas },
        metricsServer: { replicaCount: replicas },
        // It checks what is checked here already, and would need a certificate of its own.
        webhooks: { enabled: false },
        // The operator would make an authority of its own, and change what others made.
        certificates: { autoGenerated: false, secretName: secret },
        podAnnotations: { keda: annotations, metricsAdapter: annotations },
        podDisruptionBudget: { operator: disruption, metricServer: disruption },
        topologySpreadConstraints: {
            operator: spread(OPERATOR),
            metricsServer: spread(METRICS_SERVER),
        },
        resources: { operator: resources, metricServer: resources },
        prometheus: { operator: { enabled: true }, metricServer: { enabled: true } },
    };
}

/** On two nodes where there are two. */
function spread(app: string): readonly object[] {
    return [
        {
            maxSkew: 1,
            topologyKey: "kubernetes.io/hostname",
            whenUnsatisfiable: "ScheduleAnyway",
            labelSelector: { matchLabels: { app } },
        },
    ];
}
