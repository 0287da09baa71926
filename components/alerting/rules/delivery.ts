import { Dashboard, DASHBOARDS } from "../dashboardLinks";
import type { AlertRule } from "../prometheusRule";
import type { AlertSettings } from "./settings";
import { percent } from "./texts";

const CANARY = "{{ $labels.namespace }}/{{ $labels.name }}";

/** Of rollouts and applications nothing is known but this where kube-state-metrics is off. */
function shown(known: Dashboard, kubeStateMetrics: boolean): Dashboard {
    return kubeStateMetrics ? known : DASHBOARDS.namespaceWorkloads;
}

/** Alerts on Flagger's canaries, https://docs.flagger.app/usage/monitoring. */
export function flaggerRules(
    { FlaggerCanaryStuck }: AlertSettings,
    kubeStateMetrics: boolean,
): AlertRule[] {
    const dashboard = shown(DASHBOARDS.canary, kubeStateMetrics);
    return [
        {
            alert: "FlaggerCanaryFailed",
            // 0 is in progress, 1 has succeeded.
            expr: "max by (namespace, name) (flagger_canary_status) == 2",
            summary: `The canary ${CANARY} has failed`,
            description: `Flagger has taken the new version of ${CANARY} back: its analysis failed. The old version serves.`,
            dashboard,
        },
        {
            alert: "FlaggerCanaryStuck",
            expr: "max by (namespace, name) (flagger_canary_status) == 0",
            summary: `The canary ${CANARY} does not come to an end`,
            description: `The analysis of ${CANARY} has been in progress for ${FlaggerCanaryStuck.for}: two versions serve at once.`,
            dashboard,
        },
    ];
}

/** Who counts the requests that reached a service: its sidecar, or without any the waypoint before it. */
const REPORTERS = { sidecar: "destination", ambient: "waypoint" };

/** Alerts on Istio. */
export function istioRules(
    mode: keyof typeof REPORTERS,
    { IstioHighErrorRate, IstioConfigRejected }: AlertSettings,
    kubeStateMetrics: boolean,
): AlertRule[] {
    const service = "destination_service_namespace, destination_service_name";
    const requests = (matchers: string) =>
        `sum by (${service}) (rate(istio_requests_total{reporter="${REPORTERS[mode]}"${matchers}}[5m]))`;
    return [
        {
            alert: "IstioHighErrorRate",
            expr: `label_replace(${requests(', response_code=~"5.."')} / ${requests("")} > ${IstioHighErrorRate.share}, "namespace", "$1", "destination_service_namespace", "(.*)")`,
            summary:
                "{{ $labels.destination_service_namespace }}/{{ $labels.destination_service_name }} answers with errors",
            description: `{{ $value | humanizePercentage }} of the answers of {{ $labels.destination_service_namespace }}/{{ $labels.destination_service_name }} have been 5xx for ${IstioHighErrorRate.for}, more than ${percent(IstioHighErrorRate.share)}.`,
            dashboard: shown(DASHBOARDS.applications, kubeStateMetrics),
        },
        {
            alert: "IstioConfigRejected",
            expr: "sum by (namespace) (rate(pilot_total_xds_rejects[5m])) > 0",
            summary: "Proxies of Istio refuse their configuration",
            description: `Proxies have refused {{ $value | printf "%.2f" }} configurations per second from istiod in {{ $labels.namespace }} for ${IstioConfigRejected.for}: they go on with the last one that they took.`,
            dashboard: DASHBOARDS.namespacePods,
        },
    ];
}

/** Alerts on Argo CD's applications, https://argo-cd.readthedocs.io/en/stable/operator-manual/metrics/. */
export function argocdRules({
    ArgocdApplicationOutOfSync,
    ArgocdApplicationDegraded,
}: AlertSettings): AlertRule[] {
    // Each state is a series of its own; the other labels change with a deployment and would restart `for`.
    const inState = (matcher: string) =>
        `max by (namespace, name) (argocd_app_info{job="argocd-application-controller", ${matcher}}) == 1`;
    const application = "{{ $labels.namespace }}/{{ $labels.name }}";
    return [
        {
            alert: "ArgocdApplicationOutOfSync",
            expr: inState('sync_status="OutOfSync"'),
            summary: `Argo CD: ${application} is out of sync`,
            description: `The application ${application} has differed from Git for ${ArgocdApplicationOutOfSync.for}: nobody synchronizes it, or it cannot be.`,
            dashboard: DASHBOARDS.argocd,
        },
        {
            alert: "ArgocdApplicationDegraded",
            expr: inState('health_status="Degraded"'),
            summary: `Argo CD: ${application} is degraded`,
            description: `Something that the application ${application} deploys has failed, or has not become ready, for ${ArgocdApplicationDegraded.for}.`,
            dashboard: DASHBOARDS.argocd,
        },
    ];
}
