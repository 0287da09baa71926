import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import type { AlertRouting } from "../alerting/alertRouting";
import type { ChartSource } from "../kubernetes/chartSource";
import { helmRelease } from "../kubernetes/helmRelease";
import { PART_OF } from "../kubernetes/labels";
import type { Scraper } from "../kubernetes/monitors";
import {
    allowIngress,
    fromRanges,
    Listener,
    ServiceEndpoint,
    Workload,
} from "../kubernetes/wiring";
import { CHARTS } from "../versions";
import { kubePrometheusStackValues, StackValuesArgs } from "./kubePrometheusStackValues";
import type { PrometheusOperatorCrds } from "./prometheusOperatorCrds";

const RELEASE = "kube-prometheus-stack";

/** A Secret into which the Prometheus Operator writes a configuration, by one key, compressed. */
export interface GeneratedSecret {
    readonly secret: string;
    readonly key: string;
}

export interface KubePrometheusStackArgs extends StackValuesArgs {
    readonly charts: ChartSource;
    readonly namespace: pulumi.Input<string>;
    /** Namespace of the node exporter, which needs the host. */
    readonly nodeExporterNamespace: pulumi.Input<string>;
    readonly crds: PrometheusOperatorCrds;
    /** Where the API server calls from; empty where that is not known. */
    readonly apiServerRanges: readonly string[];
    /** Alertmanager's configuration. */
    readonly routing: AlertRouting;
    /** Refuse to delete the release. */
    readonly protect: boolean;
}

/**
 * Prometheus, Alertmanager, Grafana, kube-state-metrics, node-exporter and the Prometheus Operator, as the chart
 * kube-prometheus-stack. Needs the operator's CRDs and Alertmanager's configuration. Deleting it leaves the volumes
 * of Prometheus and Alertmanager for as long as their namespace lives.
 */
export class KubePrometheusStack extends pulumi.ComponentResource {
    public readonly grafana: ServiceEndpoint;
    public readonly prometheus: ServiceEndpoint;
    public readonly alertmanager: ServiceEndpoint;
    /** Secret with `admin-user` and `admin-password` of Grafana. */
    public readonly grafanaAdminSecret: pulumi.Output<string>;
    public readonly grafanaAdminPassword: pulumi.Output<string>;
    /** What the Prometheus Operator generates, in the same namespace. */
    public readonly generatedSecrets: readonly GeneratedSecret[] = [
        { secret: `prometheus-${RELEASE}-prometheus`, key: "prometheus.yaml.gz" },
        { secret: `alertmanager-${RELEASE}-alertmanager-generated`, key: "alertmanager.yaml.gz" },
    ];
    /** What monitors need to be scraped. */
    public readonly scraper: Scraper;
    private readonly apiServerRanges: readonly string[];

    constructor(
        name: string,
        args: KubePrometheusStackArgs,
        opts?: pulumi.ComponentResourceOptions,
    ) {
        super("observability:index:KubePrometheusStack", name, {}, opts);
        const { namespace, routing } = args;
        this.apiServerRanges = args.apiServerRanges;
        const child = { parent: this };

        const password = new random.RandomPassword(
            `${name}-grafana-admin`,
            { length: 32, special: false },
            child,
        );
        this.grafanaAdminPassword = password.result;
        const admin = new k8s.core.v1.Secret(
            `${name}-grafana-admin`,
            {
                metadata: { name: "grafana-admin", namespace, labels: PART_OF },
                stringData: { "admin-user": "admin", "admin-password": password.result },
            },
            child,
        );
        this.grafanaAdminSecret = admin.metadata.name;

        const release = helmRelease(
            `${name}-release`,
            {
                release: RELEASE,
                chart: CHARTS.kubePrometheusStack,
                source: args.charts,
                namespace,
                values: pulumi
                    .all([
                        admin.metadata.name,
                        routing.configSecret,
                        routing.receiversSecret,
                        args.nodeExporterNamespace,
                    ])
                    .apply(
                        ([grafanaAdmin, alertmanagerConfig, alertmanagerReceivers, nodeExporter]) =>
                            kubePrometheusStackValues(args, {
                                grafanaAdmin,
                                alertmanagerConfig,
                                alertmanagerReceivers,
                                nodeExporterNamespace: nodeExporter,
                            }),
                    ),
            },
            // No value flows from the CRDs, and the chart's own objects need them. Protected, since deleting the
            // release deletes Grafana's volume unless `keepVolumes` is set.
            {
                parent: this,
                dependsOn: [args.crds.release],
                protect: args.protect,
            },
        );

        const service = (suffix: string) => pulumi.interpolate`${release.name}-${suffix}`;
        const prometheus: Workload = {
            namespace,
            podLabels: {
                "app.kubernetes.io/name": "prometheus",
                "operator.prometheus.io/name": `${RELEASE}-prometheus`,
            },
        };
        const alertmanager: Workload = {
            namespace,
            podLabels: {
                "app.kubernetes.io/name": "alertmanager",
                alertmanager: `${RELEASE}-alertmanager`,
            },
        };
        const grafana = chartWorkload(namespace, "grafana");
        this.prometheus = web(prometheus, service("prometheus"), 9090);
        this.alertmanager = web(alertmanager, service("alertmanager"), 9093);
        this.grafana = { ...web(grafana, service("grafana"), 3000), servicePort: 80 };
        this.scraper = { workload: prometheus, monitorCrds: [args.crds.release] };
        this.allowInternal(prometheus, alertmanager, grafana);
        if (routing.relay) {
            allowIngress(
                "alertmanager-to-notification-relay",
                { from: [alertmanager], to: [routing.relay.endpoint] },
                child,
            );
        }
        this.registerOutputs({
            grafanaAdminSecret: this.grafanaAdminSecret,
            grafanaAdminPassword: this.grafanaAdminPassword,
        });
    }

    /** The edges between the parts of the chart, whose wiring is the chart's. */
    private allowInternal(prometheus: Workload, alertmanager: Workload, grafana: Workload): void {
        const { namespace } = prometheus;
        const reloader = (workload: Workload): Listener => ({ workload, port: 8080 });
        const stateMetrics = chartWorkload(namespace, "kube-state-metrics");
        const operator: Workload = { namespace, podLabels: { app: `${RELEASE}-operator` } };
        const child = { parent: this };
        allowIngress(
            "to-prometheus",
            { from: [prometheus, grafana], to: [this.prometheus, reloader(prometheus)] },
            child,
        );
        allowIngress(
            "to-alertmanager",
            { from: [prometheus, grafana], to: [this.alertmanager, reloader(alertmanager)] },
            child,
        );
        allowIngress(
            "alertmanager-peers",
            {
                from: [alertmanager],
                to: [{ workload: alertmanager, port: 9094 }],
                protocols: ["TCP", "UDP"],
            },
            child,
        );
        allowIngress("prometheus-to-grafana", { from: [prometheus], to: [this.grafana] }, child);
        allowIngress(
            "prometheus-to-kube-state-metrics",
            { from: [prometheus], to: [{ workload: stateMetrics, port: 8080 }] },
            child,
        );
        // The API server calls the operator's webhook, from an address that no selector can name; Prometheus scrapes there.
        allowIngress(
            "api-server-to-prometheus-operator",
            {
                from: [prometheus, ...fromRanges(this.apiServerRanges)],
                to: [{ workload: operator, port: 10250 }],
            },
            child,
        );
    }
}

function chartWorkload(namespace: pulumi.Input<string>, chart: string): Workload {
    return {
        namespace,
        podLabels: { "app.kubernetes.io/name": chart, "app.kubernetes.io/instance": RELEASE },
    };
}

function web(workload: Workload, service: pulumi.Output<string>, port: number): ServiceEndpoint {
    return { workload, port, service, servicePort: port, scheme: "http" };
}
