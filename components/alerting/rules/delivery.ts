import { Dashboard, DASHBOARDS } from "../dashboardLinks";
import type { RuleGroup } from "../prometheusRule";
import type { AlertSettings } from "./settings";
import { percent } from "./texts";

const CANARY = "{{ $labels.namespace }}/{{ $labels.name }}";

/** Alerts on Flagger and Istio. In a cluster without them there are no series and no alerts. */
export function deliveryRules(
    settings: AlertSettings,
    /** Without it, nothing is known of rollouts and applications but this. */
    kubeStateMetrics: boolean,
): RuleGroup {
    const { FlaggerCanaryStuck, IstioHighErrorRate, IstioConfigRejected } = settings;
    const of = (known: Dashboard) => (kubeStateMetrics ? known : DASHBOARDS.namespaceWorkloads);
    const service = "destination_service_namespace, destination_service_name";
    // The destination's sidecar counts what reached it.
    const requests = (matchers: string) =>
        `sum by (${service}) (rate(istio_requests_total{reporter="destination"${matchers}}[5m]))`;
    return {
        name: "delivery",
        rules: [
            {
                alert: "FlaggerCanaryFailed",
                // 0 is in progress, 1 has succeeded: https://docs.flagger.app/usage/monitoring
                expr: "max by (namespace, name) (flagger_canary_status) == 2",
                summary: `The canary ${CANARY} has failed`,
                description: `Flagger has taken the new version of ${CANARY} back: its analysis failed. The old version serves.`,
                dashboard: of(DASHBOARDS.canary),
            },
            {
                alert: "FlaggerCanaryStuck",
                expr: "max by (namespace, name) (flagger_canary_status) == 0",
                summary: `The canary ${CANARY} does not come to an end`,
                description: `The analysis of ${CANARY} has been in progress for ${FlaggerCanaryStuck.for}: two versions serve at once.`,
                dashboard: of(DASHBOARDS.canary),
            },
            {
                alert: "IstioHighErrorRate",
                expr: `label_replace(${requests(', response_code=~"5.."')} / ${requests("")} > ${IstioHighErrorRate.share}, "namespace", "$1", "destination_service_namespace", "(.*)")`,
                summary:
                    "{{ $labels.destination_service_namespace }}/{{ $labels.destination_service_name }} answers with errors",
                description: `{{ $value | humanizePercentage }} of the answers of {{ $labels.destination_service_namespace }}/{{ $labels.destination_service_name }} have been 5xx for ${IstioHighErrorRate.for}, more than ${percent(IstioHighErrorRate.share)}.`,
                dashboard: of(DASHBOARDS.applications),
            },
            {
                alert: "IstioConfigRejected",
                expr: "sum by (namespace) (rate(pilot_total_xds_rejects[5m])) > 0",
                summary: "Proxies of Istio refuse their configuration",
                description: `Proxies have refused {{ $value | printf "%.2f" }} configurations per second from istiod in {{ $labels.namespace }} for ${IstioConfigRejected.for}: they go on with the last one that they took.`,
                dashboard: DASHBOARDS.namespacePods,
            },
        ],
    };
}
