import { DASHBOARDS } from "../dashboardLinks";
import type { AlertRule, RuleGroup } from "../prometheusRule";
import type { AlertSettings } from "./settings";

/**
 * Alerts on Flux v2, from `gotk_resource_info`, which kube-state-metrics makes of Flux's custom resources
 * (https://fluxcd.io/flux/monitoring/metrics/). They need no `delivery.flux`: what they read is scraped wherever
 * kube-state-metrics is. Without Flux there are no series and no alerts.
 */
export function fluxRules(settings: AlertSettings): RuleGroup {
    const failing = (kinds: string) =>
        `${state(kinds, 'ready!="True", suspended!="true"')} unless ${HERE} ${state(kinds, 'stalled="True", suspended!="true"')}`;
    return {
        name: "flux",
        rules: [
            {
                alert: "FluxReconciliationFailed",
                // A release that was rolled back is not ready either, and serves.
                expr: `${failing(APPLIED)} unless ${HERE} ${state("HelmRelease", 'remediated="True"')} == 1`,
                summary: `Flux: ${RESOURCE} is not reconciled`,
                description: `${RESOURCE} has not been Ready for ${settings.FluxReconciliationFailed.for}, longer than a normal reconciliation takes: the cluster does not run what Git says.`,
                dashboard: DASHBOARDS.flux,
            },
            {
                alert: "FluxGitRepositorySyncFailed",
                expr: `${failing(SOURCES)} == 1`,
                summary: `Flux: ${RESOURCE} cannot be fetched`,
                description: `${RESOURCE} has not been Ready for ${settings.FluxGitRepositorySyncFailed.for}, longer than a normal reconciliation takes: what depends on it stays at its last revision.`,
                dashboard: DASHBOARDS.flux,
            },
            {
                alert: "FluxStalled",
                expr: `${state(`${APPLIED}|${SOURCES}`, 'stalled="True", suspended!="true"')} == 1`,
                summary: `Flux: ${RESOURCE} is stalled`,
                description: `${RESOURCE} cannot be reconciled as it is, and Flux has given up for ${settings.FluxStalled.for}: only a change helps.`,
                dashboard: DASHBOARDS.flux,
            },
            {
                alert: "FluxSuspended",
                expr: `${state(`${APPLIED}|${SOURCES}`, 'suspended="true"')} == 1`,
                summary: `Flux: ${RESOURCE} is suspended`,
                description: `${RESOURCE} has been suspended for ${settings.FluxSuspended.for}: changes in Git do not reach the cluster, and nothing else tells.`,
                dashboard: DASHBOARDS.flux,
            },
            {
                alert: "FluxReleaseRolledBack",
                expr: `${state("HelmRelease", 'remediated="True", suspended!="true"')} == 1`,
                summary: `Flux: ${RESOURCE} was rolled back`,
                description: `The last upgrade of ${RESOURCE} has failed, and Flux went back to the release before: the cluster does not run what Git says.`,
                dashboard: DASHBOARDS.flux,
            },
        ],
    };
}

/**
 * An alert on what Flux does not look at any more, by the counter that its controllers keep of each object. Objects that
 * are gone or suspended do not count; after a restart of a controller, it looks again once `within` is over. The interval
 * of each object would be the better bound, and kube-state-metrics reads `10m` as 0.01.
 */
export function fluxOverdueRules(
    within: string,
    { FluxReconcileOverdue }: AlertSettings,
): AlertRule[] {
    const count = (at: string) =>
        `max by (exported_namespace, kind, name) (gotk_reconcile_duration_seconds_count${at})`;
    const named = `label_replace(label_replace(${count("")} == ${count(` offset ${within}`)}, "namespace", "$1", "exported_namespace", "(.+)"), "customresource_kind", "$1", "kind", "(.+)")`;
    return [
        {
            alert: "FluxReconcileOverdue",
            expr: `max by (namespace, customresource_kind, name) (${named}) and ${HERE} ${state(`${APPLIED}|${SOURCES}`, 'suspended!="true"')}`,
            summary: `Flux: ${RESOURCE} is not reconciled any more`,
            description: `No controller has looked at ${RESOURCE} for ${within} and ${FluxReconcileOverdue.for}: its state is what it was then, and changes in Git do not arrive.`,
            dashboard: DASHBOARDS.flux,
        },
    ];
}

const APPLIED = "Kustomization|HelmRelease";
const SOURCES = "GitRepository|OCIRepository|HelmRepository|Bucket";
const RESOURCE = "{{ $labels.customresource_kind }} {{ $labels.namespace }}/{{ $labels.name }}";
const HERE = "on (namespace, customresource_kind, name)";

/**
 * `max by` drops the revision, which changes with every commit and would restart `for`, and the namespace of
 * kube-state-metrics, whose name the resource's own has then.
 */
function state(kinds: string, matchers: string): string {
    const series = `gotk_resource_info{customresource_kind=~"${kinds}", ${matchers}}`;
    return `max by (namespace, customresource_kind, name) (label_replace(${series}, "namespace", "$1", "exported_namespace", "(.+)"))`;
}
