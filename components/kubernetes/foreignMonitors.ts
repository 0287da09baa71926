import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { seconds } from "../settings/duration";
import { Labels, PART_OF } from "./labels";
import type { LabelSelector, Scraper } from "./monitors";

/** Pods that this stack does not make, and how they are scraped. */
export interface ForeignTarget {
    /** Where they are, which need not be where the monitor stands. */
    readonly namespace: string;
    readonly selector: LabelSelector;
    /** Whether the selector is of Services; otherwise of pods. */
    readonly service?: boolean;
    /** A name, of the Service where that is selected; or the number of a port that the pods declare. */
    readonly port: string | number;
    readonly path?: string;
    readonly interval: string;
    /** Labels of every series: at least `job`, which alerts select. */
    readonly labels: Labels & { readonly job: string };
    /** True where the exposed metrics own labels that Prometheus also sets. */
    readonly honorLabels?: boolean;
    readonly limits?: ScrapeLimits;
    /** Patterns of whole metric names, of which alone the series are stored. */
    readonly keepMetrics?: readonly string[];
}

/** Above either, Prometheus takes nothing of a scrape. */
export interface ScrapeLimits {
    /** Samples of a scrape. */
    readonly sampleLimit: number;
    /** Labels of a sample. */
    readonly labelLimit: number;
}

/**
 * The spec of a PodMonitor or ServiceMonitor,
 * https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PodMonitor.
 */
export function foreignMonitorSpec(target: ForeignTarget): object {
    const { namespace, selector, limits = {} } = target;
    const endpoints = [endpoint(target)];
    return {
        namespaceSelector: { matchNames: [namespace] },
        selector,
        ...limits,
        ...(target.service ? { endpoints } : { podMetricsEndpoints: endpoints }),
    };
}

function endpoint({
    service,
    port,
    path,
    interval,
    keepMetrics,
    ...target
}: ForeignTarget): object {
    const byNumber = service ? { targetPort: port } : { portNumber: port };
    return {
        ...(typeof port === "string" ? { port } : byNumber),
        path: path ?? "/metrics",
        interval,
        scrapeTimeout: scrapeTimeout(interval),
        ...(target.honorLabels ? { honorLabels: true } : {}),
        relabelings: labelled(target.labels),
        ...(keepMetrics
            ? {
                  metricRelabelings: [
                      { action: "keep", sourceLabels: ["__name__"], regex: keepMetrics.join("|") },
                  ],
              }
            : {}),
    };
}

/** Relabelings that set labels. The action is the API's default, written out: a refresh would call it drift. */
export function labelled(labels: Labels): object[] {
    return Object.entries(labels).map(([targetLabel, replacement]) => ({
        action: "replace",
        targetLabel,
        replacement,
    }));
}

/** Prometheus' own default, where that is not longer than the interval, which it refuses. */
export function scrapeTimeout(interval: string): string {
    return seconds(interval) < 10 ? interval : "10s";
}

/** A monitor of what this stack does not make, in a namespace where it may make objects. */
export function foreignMonitor(
    name: string,
    args: {
        readonly monitorName: string;
        readonly home: pulumi.Input<string>;
        readonly scraper: Scraper;
        readonly target: ForeignTarget;
    },
    opts: pulumi.CustomResourceOptions,
): k8s.apiextensions.CustomResource {
    const { monitorName, home, scraper, target } = args;
    const kind = target.service ? "ServiceMonitor" : "PodMonitor";
    return new k8s.apiextensions.CustomResource(
        `${name}-${kind.toLowerCase()}`,
        {
            apiVersion: "monitoring.coreos.com/v1",
            kind,
            metadata: { name: monitorName, namespace: home, labels: PART_OF },
            spec: foreignMonitorSpec(target),
        },
        // No value flows from the CRD to the monitor, yet it must exist first.
        pulumi.mergeOptions(opts, { dependsOn: [...scraper.monitorCrds] }),
    );
}
