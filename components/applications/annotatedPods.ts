import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { AlertRules } from "../alerting/alertRules";
import type { AlertContext } from "../alerting/prometheusRule";
import { samplesNearLimit } from "../alerting/rules/applications";
import { Labels, PART_OF } from "../kubernetes/labels";
import { labelled, ScrapeLimits } from "../kubernetes/foreignMonitors";
import type { Scraper } from "../kubernetes/monitors";

/** Value of the label `job` of their series. */
export const ANNOTATED_JOB = "annotated-pods";

/** Pods that a monitor scrapes. */
export interface MonitoredPods {
    readonly namespace: string;
    readonly podLabels: Labels;
}

export interface AnnotatedPodsArgs {
    /** Where the ScrapeConfig stands. */
    readonly home: pulumi.Input<string>;
    /** The namespaces that are looked at; all when not given. */
    readonly namespaces: readonly string[] | undefined;
    /** Namespaces that are left out, as regular expressions of whole names. */
    readonly closed: readonly string[];
    readonly monitored: readonly MonitoredPods[];
    /** Whether pods with a sidecar of Istio are left out: Istio gives them the annotations, for all of their metrics at once. */
    readonly injected: boolean;
    readonly limits: ScrapeLimits;
    readonly environment: string;
    readonly alerts: AlertContext;
    readonly scraper: Scraper;
}

/**
 * A ScrapeConfig of the pods that ask for it by `prometheus.io/scrape`, each once and none that a monitor has. Needs the
 * operator's CRDs; leaves nothing.
 */
export class AnnotatedPods extends pulumi.ComponentResource {
    constructor(name: string, args: AnnotatedPodsArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:AnnotatedPods", name, {}, opts);
        new k8s.apiextensions.CustomResource(
            `${name}-scrapeconfig`,
            {
                apiVersion: "monitoring.coreos.com/v1alpha1",
                kind: "ScrapeConfig",
                metadata: { name: ANNOTATED_JOB, namespace: args.home, labels: PART_OF },
                spec: annotatedPodsSpec(args),
            },
            // No value flows from the CRD, yet it must exist first.
            { parent: this, dependsOn: [...args.scraper.monitorCrds] },
        );
        const limited = { job: ANNOTATED_JOB, sampleLimit: args.limits.sampleLimit };
        new AlertRules(
            `${name}-alerts`,
            {
                namespace: args.home,
                ruleName: ANNOTATED_JOB,
                groups: [
                    {
                        name: ANNOTATED_JOB,
                        rules: [samplesNearLimit(limited, args.alerts.settings)],
                    },
                ],
                alerts: args.alerts,
                scraper: args.scraper,
            },
            { parent: this },
        );
        this.registerOutputs({});
    }
}

const ANNOTATION = "__meta_kubernetes_pod_annotation_prometheus_io_";

/** https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1alpha1.ScrapeConfig */
export function annotatedPodsSpec({
    namespaces,
    closed,
    monitored,
    injected,
    limits,
    environment,
}: Pick<
    AnnotatedPodsArgs,
    "namespaces" | "closed" | "monitored" | "injected" | "limits" | "environment"
>): object {
    return {
        kubernetesSDConfigs: [
            { role: "Pod", ...(namespaces ? { namespaces: { names: namespaces } } : {}) },
        ],
        scrapeInterval: "30s",
        scrapeTimeout: "10s",
        ...limits,
        relabelings: [
            keep([`${ANNOTATION}scrape`], "true"),
            drop(["__meta_kubernetes_pod_phase"], "(Succeeded|Failed)"),
            drop(["__meta_kubernetes_namespace"], closed.join("|")),
            // Redis pods, whose exporters have monitors.
            drop(["__meta_kubernetes_pod_labelpresent_redis_setup_type"], "true"),
            ...(injected
                ? [
                      drop(
                          ["__meta_kubernetes_pod_annotationpresent_sidecar_istio_io_status"],
                          "true",
                      ),
                  ]
                : []),
            ...monitored.map(dropMonitored),
            set("__scheme__", [`${ANNOTATION}scheme`], "(https?)"),
            set("__metrics_path__", [`${ANNOTATION}path`], "(.+)"),
            // By the address and not by the declared ports, of which there is a target each: the same target is scraped
            // once. Without the annotation, the port that was declared.
            {
                ...set(
                    "__address__",
                    ["__meta_kubernetes_pod_ip", `${ANNOTATION}port`],
                    "([0-9.]+);([0-9]+)",
                ),
                replacement: "$1:$2",
            },
            {
                ...set(
                    "__address__",
                    ["__meta_kubernetes_pod_ip", `${ANNOTATION}port`],
                    "([0-9a-f:]+:[0-9a-f:]*);([0-9]+)",
                ),
                replacement: "[$1]:$2",
            },
            set("namespace", ["__meta_kubernetes_namespace"]),
            set("pod", ["__meta_kubernetes_pod_name"]),
            set("app", ["__meta_kubernetes_pod_label_app_kubernetes_io_name"], "(.+)"),
            set("app", ["__meta_kubernetes_pod_label_app"], "(.+)"),
            ...labelled({ job: ANNOTATED_JOB, environment }),
        ],
    };
}

/** By the namespace and all labels at once. */
function dropMonitored({ namespace, podLabels }: MonitoredPods): object {
    const labels = Object.entries(podLabels);
    const sources = labels.map(
        ([key]) => `__meta_kubernetes_pod_label_${key.replace(/[^a-zA-Z0-9_]/g, "_")}`,
    );
    const values = [namespace, ...labels.map(([, value]) => value)];
    return drop(
        ["__meta_kubernetes_namespace", ...sources],
        values.map((value) => value.replaceAll(".", "\\.")).join(";"),
    );
}

function keep(sourceLabels: readonly string[], regex: string): object {
    return { action: "keep", sourceLabels, regex };
}

function drop(sourceLabels: readonly string[], regex: string): object {
    return { action: "drop", sourceLabels, regex };
}

/** The action is the API's default, written out: a refresh would call it drift. */
function set(targetLabel: string, sourceLabels: readonly string[], regex?: string): object {
    return { action: "replace", targetLabel, sourceLabels, ...(regex ? { regex } : {}) };
}
