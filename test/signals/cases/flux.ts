import { AlertCase, ExpectedAlert, firing, quiet } from "../alertCase";
import { stateSeries } from "../clusterSeries";
import { again, between, Phase, Series, series, Value } from "../timeline";

type History = Value | readonly Phase[];

/** A Flux resource as fluxResourceState.ts has kube-state-metrics show it: each state is a series of its own. */
function resource(kind: string, state: Readonly<Record<string, string>>, over: History): Series {
    return stateSeries("gotk_resource_info", { ...identity(kind), ...state }, over);
}

function identity(kind: string): Record<string, string> {
    return { customresource_kind: kind, exported_namespace: "flux-system", name: "apps" };
}

function alert(kind: string, what: string, hold: string, meaning: string): ExpectedAlert {
    return {
        labels: { customresource_kind: kind, namespace: "flux-system", name: "apps" },
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

const told = (kind: string, summary: string, description: string): ExpectedAlert => ({
    labels: { customresource_kind: kind, namespace: "flux-system", name: "apps" },
    summary,
    description,
});
const stateCases = [
    firing("FluxStalled", "a Kustomization is stalled", {
        series: [
            resource(
                "Kustomization",
                { ready: "False", stalled: "True" },
                between("5m", "2h", 1, "gone"),
            ),
        ],
        severity: "critical",
        at: "10m",
        alerts: [
            told(
                "Kustomization",
                "Flux: Kustomization flux-system/apps is stalled",
                "Kustomization flux-system/apps cannot be reconciled as it is, and Flux has given up for 5m: only a change helps.",
            ),
        ],
    }),
    quiet("FluxStalled", "it is stalled and suspended, or ready", {
        series: [
            resource("Kustomization", { ready: "False", stalled: "True", suspended: "true" }, 1),
            resource("HelmRelease", { ready: "True", stalled: "False" }, 1),
        ],
        until: "1h",
    }),
    quiet("FluxReconciliationFailed", "it is stalled, or was rolled back: others tell", {
        series: [
            resource("Kustomization", { ready: "False", stalled: "True" }, 1),
            resource("HelmRelease", { ready: "False", remediated: "True" }, 1),
        ],
        until: "1h",
    }),
    quiet("FluxGitRepositorySyncFailed", "it is stalled, which FluxStalled tells", {
        series: [resource("GitRepository", { ready: "False", stalled: "True" }, 1)],
        until: "1h",
    }),
    firing("FluxSuspended", "a source is suspended for three days", {
        step: "30m",
        series: [resource("GitRepository", { ready: "True", suspended: "true" }, [["80h", 1]])],
        severity: "warning",
        at: "72h",
        alerts: [
            told(
                "GitRepository",
                "Flux: GitRepository flux-system/apps is suspended",
                "GitRepository flux-system/apps has been suspended for 3d: changes in Git do not reach the cluster, and nothing else tells.",
            ),
        ],
    }),
    quiet("FluxSuspended", "it is suspended for two days", {
        step: "30m",
        series: [
            resource("GitRepository", { ready: "True", suspended: "true" }, [
                ["48h", 1],
                ["48h", "gone"],
            ]),
        ],
        until: "90h",
    }),
    firing("FluxReleaseRolledBack", "a release was rolled back", {
        series: [
            resource(
                "HelmRelease",
                { ready: "False", remediated: "True" },
                between("5m", "2h", 1, "gone"),
            ),
        ],
        severity: "warning",
        at: "6m",
        alerts: [
            told(
                "HelmRelease",
                "Flux: HelmRelease flux-system/apps was rolled back",
                "The last upgrade of HelmRelease flux-system/apps has failed, and Flux went back to the release before: the cluster does not run what Git says.",
            ),
        ],
    }),
    quiet("FluxReleaseRolledBack", "a release has only failed, or is suspended", {
        series: [
            resource("HelmRelease", { ready: "False", remediated: "False" }, 1),
            resource("HelmRelease", { ready: "False", remediated: "True", suspended: "true" }, 1),
        ],
        until: "1h",
    }),
];

/** How often a controller has reconciled an object; its monitor does not honour the namespace. */
function reconciled(
    kind: string,
    over: History,
    { name = "apps", pod = "kustomize-controller-0" } = {},
): Series {
    return series(
        "gotk_reconcile_duration_seconds_count",
        {
            job: "kustomize-controller",
            namespace: "flux-system",
            pod,
            instance: `${pod}:8080`,
            exported_namespace: "flux-system",
            kind,
            name,
        },
        over,
    );
}
const climb = (perMinute: number) => ({ from: 100, perMinute });

const overdue = (kind: string) =>
    told(
        kind,
        `Flux: ${kind} flux-system/apps is not reconciled any more`,
        `No controller has looked at ${kind} flux-system/apps for 1h and 5m: its state is what it was then, and changes in Git do not arrive.`,
    );
const overdueCases = [
    firing("FluxReconcileOverdue", "a controller has stopped looking, and says Ready", {
        series: [
            resource("Kustomization", { ready: "True", suspended: "false" }, 1),
            // The last time at 30m.
            reconciled("Kustomization", [
                ["30m", climb(0.1)],
                ["4h", 103],
            ]),
            reconciled("Kustomization", climb(0.1), { name: "other" }),
        ],
        severity: "warning",
        at: "95m",
        alerts: [overdue("Kustomization")],
        until: "3h",
    }),
    quiet("FluxReconcileOverdue", "it is reconciled each 50 minutes", {
        series: [
            resource("HelmRelease", { ready: "True", suspended: "false" }, 1),
            reconciled("HelmRelease", [
                ["50m", 1],
                ["50m", 2],
                ["50m", 3],
                ["50m", 4],
            ]),
        ],
        until: "200m",
    }),
    quiet("FluxReconcileOverdue", "the controller restarts, and counts from 1", {
        series: [
            resource("Kustomization", { ready: "True", suspended: "false" }, 1),
            reconciled("Kustomization", [
                ["80m", climb(0.02)],
                ["4h", "gone"],
            ]),
            reconciled(
                "Kustomization",
                [
                    ["80m", "gone"],
                    ["50m", 1],
                    ["50m", 2],
                ],
                { pod: "kustomize-controller-1" },
            ),
        ],
        until: "3h",
    }),
    quiet("FluxReconcileOverdue", "it is suspended, or deleted and still counted", {
        series: [
            resource("Kustomization", { ready: "True", suspended: "true" }, 1),
            reconciled("Kustomization", 100),
            reconciled("HelmRelease", 100),
        ],
        until: "3h",
    }),
];

/** Whether the cluster follows Git. */
export const fluxCases: readonly AlertCase[] = [
    ...overdueCases,
    ...stateCases,
    ...reconciliationCases,
    ...sourceCases,
];
