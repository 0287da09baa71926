import { DASHBOARDS } from "../dashboardLinks";
import type { AlertRule, RuleGroup } from "../prometheusRule";
import type { AlertName, AlertSettings } from "./settings";

/**
 * Alerts on Flux v2, from `gotk_resource_info`, which kube-state-metrics makes of Flux's custom resources
 * (https://fluxcd.io/flux/monitoring/metrics/). Without Flux there are no series and no alerts.
 */
export function fluxRules(settings: AlertSettings): RuleGroup {
    return {
        name: "flux",
        rules: [
            notReady(
                "FluxReconciliationFailed",
                "Kustomization|HelmRelease",
                "is not reconciled",
                "the cluster does not run what Git says",
                settings,
            ),
            notReady(
                "FluxGitRepositorySyncFailed",
                "GitRepository|OCIRepository|HelmRepository|Bucket",
                "cannot be fetched",
                "what depends on it stays at its last revision",
                settings,
            ),
        ],
    };
}

function notReady(
    alert: AlertName,
    kinds: string,
    what: string,
    meaning: string,
    settings: AlertSettings,
): AlertRule {
    const resource =
        "{{ $labels.customresource_kind }} {{ $labels.exported_namespace }}/{{ $labels.name }}";
    return {
        alert,
        // `max by` drops the revision, which changes with every commit and would restart `for`.
        expr: `max by (exported_namespace, customresource_kind, name) (gotk_resource_info{customresource_kind=~"${kinds}", ready!="True", suspended!="true"}) == 1`,
        summary: `Flux: ${resource} ${what}`,
        description: `${resource} has not been Ready for ${settings[alert].for}, longer than a normal reconciliation takes: ${meaning}.`,
        dashboard: DASHBOARDS.prometheus,
    };
}
