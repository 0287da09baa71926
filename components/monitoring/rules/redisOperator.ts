import type { AlertSettings } from "../../config/schemas/rules";
import { DASHBOARDS } from "../../common/dashboards";
import type { RuleGroup } from "../../common/prometheusRule";
import { percent } from "./texts";

/** Alerts on the Redis operator. `namespace` is the operator's: an `absent()` has no labels of its own. */
export function redisOperatorRules(namespace: string, settings: AlertSettings): RuleGroup {
    const job = 'job="redis-operator"';
    const { RedisOperatorDown, RedisOperatorHighReconcileErrors } = settings;
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
                dashboard: DASHBOARDS.namespacePods,
            },
            {
                alert: "RedisOperatorHighReconcileErrors",
                // A broken resource backs off to a try every 1000 s, which no rate over 5 minutes shows; hence the share,
                // over a window that always holds a try: with a shorter one the alert would come and go.
                expr: `${errors("5m")} > ${errorsPerSecond} or ${errors("30m")} / ${reconciles} > ${errorShare}`,
                summary: "The Redis operator fails to reconcile {{ $labels.controller }} resources",
                description: `The controller {{ $labels.controller }} has failed for ${RedisOperatorHighReconcileErrors.for}, at {{ $value | printf "%.2f" }} (errors per second above ${errorsPerSecond}, or the share of reconciliations above ${percent(errorShare)}).`,
                dashboard: DASHBOARDS.namespacePods,
            },
        ],
    };
}
