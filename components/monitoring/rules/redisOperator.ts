import type { RuleGroup } from "../../common/prometheusRule";

/** Alerts on the Redis operator. `namespace` is the operator's: an `absent()` has no labels of its own. */
export function redisOperatorRules(namespace: string): RuleGroup {
    const job = 'job="redis-operator"';
    const errors = (window: string) =>
        `sum by (namespace, controller) (rate(controller_runtime_reconcile_errors_total{${job}}[${window}]))`;
    const reconciles = `sum by (namespace, controller) (rate(controller_runtime_reconcile_total{${job}}[30m]))`;
    return {
        name: "redis-operator",
        rules: [
            {
                alert: "RedisOperatorDown",
                expr: `absent(up{${job}} == 1)`,
                for: "5m",
                severity: "critical",
                labels: { namespace },
                summary: "The Redis operator is down",
                description:
                    "Prometheus has not reached the Redis operator for 5 minutes. Redis goes on serving, but nothing is reconciled: no scaling, no repair, no Service that follows a new master.",
            },
            {
                alert: "RedisOperatorHighReconcileErrors",
                // A broken resource backs off to a try every 1000 s, which no rate over 5 minutes shows; hence the share,
                // over a window that always holds a try: with a shorter one the alert would come and go.
                expr: `${errors("5m")} > 0.1 or ${errors("30m")} / ${reconciles} > 0.25`,
                for: "10m",
                severity: "warning",
                summary: "The Redis operator fails to reconcile {{ $labels.controller }} resources",
                description:
                    'The controller {{ $labels.controller }} has failed for 10 minutes, at {{ $value | printf "%.2f" }} (errors per second above 0.1, or the share of reconciliations above 0.25).',
            },
        ],
    };
}
