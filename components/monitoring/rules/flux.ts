import type { AlertRule, RuleGroup } from "../../common/prometheusRule";

/**
 * Alerts on Flux v2, from `gotk_resource_info`, which kube-state-metrics makes of Flux's custom resources
 * (https://fluxcd.io/flux/monitoring/metrics/). Without Flux there are no series and no alerts.
 */
export function fluxRules(): RuleGroup {
    return {
        name: "flux",
        rules: [
            {
                alert: "FluxReconciliationFailed",
                expr: notReady("Kustomization|HelmRelease"),
                for: "15m",
                severity: "critical",
                ...texts("is not reconciled", "the cluster does not run what Git says"),
            },
            {
                alert: "FluxGitRepositorySyncFailed",
                expr: notReady("GitRepository|OCIRepository|HelmRepository|Bucket"),
                for: "10m",
                severity: "warning",
                ...texts("cannot be fetched", "what depends on it stays at its last revision"),
            },
        ],
    };
}

/** `max by` drops the revision, which changes with every commit and would restart `for`. */
function notReady(kinds: string): string {
    return `max by (exported_namespace, customresource_kind, name) (gotk_resource_info{customresource_kind=~"${kinds}", ready!="True", suspended!="true"}) == 1`;
}

function texts(what: string, meaning: string): Pick<AlertRule, "summary" | "description"> {
    const resource =
        "{{ $labels.customresource_kind }} {{ $labels.exported_namespace }}/{{ $labels.name }}";
    return {
        summary: `Flux: ${resource} ${what}`,
        description: `${resource} has not been Ready for longer than a normal reconciliation takes: ${meaning}.`,
    };
}
