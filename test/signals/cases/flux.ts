import { AlertCase, ExpectedAlert, firing, quiet } from "../alertCase";
import { stateSeries } from "../clusterSeries";
import { again, between, from, Phase, Series, Value } from "../timeline";

type History = Value | readonly Phase[];

/** A Flux resource as kube-state-metrics shows it: each state is a series of its own. */
function resource(
    kind: string,
    state: { readonly ready: string; readonly suspended?: string; readonly revision?: string },
    over: History,
): Series {
    return stateSeries(
        "gotk_resource_info",
        {
            customresource_group: `${kind.toLowerCase()}.toolkit.fluxcd.io`,
            customresource_kind: kind,
            exported_namespace: "flux-system",
            name: "apps",
            ready: state.ready,
            suspended: state.suspended ?? "false",
            revision: state.revision ?? "main@sha1:1",
        },
        over,
    );
}

function alert(kind: string, what: string, meaning: string): ExpectedAlert {
    return {
        labels: { customresource_kind: kind, exported_namespace: "flux-system", name: "apps" },
        summary: `Flux: ${kind} flux-system/apps ${what}`,
        description: `${kind} flux-system/apps has not been Ready for longer than a normal reconciliation takes: ${meaning}.`,
    };
}

const notReconciled = (kind: string) =>
    alert(kind, "is not reconciled", "the cluster does not run what Git says");
const notFetched = (kind: string) =>
    alert(kind, "cannot be fetched", "what depends on it stays at its last revision");

/** Ready until `start`, then not; ready again at `end`. */
function failsBetween(kind: string, start: string, end: string): Series[] {
    return [
        resource(kind, { ready: "True" }, between(start, end, "gone")),
        resource(kind, { ready: "False" }, between(start, end, 1, "gone")),
    ];
}

const reconciliationCases = [
    firing("FluxReconciliationFailed", "every commit brings a new revision, and none works", {
        series: [
            resource("Kustomization", { ready: "True" }, from("5m", "gone")),
            ...["main@sha1:2", "main@sha1:3"].map((revision, i) =>
                resource("Kustomization", { ready: "False", revision }, [
                    ["5m", "gone"],
                    ...again(["1m", i === 0 ? 1 : "gone"], ["1m", i === 0 ? "gone" : 1]),
                ]),
            ),
        ],
        severity: "critical",
        at: "20m",
        alerts: [notReconciled("Kustomization")],
        until: "1h",
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
