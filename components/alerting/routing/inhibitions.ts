import type { AlertName } from "../rules/settings";

/** An alert that makes others pointless while it fires. */
export interface Inhibition {
    readonly source: AlertName;
    readonly targets: readonly AlertName[];
    /** Labels that both carry and that must be the same. */
    readonly equal: readonly string[];
}

/** Which alert is the cause of which. Labels that an alert lacks count as equal, so `equal` has only what both carry. */
export const INHIBITIONS: readonly Inhibition[] = [
    {
        source: "RedisInstanceDown",
        targets: [
            "RedisHighMemoryUsage",
            "RedisHighConnections",
            "RedisRejectedConnections",
            "RedisEvictions",
            "RedisReplicaLinkDown",
        ],
        equal: ["namespace", "pod"],
    },
    {
        source: "RedisMasterDown",
        targets: ["RedisReplicaLinkDown", "RedisReplicationLag", "RedisReplicasDisconnected"],
        equal: ["namespace", "app"],
    },
    {
        source: "RedisClusterDown",
        targets: ["RedisClusterSlotsNotServed"],
        equal: ["namespace", "app"],
    },
    {
        source: "RedisOperatorDown",
        targets: [
            "RedisOperatorHighReconcileErrors",
            "RedisOperatorNoLeader",
            "RedisOperatorReconcileStuck",
        ],
        equal: ["namespace"],
    },
    {
        source: "ElasticsearchRed",
        targets: ["FluentBitRetryStorm", "ElasticsearchRejections"],
        equal: ["namespace"],
    },
    {
        source: "ElasticsearchUnreachable",
        targets: ["FluentBitRetryStorm"],
        equal: ["namespace"],
    },
    {
        source: "ErrorBudgetBurnFast",
        targets: ["ErrorBudgetBurnSlow"],
        equal: ["namespace", "slo"],
    },
];

/** https://prometheus.io/docs/alerting/latest/configuration/#inhibition-related-settings. */
export function inhibitRules(): object[] {
    return [
        {
            source_matchers: ['severity="critical"'],
            target_matchers: ['severity=~"warning|info"'],
            equal: ["namespace", "alertname"],
        },
        ...INHIBITIONS.map(({ source, targets, equal }) => ({
            source_matchers: [`alertname="${source}"`],
            target_matchers: [`alertname=~"${targets.join("|")}"`],
            equal,
        })),
    ];
}
