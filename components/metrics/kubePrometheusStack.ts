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
import { authorities, AUTHORITIES } from "./grafanaAccess";
import {
    kubePrometheusStackValues,
    REMOTE_WRITE_CA,
    remoteWriteAuthorities,
    StackValuesArgs,
} from "./kubePrometheusStackValues";
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
    /** Namespace of the node exporter, which needs the host; undefined where it is off. */
    readonly nodeExporterNamespace: pulumi.Input<string> | undefined;
    readonly crds: PrometheusOperatorCrds;
    /** Where the API server calls from; empty where that is not known. */
    readonly apiServerRanges: readonly string[];
    /** Alertmanager's configuration; undefined where it is off. */
    readonly routing: AlertRouting | undefined;
    /** Secret of Grafana's administrator that is there already; undefined where the stack makes one. */
    readonly adminSecret: string | undefined;
    /** Refuse to delete the release. */
    readonly protect: boolean;
}

/** Where Grafana answers, and as whom. */
export interface GrafanaAccess extends ServiceEndpoint {
    /** Secret with `admin-user` and `admin-password`. */
    readonly adminSecret: pulumi.Output<string>;
    /** Undefined where somebody else's Secret has it. */
    readonly adminPassword: pulumi.Output<string> | undefined;
}

/**
 * Prometheus, Alertmanager, Grafana, kube-state-metrics, node-exporter and the Prometheus Operator, as the chart
 * kube-prometheus-stack. Needs the operator's CRDs and Alertmanager's configuration. Deleting it leaves the volumes
 * of Prometheus and Alertmanager for as long as their namespace lives.
 */
export class KubePrometheusStack extends pulumi.ComponentResource {
    /** Undefined where it is off. */
    public readonly grafana: GrafanaAccess | undefined;
    public readonly prometheus: ServiceEndpoint;
    /** Undefined where it is off. */
    public readonly alertmanager: ServiceEndpoint | undefined;
    /** What the Prometheus Operator generates, in the same namespace. */
    public readonly generatedSecrets: readonly GeneratedSecret[];
    /** What monitors need to be scraped. */
    public readonly scraper: Scraper;
    private readonly apiServerRanges: readonly string[];

    constructor(
        name: string,
        args: KubePrometheusStackArgs,
        opts?: pulumi.ComponentResourceOptions,
    ) {
        super("observability:index:KubePrometheusStack", name, {}, opts);
        const { namespace, routing, parts } = args;
        this.apiServerRanges = args.apiServerRanges;
        const child = { parent: this };
        const account = parts.grafana
            ? args.adminSecret === undefined
                ? grafanaAccount(name, namespace, child)
                : { adminSecret: pulumi.output(args.adminSecret), adminPassword: undefined }
            : undefined;

        const authorityFiles = (
            resource: string,
            objectName: string,
            data: Readonly<Record<string, string>>,
        ) =>
            Object.keys(data).length === 0
                ? []
                : [
                      new k8s.core.v1.ConfigMap(
                          resource,
                          { metadata: { name: objectName, namespace, labels: PART_OF }, data },
                          child,
                      ),
                  ];
        const ofRemoteWrite = remoteWriteAuthorities(args.prometheus.remoteWrite);
        const ofGrafana = parts.grafana ? authorities(args.grafana.signIn, args.grafana.smtp) : {};
        const trusted = [
            ...authorityFiles(`${name}-remote-write-ca`, REMOTE_WRITE_CA, ofRemoteWrite),
            ...authorityFiles(`${name}-grafana-authorities`, AUTHORITIES, ofGrafana),
        ];
        const release = helmRelease(
            `${name}-release`,
            {
                release: RELEASE,
                chart: CHARTS.kubePrometheusStack,
                source: args.charts,
                namespace,
                // Plain, but for these names: what a changed value does is told before anything is registered.
                values: kubePrometheusStackValues(args, {
                    // What is off refers to nothing.
                    grafanaAdmin: account?.adminSecret ?? "",
                    alertmanagerConfig: routing?.configSecret ?? "",
                    alertmanagerReceivers: routing?.receiversSecret ?? "",
                    nodeExporterNamespace: args.nodeExporterNamespace ?? "",
                }),
            },
            // No value flows from the CRDs, and the chart's own objects need them. Protected, since deleting the
            // release deletes Grafana's volume unless `keepVolumes` is set.
            {
                parent: this,
                dependsOn: [args.crds.release, ...trusted],
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
        this.alertmanager = parts.alertmanager
            ? web(alertmanager, service("alertmanager"), 9093)
            : undefined;
        this.grafana = account && {
            ...web(grafana, service("grafana"), 3000),
            servicePort: 80,
            ...account,
        };
        this.generatedSecrets = [
            { secret: `prometheus-${RELEASE}-prometheus`, key: "prometheus.yaml.gz" },
            ...(parts.alertmanager
                ? [
                      {
                          secret: `alertmanager-${RELEASE}-alertmanager-generated`,
                          key: "alertmanager.yaml.gz",
                      },
                  ]
                : []),
        ];
        this.scraper = { workload: prometheus, monitorCrds: [args.crds.release] };
        this.allowInternal(prometheus, parts.kubeStateMetrics);
        if (routing?.relay) {
            allowIngress(
                "alertmanager-to-notification-relay",
                { from: [alertmanager], to: [routing.relay.endpoint] },
                child,
            );
        }
        this.registerOutputs({
            grafanaAdminSecret: account?.adminSecret,
            grafanaAdminPassword: account?.adminPassword,
        });
    }

    /** The edges between the parts of the chart, whose wiring is the chart's. */
    private allowInternal(prometheus: Workload, stateMetrics: boolean): void {
        const { namespace } = prometheus;
        const { grafana, alertmanager } = this;
        const reloader = (workload: Workload): Listener => ({ workload, port: 8080 });
        const operator: Workload = { namespace, podLabels: { app: `${RELEASE}-operator` } };
        const child = { parent: this };
        const readers = [prometheus, ...(grafana ? [grafana.workload] : [])];
        allowIngress(
            "to-prometheus",
            { from: readers, to: [this.prometheus, reloader(prometheus)] },
            child,
        );
        if (alertmanager) {
            const { workload } = alertmanager;
            allowIngress(
                "to-alertmanager",
                { from: readers, to: [alertmanager, reloader(workload)] },
                child,
            );
            allowIngress(
                "alertmanager-peers",
                { from: [workload], to: [{ workload, port: 9094 }], protocols: ["TCP", "UDP"] },
                child,
            );
        }
        if (grafana) {
            allowIngress("prometheus-to-grafana", { from: [prometheus], to: [grafana] }, child);
        }
        if (stateMetrics) {
            const workload = chartWorkload(namespace, "kube-state-metrics");
            allowIngress(
                "prometheus-to-kube-state-metrics",
                { from: [prometheus], to: [{ workload, port: 8080 }] },
                child,
            );
        }
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

/** The password of Grafana's administrator, and the Secret that the chart is told of. */
function grafanaAccount(
    name: string,
    namespace: pulumi.Input<string>,
    opts: pulumi.CustomResourceOptions,
): Pick<GrafanaAccess, "adminSecret" | "adminPassword"> {
    const password = new random.RandomPassword(
        `${name}-grafana-admin`,
        { length: 32, special: false },
        opts,
    );
    const secret = new k8s.core.v1.Secret(
        `${name}-grafana-admin`,
        {
            metadata: { name: "grafana-admin", namespace, labels: PART_OF },
            stringData: { "admin-user": "admin", "admin-password": password.result },
        },
        opts,
    );
    return { adminSecret: secret.metadata.name, adminPassword: password.result };
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
