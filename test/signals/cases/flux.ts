import { AlertCase, ExpectedAlert, firing, quiet } from "../alertCase";
import { stateSeries } from "../clusterSeries";
import { again, between, Phase, Series, Value } from "../timeline";

type History = Value | readonly Phase[];

/** A Flux resource as fluxResourceState.ts has kube-state-metrics show it: each state is a series of its own. */
function resource(
    kind: string,
    state: { readonly ready: string; readonly suspended?: string },
    over: History,
): Series {
    return stateSeries("gotk_resource_info", { ...identity(kind), ...state }, over);
}

function identity(kind: string): Record<string, string> {
    return { customresource_kind: kind, exported_namespace: "flux-system", name: "apps" };
}

function alert(kind: string, what: string, hold: string, meaning: string): ExpectedAlert {
    return {
        labels: identity(kind),
        summary: `Flux: ${kind} flux-system/apps ${what}`,
        description: `${kind} flux-system/apps has not been Ready for ${hold}, longer than a normal reconciliation takes: ${meaning}.`,
    };
}

const notReconciled = (kind: string) =>
    alert(kind, "is not reconciled", "15m", "the cluster does not run what Git says");
const notFetched = (kind: string) =>
    alert(kind, "cannot be fetched", "10m", "what depends on it stays at its last revision");

/** Ready until `start`, then not; ready again at `end`. */
function failsBetween(kind: string, start: string, end: string): Series[] {
    return [
        resource(kind, { ready: "True" }, between(start, end, "gone")),
        resource(kind, { ready: "False" }, between(start, end, 1, "gone")),
    ];
}

const reconciliationCases = [
    firing("FluxReconciliationFailed", "a Kustomization is not ready", {
        series: failsBetween("Kustomization", "5m", "2h"),
        severity: "critical",
        at: "20m",
        alerts: [notReconciled("Kustomization")],
        until: "1h",
    }),
    firing("FluxReconciliationFailed", "a new resource has no state yet, nor gets one", {
        series: [
            stateSeries(
                "gotk_resource_info",
                { ...identity("Kustomization"), suspended: "false" },
                1,
            ),
        ],
        severity: "critical",
        at: "15m",
        alerts: [notReconciled("Kustomization")],
    }),
    firing("FluxReconciliationFailed", "a release goes back and forth between failed and unknown", {
        series: [
            resource("HelmRelease", { ready: "False" }, again(["2m", 1], ["2m", "gone"])),
            resource("HelmRelease", { ready: "Unknown" }, again(["2m", "gone"], ["2m", 1])),
        ],
        severity: "critical",
        at: "15m",
        alerts: [notReconciled("HelmRelease")],
        until: "1h",
    }),
    quiet("FluxReconciliationFailed", "the failing resource is suspended", {
        series: [resource("Kustomization", { ready: "False", suspended: "true" }, 1)],
        until: "1h",
    }),
    quiet("FluxReconciliationFailed", "it is ready again just before 15 minutes are over", {
        series: failsBetween("Kustomization", "5m", "20m"),
        until: "1h",
    }),
    quiet("FluxReconciliationFailed", "a source fails, which has an alert of its own", {
        series: [resource("GitRepository", { ready: "False" }, 1)],
        until: "1h",
    }),
];

const sourceCases = [
    ...["GitRepository", "OCIRepository", "HelmRepository", "Bucket"].map((kind) =>
        firing("FluxGitRepositorySyncFailed", `a ${kind} cannot be fetched`, {
            series: failsBetween(kind, "5m", "1h"),
            severity: "warning",
            at: "15m",
            alerts: [notFetched(kind)],
        }),
    ),
    quiet("FluxGitRepositorySyncFailed", "it is fetched again just before 10 minutes are over", {
        series: failsBetween("GitRepository", "5m", "15m"),
        until: "1h",
    }),
    quiet("FluxGitRepositorySyncFailed", "the failing source is suspended", {
        series: [resource("GitRepository", { ready: "False", suspended: "true" }, 1)],
        until: "1h",
    }),
    quiet("FluxGitRepositorySyncFailed", "what is made of a source fails", {
        series: [resource("Kustomization", { ready: "False" }, 1)],
        until: "1h",
    }),
];

/** Whether the cluster follows Git. */
export const fluxCases: readonly AlertCase[] = [...reconciliationCases, ...sourceCases];
