import { DASHBOARDS } from "../dashboardLinks";
import type { AlertRule } from "../prometheusRule";
import { seconds } from "../../settings/duration";
import type { AlertSettings } from "./settings";
import { missing } from "./targets";

/** Value of the label `job` of every probe. */
export const PROBES_JOB = "probes";

/** The Deployment of the blackbox exporter. */
export const BLACKBOX_EXPORTER = "blackbox-exporter";

/**
 * Alerts on endpoints that are asked by a blackbox exporter in this namespace. Where kube-state-metrics tells what is
 * deployed, nobody misses answers before the exporter is there: its Deployment has alerts of its own.
 */
export function probeRules(
    namespace: string,
    { kubeStateMetrics }: { readonly kubeStateMetrics: boolean },
    settings: AlertSettings,
): AlertRule[] {
    const { ProbeFailed, CertificateExpiring, CertificateAboutToExpire } = settings;
    const of = (metric: string) =>
        `min by (namespace, probe, instance) (${metric}{namespace="${namespace}", job="${PROBES_JOB}"})`;
    const expiring = (
        alert: "CertificateExpiring" | "CertificateAboutToExpire",
        left: string,
    ): AlertRule => ({
        alert,
        // The first to expire of all that the endpoint sends.
        expr: `${of("probe_ssl_earliest_cert_expiry")} - time() < ${seconds(left)}`,
        summary: "A certificate of {{ $labels.probe }} expires in {{ $value | humanizeDuration }}",
        description: `A certificate that {{ $labels.instance }} sends is valid for {{ $value | humanizeDuration }} more, less than ${left}. After that, nobody who checks it connects.`,
        dashboard: DASHBOARDS.probe,
    });
    return [
        missing(
            { namespace, job: PROBES_JOB, knows: "alerts on endpoints" },
            settings,
            kubeStateMetrics
                ? `kube_deployment_spec_replicas{namespace="${namespace}", deployment="${BLACKBOX_EXPORTER}"} > 0`
                : undefined,
        ),
        {
            alert: "ProbeFailed",
            expr: `${of("probe_success")} == 0`,
            summary: "{{ $labels.probe }} does not answer",
            description: `{{ $labels.instance }} has not answered as it should for ${ProbeFailed.for}, asked from within the cluster.`,
            dashboard: DASHBOARDS.probe,
        },
        expiring("CertificateExpiring", CertificateExpiring.left),
        expiring("CertificateAboutToExpire", CertificateAboutToExpire.left),
    ];
}
