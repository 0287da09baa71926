import { seconds } from "../../settings/duration";
import { DASHBOARDS } from "../dashboardLinks";
import type { RuleGroup } from "../prometheusRule";
import type { AlertSettings } from "./settings";
import { percent } from "./texts";

/**
 * Alerts on the Redis operator. `namespace` is the operator's: an `absent()` has no labels of its own. Of `Redis` and
 * `RedisSentinel` the operator says nothing, and kube-state-metrics does where it is there.
 */
export function redisOperatorRules(
    namespace: string,
    kubeStateMetrics: boolean,
    settings: AlertSettings,
): RuleGroup {
    const job = 'job="redis-operator"';
    const { RedisOperatorDown, RedisOperatorHighReconcileErrors } = settings;
    const { RedisOperatorNoLeader, RedisOperatorReconcileStuck, RedisReconcileSkipped } = settings;
    const skipped = (kind: string) =>
        `max by (namespace, instance) (${kind}_skipreconcile{${job}}) == 1`;
    const others = 'max by (namespace, instance) (redis_resource_info{skipped="true"})';
    const { errorsPerSecond, errorShare } = RedisOperatorHighReconcileErrors;
    const errors = (window: string) =>
        `sum by (namespace, controller) (rate(controller_runtime_reconcile_errors_total{${job}}[${window}]))`;
    const reconciles = `sum by (namespace, controller) (rate(controller_runtime_reconcile_total{${job}}[30m]))`;
    return {
        name: "redis-operator",
        rules: [
            {
                alert: "RedisOperatorDown",
                expr: `absent(up{${job}} == 1)`,
                labels: { namespace },
                summary: "The Redis operator is down",
                description: `Prometheus has not reached the Redis operator for ${RedisOperatorDown.for}. Redis goes on serving, but nothing is reconciled: no scaling, no repair, no Service that follows a new master.`,
                dashboard: DASHBOARDS.redisOperator,
            },
            {
                alert: "RedisOperatorHighReconcileErrors",
                // A broken resource backs off to a try every 1000 s, which no rate over 5 minutes shows; hence the share,
                // over a window that always holds a try: with a shorter one the alert would come and go.
                expr: `${errors("5m")} > ${errorsPerSecond} or ${errors("30m")} / ${reconciles} > ${errorShare}`,
                summary: "The Redis operator fails to reconcile {{ $labels.controller }} resources",
                description: `The controller {{ $labels.controller }} has failed for ${RedisOperatorHighReconcileErrors.for}, at {{ $value | printf "%.2f" }} (errors per second above ${errorsPerSecond}, or the share of reconciliations above ${percent(errorShare)}).`,
                dashboard: DASHBOARDS.redisController,
            },
            {
                alert: "RedisOperatorNoLeader",
                expr: `sum by (namespace) (leader_election_master_status{${job}}) < 1`,
                summary: "No pod of the Redis operator leads",
                description: `The pods of the Redis operator answer, and none of them has been leader for ${RedisOperatorNoLeader.for}: nothing is reconciled.`,
                dashboard: DASHBOARDS.redisOperator,
            },
            {
                alert: "RedisOperatorReconcileStuck",
                expr: `max by (namespace, pod, name) (workqueue_longest_running_processor_seconds{${job}}) > ${seconds(RedisOperatorReconcileStuck.running)}`,
                summary: "The Redis operator hangs at a {{ $labels.name }} resource",
                description: `One reconciliation of the controller {{ $labels.name }} has run for {{ $value | humanizeDuration }}, more than ${RedisOperatorReconcileStuck.running}: each worker that hangs leaves its queue waiting.`,
                dashboard: DASHBOARDS.redisOperator,
            },
            {
                alert: "RedisReconcileSkipped",
                expr: `${skipped("redisreplication")} or ${skipped("rediscluster")}${kubeStateMetrics ? ` or ${others}` : ""}`,
                summary: "Redis {{ $labels.namespace }}/{{ $labels.instance }} is not reconciled",
                description: `The annotation that takes {{ $labels.namespace }}/{{ $labels.instance }} out of the operator's hands has stood for ${RedisReconcileSkipped.for}: changes and repairs do not reach it.`,
                dashboard: DASHBOARDS.redisResource,
            },
        ],
    };
}
