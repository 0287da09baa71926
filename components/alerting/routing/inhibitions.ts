import type { AlertName } from "../rules/settings";

/** An alert that makes others pointless while it fires. */
export interface Inhibition {
    readonly source: AlertName;
    /** Of this program, and some of kube-prometheus-stack's. */
    readonly targets: readonly (AlertName | ChartAlert)[];
    /** Labels that both carry and that must be the same. */
    readonly equal: readonly string[];
}
type ChartAlert =
    | "KubeDeploymentReplicasMismatch"
    | "KubeJobFailed"
    | "KubeNodeNotReady"
    | "KubeNodeUnreachable"
    | "KubePodCrashLooping"
    | "KubePodNotReady"
    | "KubeStatefulSetReplicasMismatch"
    | "KubeletDown"
    | "TargetDown";

const BURNS = ["ErrorBudgetBurnFast", "ErrorBudgetBurnSlow"] as const;
/** What follows when a part of an instance is away. */
const PARTS = [
    "RedisPodsMissing",
    "RedisExporterDown",
    "RedisReplicaLinkDown",
    "RedisReplicasDisconnected",
    "RedisReplicationLag",
] as const;
const SENTINELS = ["RedisSentinelsDisagree", "RedisSentinelNotWatching"] as const;
/** What a Redis that is there says of itself. */
const CONDITION = [
    "RedisBlockedClients",
    "RedisClusterDown",
    "RedisClusterSlotsFailing",
    "RedisClusterSlotsNotServed",
    "RedisConnectionsExhausted",
    "RedisEvictions",
    "RedisFailoverHappened",
    "RedisFragmentation",
    "RedisHighConnections",
    "RedisHighLatency",
    "RedisHighMemoryUsage",
    "RedisKeysLost",
    "RedisMainThreadBusy",
    "RedisMemoryForecast",
    "RedisPersistenceFailing",
    "RedisRejectedConnections",
    "RedisSlowCommands",
    "RedisSplitBrain",
] as const;
const INSTANCE = ["namespace", "instance_name"];
/** Kubernetes' own view of the pods of a workload. */
const WORKLOADS = [
    "KubePodCrashLooping",
    "KubePodNotReady",
    "KubeStatefulSetReplicasMismatch",
    "PodCrashLooping",
    "ScrapeJobVanished",
    "TargetDown",
] as const;
const SNAPSHOTS = [
    "ElasticsearchSnapshotFailed",
    "ElasticsearchSnapshotMissing",
    "ElasticsearchSnapshotOld",
] as const;
const ELASTICSEARCH = [
    "ElasticsearchDiskFull",
    "ElasticsearchDiskLow",
    "ElasticsearchHeapHigh",
    "ElasticsearchIlmFailed",
    "ElasticsearchRejections",
    "ElasticsearchRepositoryLost",
    "ElasticsearchYellow",
    ...SNAPSHOTS,
] as const;
/** What waits for Elasticsearch, in another namespace as well: a cluster has one. */
const SENDERS = [
    "FluentBitBufferNearlyFull",
    "FluentBitNoOutput",
    "FluentBitRecordsLost",
    "FluentBitRetryStorm",
    "JaegerQueueNearlyFull",
    "JaegerSpansLost",
    "JaegerSpansRefused",
    "JaegerStorageFailing",
] as const;

/**
 * The tree of causes: which alert is why others fire. Labels that an alert lacks count as equal, so `equal` has only
 * what both carry; `cluster` is on every alert of a Prometheus.
 */
export const INHIBITIONS: readonly Inhibition[] = [
    {
        source: "NodeDown",
        targets: [
            ...PARTS,
            "DeploymentNotReady",
            "ElasticsearchYellow",
            "FluxStateMissing",
            "HorizontalPodAutoscalerInactive",
            "KubeDeploymentReplicasMismatch",
            "KubeNodeNotReady",
            "KubeNodeUnreachable",
            "KubePodNotReady",
            "KubeStatefulSetReplicasMismatch",
            "KubeletDown",
            "ScrapeJobVanished",
            "TargetDown",
            "TargetMissing",
        ],
        equal: ["cluster"],
    },
    {
        source: "RedisNamespaceDown",
        targets: [
            "RedisInstanceDown",
            "RedisMasterDown",
            "RedisSentinelQuorumLost",
            ...PARTS,
            ...SENTINELS,
            ...CONDITION,
            ...BURNS,
            ...WORKLOADS,
        ],
        equal: ["namespace"],
    },
    {
        source: "RedisInstanceDown",
        targets: [
            "RedisMasterDown",
            "RedisSentinelQuorumLost",
            ...PARTS,
            ...SENTINELS,
            ...CONDITION,
            ...BURNS,
        ],
        equal: INSTANCE,
    },
    {
        source: "RedisInstanceDown",
        targets: ["PodCrashLooping"],
        equal: ["namespace", "app"],
    },
    {
        source: "RedisMasterDown",
        targets: [
            "RedisFailoverHappened",
            "RedisSentinelQuorumLost",
            ...PARTS,
            ...SENTINELS,
            ...BURNS,
        ],
        equal: INSTANCE,
    },
    {
        source: "RedisMasterDown",
        targets: ["PodCrashLooping"],
        equal: ["namespace", "app"],
    },
    {
        source: "RedisClusterDown",
        targets: ["RedisClusterSlotsNotServed", "RedisClusterSlotsFailing", ...PARTS, ...BURNS],
        equal: INSTANCE,
    },
    {
        source: "RedisClusterSlotsNotServed",
        targets: ["RedisClusterSlotsFailing", ...PARTS, ...BURNS],
        equal: INSTANCE,
    },
    {
        source: "RedisSplitBrain",
        targets: [
            "RedisFailoverHappened",
            "RedisReplicaLinkDown",
            "RedisReplicasDisconnected",
            "RedisSentinelsDisagree",
        ],
        equal: INSTANCE,
    },
    {
        source: "RedisSentinelQuorumLost",
        targets: ["RedisPodsMissing", "RedisExporterDown", ...SENTINELS],
        equal: INSTANCE,
    },
    {
        source: "RedisPodsMissing",
        targets: ["RedisReplicaLinkDown", "RedisReplicasDisconnected"],
        equal: INSTANCE,
    },
    {
        source: "RedisPodsMissing",
        targets: ["PodCrashLooping"],
        equal: ["namespace", "app"],
    },
    {
        source: "RedisConnectionsExhausted",
        targets: ["RedisHighConnections", "RedisRejectedConnections"],
        equal: ["namespace", "pod"],
    },
    {
        source: "RedisHighMemoryUsage",
        targets: ["HighMemoryUsage", "RedisEvictions", "RedisMemoryForecast"],
        equal: ["namespace", "pod"],
    },
    {
        source: "RedisMainThreadBusy",
        targets: ["RedisHighLatency", "RedisSlowCommands"],
        equal: INSTANCE,
    },
    {
        source: "RedisOperatorDown",
        targets: [
            "RedisOperatorHighReconcileErrors",
            "RedisOperatorNoLeader",
            "RedisOperatorReconcileStuck",
            "DeploymentNotReady",
            ...WORKLOADS,
        ],
        equal: ["namespace"],
    },
    {
        source: "ElasticsearchUnreachable",
        targets: ["ElasticsearchRed", ...ELASTICSEARCH, ...BURNS, ...WORKLOADS],
        equal: ["namespace"],
    },
    { source: "ElasticsearchUnreachable", targets: SENDERS, equal: ["cluster"] },
    {
        source: "ElasticsearchRed",
        targets: [...ELASTICSEARCH, ...BURNS],
        equal: ["namespace"],
    },
    { source: "ElasticsearchRed", targets: SENDERS, equal: ["cluster"] },
    {
        source: "ElasticsearchDiskFull",
        targets: ["ElasticsearchDiskLow"],
        equal: ["namespace", "name"],
    },
    {
        source: "CertificateAboutToExpire",
        targets: ["CertificateExpiring"],
        equal: ["namespace", "probe", "instance"],
    },
    {
        source: "ElasticsearchRepositoryLost",
        targets: SNAPSHOTS,
        equal: ["namespace"],
    },
    {
        source: "ElasticsearchSnapshotOld",
        targets: ["ElasticsearchSnapshotFailed"],
        equal: ["namespace"],
    },
    {
        source: "FluentBitRecordsLost",
        targets: ["FluentBitBufferNearlyFull", "FluentBitNoOutput", "FluentBitRetryStorm"],
        equal: ["namespace", "pod"],
    },
    {
        source: "FluentBitBufferNearlyFull",
        targets: ["FluentBitNoOutput", "FluentBitRetryStorm"],
        equal: ["namespace", "pod"],
    },
    {
        source: "FluentBitRetryStorm",
        targets: ["FluentBitNoOutput"],
        equal: ["namespace", "pod"],
    },
    {
        source: "JaegerSpansLost",
        targets: ["JaegerQueueNearlyFull", "JaegerStorageFailing"],
        equal: ["namespace", "pod"],
    },
    {
        source: "TargetMissing",
        targets: ["FluxStateMissing", "ScrapeJobVanished", "TargetDown"],
        equal: ["namespace"],
    },
    {
        source: "PodCrashLooping",
        targets: ["KubePodCrashLooping", "KubePodNotReady"],
        equal: ["namespace", "pod"],
    },
    {
        source: "DeploymentNotReady",
        targets: ["KubeDeploymentReplicasMismatch"],
        equal: ["namespace", "deployment"],
    },
    { source: "BackupFailed", targets: ["KubeJobFailed"], equal: ["namespace"] },
    { source: "RestoreDrillFailed", targets: ["KubeJobFailed"], equal: ["namespace"] },
    { source: "BackupTooOld", targets: ["BackupFailed"], equal: ["namespace", "cronjob"] },
    {
        source: "RestoreDrillFailed",
        targets: ["RestoreDrillTooOld"],
        equal: ["namespace", "cronjob"],
    },
    {
        source: "ErrorBudgetBurnFast",
        targets: ["ErrorBudgetBurnSlow"],
        equal: ["namespace", "app", "slo"],
    },
];

/** What tells alerts of one name apart. Those that an alert has not are the same on both sides. */
const IDENTITY = [
    "alertname",
    "namespace",
    "app",
    "pod",
    "container",
    "node",
    "instance",
    "device",
    "mountpoint",
    "persistentvolumeclaim",
];

/** https://prometheus.io/docs/alerting/latest/configuration/#inhibition-related-settings. */
export function inhibitRules(): object[] {
    return [
        // Of kube-prometheus-stack: a few of its alerts have a warning before they are critical.
        {
            source_matchers: ['severity="critical"'],
            target_matchers: ['severity=~"warning|info"'],
            equal: IDENTITY,
        },
        ...INHIBITIONS.map(({ source, targets, equal }) => ({
            source_matchers: [`alertname="${source}"`],
            target_matchers: [`alertname=~"${targets.join("|")}"`],
            equal,
        })),
    ];
}
