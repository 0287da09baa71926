import { DASHBOARDS } from "../dashboardLinks";
import type { AlertRule, RuleGroup } from "../prometheusRule";
import type { AlertSettings } from "./settings";

/** What must be scraped. */
export interface RequiredTarget {
    readonly namespace: string;
    readonly job: string;
    /** Name of the port, where a job has several that are scraped. */
    readonly endpoint?: string;
    /** What is blind without it. */
    readonly knows: string;
}

interface Target extends RequiredTarget {
    /** The part that it is of. */
    readonly part: keyof TargetParts;
}

/** Namespaces of the platform's targets. */
export interface TargetNamespaces {
    readonly monitoring: string;
    readonly logging: string;
    readonly tracing: string;
}

/** Which parts are there. */
export interface TargetParts {
    readonly kubeStateMetrics: boolean;
    readonly logging: boolean;
    readonly elasticsearch: boolean;
    readonly tracing: boolean;
}

/** What must always be scraped, by namespace and job; Redis instances and the Redis operator have rules of their own. */
function targets({ monitoring, logging, tracing }: TargetNamespaces): Target[] {
    return [
        {
            part: "kubeStateMetrics",
            namespace: monitoring,
            job: "kube-state-metrics",
            knows: "alerts on workloads, Flux and backups",
        },
        {
            part: "elasticsearch",
            namespace: logging,
            job: "elasticsearch-exporter",
            knows: "alerts on Elasticsearch",
        },
        { part: "logging", namespace: logging, job: "fluent-bit", knows: "alerts on lost logs" },
        {
            part: "tracing",
            namespace: tracing,
            job: "jaeger-collector",
            endpoint: "metrics",
            knows: "alerts on lost spans",
        },
        {
            part: "tracing",
            namespace: tracing,
            job: "jaeger-query",
            knows: "alerts on failing searches of traces",
        },
        {
            part: "tracing",
            namespace: tracing,
            job: "jaeger-collector",
            endpoint: "span-metrics",
            knows: "alerts on requests and errors of traced services",
        },
    ];
}

/** Alerts on what is not scraped: a target that is gone has no series that could be 0, and fires nothing. */
export function targetRules(
    namespaces: TargetNamespaces,
    parts: TargetParts,
    settings: AlertSettings,
): RuleGroup {
    const { ScrapeJobVanished } = settings;
    return {
        name: "targets",
        // All of them have to last for many minutes, and one reads every target of an hour ago.
        interval: "2m",
        rules: [
            ...targets(namespaces)
                .filter(({ part }) => parts[part])
                .map((target) => missing(target, settings)),
            {
                alert: "ScrapeJobVanished",
                expr: `count by (namespace, job) (up offset 1h) unless on (namespace, job) count by (namespace, job) (up)`,
                summary: "The targets of {{ $labels.job }} have vanished",
                description: `{{ $value }} targets of {{ $labels.job }} in {{ $labels.namespace }} were scraped an hour ago, and none is there for ${ScrapeJobVanished.for}. Nothing that reads their metrics can fire. Ends by itself after an hour.`,
                dashboard: DASHBOARDS.prometheus,
            },
            ...(parts.kubeStateMetrics ? [fluxStateMissing(settings)] : []),
        ],
    };
}

function fluxStateMissing({ FluxStateMissing }: AlertSettings): AlertRule {
    return {
        alert: "FluxStateMissing",
        // Only where Flux is installed.
        expr: `max by (namespace) (kube_deployment_spec_replicas{deployment="kustomize-controller"}) > 0 unless on () count(gotk_resource_info)`,
        summary: "Nothing is known of the state of Flux",
        description: `Flux runs in {{ $labels.namespace }}, and kube-state-metrics has shown none of its resources for ${FluxStateMissing.for}: alerts on Flux cannot fire.`,
        dashboard: DASHBOARDS.fluxAll,
    };
}

/** An alert on a target that is not there; with an expression, only where that has a result. */
export function missing(
    { namespace, job, endpoint, knows }: RequiredTarget,
    { TargetMissing }: AlertSettings,
    where?: string,
): AlertRule {
    const labels = { namespace, job, ...(endpoint === undefined ? {} : { endpoint }) };
    const what = endpoint === undefined ? job : `${job} (port ${endpoint})`;
    const matchers = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
    return {
        alert: "TargetMissing",
        expr: `absent(up{${matchers.join(", ")}} == 1)${where === undefined ? "" : ` and on () (${where})`}`,
        labels,
        summary: `No metrics of ${what}`,
        description: `No pod of ${what} in ${namespace} has been scraped for ${TargetMissing.for}: ${knows} cannot fire.`,
        dashboard: DASHBOARDS.namespacePods,
    };
}
