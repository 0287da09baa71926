import type { RuleGroup } from "../prometheusRule";
import { availabilityRules } from "./redis/availability";
import { clusterRules } from "./redis/cluster";
import type { DeclaredExporters } from "./redis/declared";
import { persistenceRules } from "./redis/persistence";
import { replicationRules } from "./redis/replication";
import { saturationRules } from "./redis/saturation";
import { sentinelRules } from "./redis/sentinel";
import type { AlertSettings } from "./settings";

/**
 * Alerts on the Redis instances of one namespace. Metric names are redis_exporter's
 * (https://github.com/oliver006/redis_exporter); `app` and `redis_setup_type` are target labels of the ServiceMonitors.
 */
export function redisInstanceRules(
    namespace: string,
    declared: readonly DeclaredExporters[],
    settings: AlertSettings,
): RuleGroup {
    return {
        name: `redis-${namespace}`,
        rules: [
            ...availabilityRules(namespace, declared, settings),
            ...replicationRules(namespace, declared, settings),
            ...persistenceRules(namespace, settings),
            ...saturationRules(namespace, settings),
            ...sentinelRules(namespace, settings),
            ...clusterRules(namespace, settings),
        ],
    };
}
