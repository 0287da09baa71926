import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { Labels, PART_OF } from "./labels";
import { allowIngress, Listener, Workload } from "./wiring";

/** The Prometheus that scrapes: its pods, and what must exist before a monitor can be made. */
export interface Scraper {
    readonly workload: Workload;
    readonly monitorCrds: readonly pulumi.Resource[];
}

/** How a target is scraped. */
export interface ScrapeSettings {
    /** Name of the port: of the Service for a ServiceMonitor, of the container for a PodMonitor. */
    readonly portName: string;
    readonly interval: string;
    readonly timeout: string;
    readonly path?: string;
    /** True where the exposed metrics own labels that Prometheus also sets (`namespace`, `instance`). */
    readonly honorLabels?: boolean;
    /** Patterns of whole metric names that are not stored. */
    readonly dropMetrics?: readonly string[];
    /** Environment that every series gets as a label. */
    readonly environment: string;
}

export interface LabelSelector {
    readonly matchLabels?: pulumi.Input<Labels>;
    readonly matchExpressions?: readonly {
        readonly key: string;
        readonly operator: "In" | "Exists";
        readonly values?: readonly string[];
    }[];
}

interface MonitorArgs extends ScrapeSettings {
    readonly scraper: Scraper;
    /** The port, for the NetworkPolicy edge. */
    readonly target: Listener;
}

/** A ServiceMonitor beside its Service, and the edge that lets Prometheus in. */
export function monitorService(
    name: string,
    args: MonitorArgs & { readonly serviceSelector: LabelSelector; readonly jobLabel?: string },
    opts: pulumi.CustomResourceOptions,
): k8s.apiextensions.CustomResource {
    allowScrape(name, args, opts);
    return serviceMonitor(
        name,
        name,
        args.target.workload.namespace,
        args.scraper,
        serviceMonitorSpec(args.serviceSelector, args, { jobLabel: args.jobLabel }),
        opts,
    );
}

/** The ServiceMonitor alone, for a caller whose edge is open already. `monitorName` is its name in the namespace. */
export function serviceMonitor(
    name: string,
    monitorName: string,
    namespace: pulumi.Input<string>,
    scraper: Scraper,
    spec: object,
    opts: pulumi.CustomResourceOptions,
): k8s.apiextensions.CustomResource {
    return monitor("ServiceMonitor", name, monitorName, namespace, scraper, spec, opts);
}

/** A PodMonitor beside its pods, for metrics that no Service offers, and the edge that lets Prometheus in. */
export function monitorPods(
    name: string,
    args: MonitorArgs & { readonly podSelector: LabelSelector; readonly jobLabel?: string },
    opts: pulumi.CustomResourceOptions,
): k8s.apiextensions.CustomResource {
    allowScrape(name, args, opts);
    const spec = {
        selector: args.podSelector,
        ...(args.jobLabel ? { jobLabel: args.jobLabel } : {}),
        podMetricsEndpoints: [endpoint(args)],
    };
    return monitor(
        "PodMonitor",
        name,
        name,
        args.target.workload.namespace,
        args.scraper,
        spec,
        opts,
    );
}

/** The spec of a ServiceMonitor, as in https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.ServiceMonitor. */
export function serviceMonitorSpec(
    selector: LabelSelector,
    settings: ScrapeSettings,
    labels: { readonly jobLabel?: string; readonly targetLabels?: readonly string[] } = {},
): object {
    return {
        selector,
        ...(labels.jobLabel ? { jobLabel: labels.jobLabel } : {}),
        ...(labels.targetLabels ? { targetLabels: labels.targetLabels } : {}),
        endpoints: [endpoint(settings)],
    };
}

function endpoint(settings: ScrapeSettings): object {
    return {
        port: settings.portName,
        path: settings.path ?? "/metrics",
        interval: settings.interval,
        scrapeTimeout: settings.timeout,
        ...(settings.honorLabels ? { honorLabels: true } : {}),
        // The action is the API's default, written out: the API server adds it, and a refresh would call that drift.
        relabelings: [
            { action: "replace", targetLabel: "environment", replacement: settings.environment },
        ],
        ...(settings.dropMetrics?.length
            ? { metricRelabelings: [drop(settings.dropMetrics)] }
            : {}),
    };
}

/** The series of a histogram or summary go with its name. */
function drop(patterns: readonly string[]): object {
    return {
        action: "drop",
        sourceLabels: ["__name__"],
        regex: `(${patterns.join("|")})(_bucket|_sum|_count)?`,
    };
}

function allowScrape(name: string, args: MonitorArgs, opts: pulumi.CustomResourceOptions): void {
    allowIngress(
        `prometheus-to-${name}`,
        { from: [args.scraper.workload], to: [args.target] },
        opts,
    );
}

function monitor(
    kind: "ServiceMonitor" | "PodMonitor",
    name: string,
    monitorName: string,
    namespace: pulumi.Input<string>,
    scraper: Scraper,
    spec: object,
    opts: pulumi.CustomResourceOptions,
): k8s.apiextensions.CustomResource {
    return new k8s.apiextensions.CustomResource(
        `${name}-${kind.toLowerCase()}`,
        {
            apiVersion: "monitoring.coreos.com/v1",
            kind,
            metadata: { name: monitorName, namespace, labels: PART_OF },
            spec,
        },
        // No value flows from the CRD to the monitor, yet it must exist first.
        pulumi.mergeOptions(opts, { dependsOn: [...scraper.monitorCrds] }),
    );
}
