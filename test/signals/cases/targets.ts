import { NAMESPACES } from "../../../components/stack/namespaceNames";
import { AlertCase, ExpectedAlert, firing, quiet } from "../alertCase";
import { stateSeries } from "../clusterSeries";
import { between, from, Phase, Series, series, Value } from "../timeline";

type History = Value | readonly Phase[];

interface Target {
    readonly namespace: string;
    readonly job: string;
    readonly endpoint?: string;
    readonly knows: string;
}

/** What must always be there, and what cannot fire without it. */
const TARGETS: readonly Target[] = [
    {
        namespace: NAMESPACES.monitoring,
        job: "kube-state-metrics",
        knows: "alerts on workloads, Flux and backups",
    },
    {
        namespace: NAMESPACES.logging,
        job: "elasticsearch-exporter",
        knows: "alerts on Elasticsearch",
    },
    { namespace: NAMESPACES.logging, job: "fluent-bit", knows: "alerts on lost logs" },
    {
        namespace: NAMESPACES.tracing,
        job: "jaeger-collector",
        endpoint: "metrics",
        knows: "alerts on lost spans",
    },
    {
        namespace: NAMESPACES.tracing,
        job: "jaeger-collector",
        endpoint: "span-metrics",
        knows: "alerts on requests and errors of traced services",
    },
    {
        namespace: NAMESPACES.tracing,
        job: "jaeger-query",
        knows: "alerts on failing searches of traces",
    },
    // Of an application, each has one of its own.
    { namespace: "ode", job: "ode-api", knows: "alerts on it" },
    { namespace: NAMESPACES.monitoring, job: "probes", knows: "alerts on endpoints" },
    {
        namespace: NAMESPACES.autoscaling,
        job: "keda-operator",
        knows: "alerts on errors of scalers",
    },
    {
        namespace: NAMESPACES.autoscaling,
        job: "keda-operator-metrics-apiserver",
        knows: "alerts on errors of scalers",
    },
];
const nameOf = ({ job, endpoint }: Target) => (endpoint ? `${job} (port ${endpoint})` : job);

function up(
    job: string,
    over: History,
    namespace = "shop",
    pod = `${job}-0`,
    endpoint = "http",
): Series {
    return series("up", { job, namespace, pod, endpoint, instance: `${pod}:${endpoint}` }, over);
}
const upOf = ({ namespace, job, endpoint }: Target, over: History, pod?: string) =>
    up(job, over, namespace, pod, endpoint);

/** Every target is there, but for those whose history is given by their names. */
function all(changed: Readonly<Record<string, History>>): Series[] {
    return [
        ...TARGETS.map((target) => upOf(target, changed[nameOf(target)] ?? 1)),
        exporterDeployment(1),
    ];
}

/** Probes are missed where their exporter is deployed. */
function exporterDeployment(over: History): Series {
    return stateSeries(
        "kube_deployment_spec_replicas",
        { namespace: NAMESPACES.monitoring, deployment: "blackbox-exporter" },
        over,
    );
}

function missing(target: Target): ExpectedAlert {
    const { knows, ...labels } = target;
    return {
        labels,
        summary: `No metrics of ${nameOf(target)}`,
        description: `No pod of ${nameOf(target)} in ${target.namespace} has been scraped for 10m: ${knows} cannot fire.`,
    };
}

/** A target of the same job, one of the same namespace and one of the same pod, which must not count. */
function others({ namespace, job, endpoint }: Target): Series[] {
    return [
        up(job, 1, "elsewhere", undefined, endpoint),
        up("another", 1, namespace, undefined, endpoint),
        ...(endpoint ? [up(job, 1, namespace, undefined, "other-port")] : []),
    ];
}

const missingCases = [
    ...TARGETS.map((target) =>
        firing("TargetMissing", `${nameOf(target)} is gone, and its series with it`, {
            series: [...all({ [nameOf(target)]: from("5m", "gone") }), ...others(target)],
            severity: "warning",
            at: "15m",
            alerts: [missing(target)],
            until: "1h",
        }),
    ),
    firing("TargetMissing", "no pod of a job answers", {
        series: all({ "fluent-bit": from("5m", 0) }),
        severity: "warning",
        at: "15m",
        alerts: TARGETS.filter(({ job }) => job === "fluent-bit").map(missing),
    }),
    quiet("TargetMissing", "one pod of two answers", {
        series: [...all({ "fluent-bit": 0 }), up("fluent-bit", 1, NAMESPACES.logging, "second")],
        until: "1h",
    }),
    quiet("TargetMissing", "nothing is probed, and no exporter is deployed", {
        series: TARGETS.filter(({ job }) => job !== "probes").map((target) => upOf(target, 1)),
        until: "1h",
    }),
    quiet("TargetMissing", "nothing is probed, no pod is wanted, and there are others' exporters", {
        series: [
            ...TARGETS.filter(({ job }) => job !== "probes").map((target) => upOf(target, 1)),
            exporterDeployment(0),
            ...[
                { namespace: "shop", deployment: "blackbox-exporter" },
                { namespace: NAMESPACES.monitoring, deployment: "grafana" },
            ].map((labels) => stateSeries("kube_deployment_spec_replicas", labels, 1)),
        ],
        until: "1h",
    }),
    quiet("TargetMissing", "a target is back just before 10 minutes are over", {
        series: all({ "jaeger-query": between("5m", "15m", "gone") }),
        until: "1h",
    }),
];

const vanishedCases = [
    firing("ScrapeJobVanished", "somebody has deleted a ServiceMonitor", {
        series: [
            up("web", from("70m", "gone"), "shop", "web-0"),
            up("web", from("70m", "gone"), "shop", "web-1"),
            up("web", 1, "other"),
            up("api", 1),
        ],
        severity: "warning",
        at: "80m",
        alerts: [
            {
                labels: { namespace: "shop", job: "web" },
                summary: "The targets of web have vanished",
                description:
                    "2 targets of web in shop were scraped an hour ago, and none is there for 10m. Nothing that reads their metrics can fire. Ends by itself after an hour.",
            },
        ],
        until: "2h",
    }),
    quiet("ScrapeJobVanished", "the targets are there and do not answer: TargetDown tells", {
        series: [up("web", from("70m", 0))],
        until: "3h",
    }),
    quiet("ScrapeJobVanished", "one of two targets is gone", {
        series: [up("web", 1, "shop", "web-0"), up("web", from("70m", "gone"), "shop", "web-1")],
        until: "3h",
    }),
    quiet("ScrapeJobVanished", "they are back just before 10 minutes are over", {
        series: [up("web", between("70m", "80m", "gone"))],
        until: "3h",
    }),
    quiet("ScrapeJobVanished", "a job is new", {
        series: [up("web", from("70m", 1, "gone"))],
        until: "3h",
    }),
];

function controller(replicas: History, deployment = "kustomize-controller"): Series {
    const labels = { namespace: "flux-system", deployment };
    return stateSeries("kube_deployment_spec_replicas", labels, replicas);
}
function state(over: History): Series {
    const labels = { customresource_kind: "Kustomization", exported_namespace: "x", name: "apps" };
    return stateSeries("gotk_resource_info", labels, over);
}

const fluxCases = [
    firing("FluxStateMissing", "Flux runs, and nothing is known of its resources", {
        series: [controller(1), state(from("5m", "gone"))],
        severity: "warning",
        at: "35m",
        alerts: [
            {
                labels: { namespace: "flux-system" },
                summary: "Nothing is known of the state of Flux",
                description:
                    "Flux runs in flux-system, and kube-state-metrics has shown none of its resources for 30m: alerts on Flux cannot fire.",
            },
        ],
        until: "1h",
    }),
    quiet("FluxStateMissing", "there is no Flux", {
        series: [controller(1, "web")],
        until: "2h",
    }),
    quiet("FluxStateMissing", "Flux is scaled to nothing", {
        series: [controller(0)],
        until: "2h",
    }),
    quiet("FluxStateMissing", "its first resource comes just before 30 minutes are over", {
        series: [controller(1), state(from("30m", 1, "gone"))],
        until: "2h",
    }),
];

/** What is not scraped. */
export const targetCases: readonly AlertCase[] = [...missingCases, ...vanishedCases, ...fluxCases];
