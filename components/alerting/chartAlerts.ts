import { z } from "zod";

import { alertDuration } from "../settings/scalars";
import { SEVERITIES } from "./severity";

/**
 * Alerts of kube-prometheus-stack 88.5.3 with the severities that its rules give them: the configuration knows their names,
 * and the routing table who is told of each. Watchdog and InfoInhibitor are no alerts on anything, and stay as they are.
 */
export const CHART_ALERTS = {
    AlertmanagerClusterCrashlooping: ["critical"],
    AlertmanagerClusterDown: ["critical"],
    AlertmanagerClusterFailedPeers: ["warning"],
    AlertmanagerClusterFailedToSendAlerts: ["critical", "warning"],
    AlertmanagerConfigInconsistent: ["critical"],
    AlertmanagerFailedReload: ["critical"],
    AlertmanagerFailedToSendAlerts: ["warning"],
    AlertmanagerMembersInconsistent: ["critical"],
    CPUThrottlingHigh: ["info"],
    ConfigReloaderSidecarErrors: ["warning"],
    KubeAPIDown: ["critical"],
    KubeAPIErrorBudgetBurn: ["critical", "warning"],
    KubeAPIInstanceUnreachable: ["warning"],
    KubeAPITerminatedRequests: ["warning"],
    KubeAggregatedAPIDown: ["warning"],
    KubeAggregatedAPIErrors: ["warning"],
    KubeCPUOvercommit: ["warning"],
    KubeCPUQuotaOvercommit: ["warning"],
    KubeClientCertificateExpiration: ["critical", "warning"],
    KubeClientErrors: ["warning"],
    KubeContainerWaiting: ["warning"],
    KubeDaemonSetMisScheduled: ["warning"],
    KubeDaemonSetNotScheduled: ["warning"],
    KubeDaemonSetRolloutStuck: ["warning"],
    KubeDeploymentGenerationMismatch: ["warning"],
    KubeDeploymentReplicasMismatch: ["warning"],
    KubeDeploymentRolloutStuck: ["warning"],
    KubeHpaMaxedOut: ["warning"],
    KubeHpaReplicasMismatch: ["warning"],
    KubeJobFailed: ["warning"],
    KubeJobNotCompleted: ["warning"],
    KubeMemoryOvercommit: ["warning"],
    KubeMemoryQuotaOvercommit: ["warning"],
    KubeNodeEviction: ["info"],
    KubeNodeNotReady: ["warning"],
    KubeNodePressure: ["info"],
    KubeNodeReadinessFlapping: ["warning"],
    KubeNodeUnreachable: ["warning"],
    KubePdbNotEnoughHealthyPods: ["warning"],
    KubePersistentVolumeErrors: ["critical"],
    KubePersistentVolumeFillingUp: ["critical", "warning"],
    KubePersistentVolumeInodesFillingUp: ["critical", "warning"],
    KubePodCrashLooping: ["warning"],
    KubePodNotReady: ["warning"],
    KubeQuotaAlmostFull: ["info"],
    KubeQuotaExceeded: ["warning"],
    KubeQuotaFullyUsed: ["info"],
    KubeStateMetricsListErrors: ["critical"],
    KubeStateMetricsShardingMismatch: ["critical"],
    KubeStateMetricsShardsMissing: ["critical"],
    KubeStateMetricsWatchErrors: ["critical"],
    KubeStatefulSetGenerationMismatch: ["warning"],
    KubeStatefulSetReplicasMismatch: ["warning"],
    KubeStatefulSetUpdateNotRolledOut: ["warning"],
    KubeVersionMismatch: ["warning"],
    KubeletClientCertificateExpiration: ["critical", "warning"],
    KubeletClientCertificateRenewalErrors: ["warning"],
    KubeletDown: ["critical"],
    KubeletInstanceUnreachable: ["warning"],
    KubeletPlegDurationHigh: ["warning"],
    KubeletPodStartUpLatencyHigh: ["warning"],
    KubeletServerCertificateExpiration: ["critical", "warning"],
    KubeletServerCertificateRenewalErrors: ["warning"],
    KubeletTooManyPods: ["info"],
    NodeBondingDegraded: ["warning"],
    NodeCPUHighUsage: ["info"],
    NodeClockNotSynchronising: ["warning"],
    NodeClockSkewDetected: ["warning"],
    NodeDiskIOSaturation: ["warning"],
    NodeFileDescriptorLimit: ["critical", "warning"],
    NodeFilesystemAlmostOutOfFiles: ["critical", "warning"],
    NodeFilesystemAlmostOutOfSpace: ["critical", "warning"],
    NodeFilesystemFilesFillingUp: ["critical", "warning"],
    NodeFilesystemSpaceFillingUp: ["critical", "warning"],
    NodeHighNumberConntrackEntriesUsed: ["warning"],
    NodeMemoryHighUtilization: ["warning"],
    NodeMemoryMajorPagesFaults: ["warning"],
    NodeNetworkInterfaceFlapping: ["warning"],
    NodeNetworkReceiveErrs: ["warning"],
    NodeNetworkTransmitErrs: ["warning"],
    NodeRAIDDegraded: ["critical"],
    NodeRAIDDiskFailure: ["warning"],
    NodeSystemSaturation: ["warning"],
    NodeSystemdServiceCrashlooping: ["warning"],
    NodeSystemdServiceFailed: ["warning"],
    NodeTextFileCollectorScrapeError: ["warning"],
    PrometheusBadConfig: ["critical"],
    PrometheusDuplicateTimestamps: ["warning"],
    PrometheusErrorSendingAlertsToAnyAlertmanager: ["critical"],
    PrometheusErrorSendingAlertsToSomeAlertmanagers: ["warning"],
    PrometheusHighQueryLoad: ["warning"],
    PrometheusKubernetesListWatchFailures: ["warning"],
    PrometheusLabelLimitHit: ["warning"],
    PrometheusMissingRuleEvaluations: ["warning"],
    PrometheusNotConnectedToAlertmanagers: ["warning"],
    PrometheusNotIngestingSamples: ["warning"],
    PrometheusNotificationQueueRunningFull: ["warning"],
    PrometheusOperatorListErrors: ["warning"],
    PrometheusOperatorNodeLookupErrors: ["warning"],
    PrometheusOperatorNotReady: ["warning"],
    PrometheusOperatorReconcileErrors: ["warning"],
    PrometheusOperatorRejectedResources: ["warning"],
    PrometheusOperatorStatusUpdateErrors: ["warning"],
    PrometheusOperatorSyncFailed: ["warning"],
    PrometheusOperatorWatchErrors: ["warning"],
    PrometheusOutOfOrderTimestamps: ["warning"],
    PrometheusRemoteStorageFailures: ["critical"],
    PrometheusRemoteWriteBehind: ["critical"],
    PrometheusRemoteWriteDesiredShards: ["warning"],
    PrometheusRuleFailures: ["critical"],
    PrometheusSDRefreshFailure: ["warning"],
    PrometheusScrapeBodySizeLimitHit: ["warning"],
    PrometheusScrapeSampleLimitHit: ["warning"],
    PrometheusTSDBCompactionsFailing: ["warning"],
    PrometheusTSDBReloadsFailing: ["warning"],
    PrometheusTargetLimitHit: ["warning"],
    PrometheusTargetSyncFailure: ["critical"],
    TargetDown: ["warning"],
} as const;

/** The same of parts of the control plane, which the chart has where it watches them: by its key of the part. */
export const CONTROL_PLANE_ALERTS = {
    kubeControllerManager: {
        KubeControllerManagerDown: ["critical"],
        KubeControllerManagerInstanceUnreachable: ["warning"],
    },
    kubeProxy: {
        KubeProxyDown: ["critical"],
        KubeProxyInstanceUnreachable: ["warning"],
    },
    kubeScheduler: {
        KubeSchedulerDown: ["critical"],
        KubeSchedulerInstanceUnreachable: ["warning"],
    },
    kubeEtcd: {
        etcdDatabaseHighFragmentationRatio: ["warning"],
        etcdDatabaseQuotaLowSpace: ["critical"],
        etcdExcessiveDatabaseGrowth: ["warning"],
        etcdGRPCRequestsSlow: ["critical"],
        etcdHighCommitDurations: ["warning"],
        etcdHighFsyncDurations: ["critical", "warning"],
        etcdHighNumberOfFailedGRPCRequests: ["critical", "warning"],
        etcdHighNumberOfFailedProposals: ["warning"],
        etcdHighNumberOfLeaderChanges: ["warning"],
        etcdInsufficientMembers: ["critical"],
        etcdMemberCommunicationSlow: ["warning"],
        etcdMembersDown: ["warning"],
        etcdNoLeader: ["critical"],
    },
} as const;

/** Which of ours tells the same as one of the chart's: the chart's is off until somebody asks for it. */
export const CHART_DOUBLES: Readonly<Partial<Record<ChartAlertName, string>>> = {
    KubeDeploymentReplicasMismatch: "DeploymentNotReady",
    KubePodCrashLooping: "PodCrashLooping",
};

type ControlPlane = typeof CONTROL_PLANE_ALERTS;
export type ChartAlertName =
    | keyof typeof CHART_ALERTS
    | { [Part in keyof ControlPlane]: keyof ControlPlane[Part] }[keyof ControlPlane];

const names = [
    ...Object.keys(CHART_ALERTS),
    ...Object.values(CONTROL_PLANE_ALERTS).flatMap((alerts) => Object.keys(alerts)),
] as ChartAlertName[];

/** What a stack changes of one of the chart's alerts; the chart has no key for the thresholds. */
const chartAlert = (double: string | undefined) =>
    z
        .strictObject({
            enabled: z
                .boolean()
                .default(double === undefined)
                .describe(
                    double === undefined
                        ? "Whether the alert exists"
                        : `Whether the alert exists beside ${double}, which tells the same`,
                ),
            severity: z.enum(SEVERITIES).optional().describe("In place of the chart's"),
            for: alertDuration
                .optional()
                .describe("How long it must hold, in place of the chart's"),
        })
        .prefault({});

/** By the alert's name. */
export const chartAlertSettings = Object.fromEntries(
    names.map((each) => [each, chartAlert(CHART_DOUBLES[each])]),
) as Record<ChartAlertName, ReturnType<typeof chartAlert>>;

export type ChartAlertSettings = Readonly<
    Record<ChartAlertName, z.output<ReturnType<typeof chartAlert>>>
>;

/** Values of kube-prometheus-stack that switch its alerts off, or change them. */
export function chartAlertValues(settings: Readonly<Partial<ChartAlertSettings>>): {
    defaultRules: { readonly disabled: object };
    customRules: object;
} {
    const all = names.flatMap((each) => {
        const found = settings[each];
        return found ? [{ alert: each, ...found }] : [];
    });
    const disabled = all.filter(({ enabled }) => !enabled).map(({ alert }) => [alert, true]);
    const custom = all
        .filter((each) => each.severity !== undefined || each.for !== undefined)
        .map(({ alert, severity, for: hold }) => [
            alert,
            { ...(severity ? { severity } : {}), ...(hold ? { for: hold } : {}) },
        ]);
    return {
        defaultRules: { disabled: Object.fromEntries(disabled) as object },
        customRules: Object.fromEntries(custom) as object,
    };
}
