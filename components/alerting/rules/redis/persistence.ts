import { DASHBOARDS } from "../../dashboardLinks";
import type { AlertRule } from "../../prometheusRule";
import type { AlertSettings } from "../settings";
import { APP, POD } from "../texts";
import { perPod, Scope } from "./state";

/** Time in which keys must have been there that are gone now. */
const LOOKBACK = "1h";

/** Whether what Redis holds reaches its volume, and comes back from there. */
export function persistenceRules(
    scope: Scope,
    { RedisPersistenceFailing }: AlertSettings,
): AlertRule[] {
    const failing = (name: string) =>
        `label_replace(${perPod(`redis_${name}`, "min")} == 0, "write", "${name}", "namespace", ".*")`;
    const aof = `${failing("aof_last_write_status")} and on (namespace, pod) (redis_aof_enabled == 1)`;
    return [
        {
            alert: "RedisPersistenceFailing",
            // aof_last_write_status is 1 or 0 even where there is no AOF.
            expr: scope.owned(
                `${failing("rdb_last_bgsave_status")} or ${failing("aof_last_bgrewrite_status")} or (${aof})`,
            ),
            summary: `Redis ${POD} cannot write to its volume`,
            description: `{{ $labels.write }} of ${POD} has been "err" for ${RedisPersistenceFailing.for}: after a restart it comes back with old data, and with stop-writes-on-bgsave-error it refuses writes already.`,
            dashboard: DASHBOARDS.redisPod,
        },
        keysLost(scope),
    ];
}

/** Keys of each copy of the data: of a workload the fullest pod, of a cluster each master. */
const KEYS = "redis:keys:count";

export function keyCounts(scope: Scope): { record: string; expr: string } {
    // Of one address of a pod at a time: it may have two for some minutes.
    const ofAddress = `sum by (namespace, app, pod, instance) (redis_db_keys{redis_setup_type!~"sentinel|cluster"})`;
    // A cluster has one database.
    const ofMember = perPod('redis_db_keys{redis_setup_type="cluster"}');
    const loading = "on (namespace, pod) (redis_loading_dump_file == 1)";
    const masters = `on (namespace, pod) redis_instance_info{role="master"}`;
    const labels = "instance_name, environment, team";
    return {
        record: KEYS,
        expr: `${scope.owned(`max by (namespace, app) (${ofAddress} unless ${loading})`, labels)} or ${scope.owned(`${ofMember} unless ${loading} and ${masters}`, labels)}`,
    };
}

/** It fires for as long as the keys are remembered, and while they do not come back. */
function keysLost(scope: Scope): AlertRule {
    const most = `max_over_time(${scope.of(KEYS)}[${LOOKBACK}])`;
    const threshold = (name: string) => scope.threshold("RedisKeysLost", name, "");
    return {
        alert: "RedisKeysLost",
        expr: `1 - ${scope.of(KEYS)} / (${most} > ${threshold("keys")}) > ${threshold("share")}`,
        summary: `Redis ${APP} has lost keys`,
        description: `{{ $value | humanizePercentage }} of the keys that ${APP} had within the last hour are gone: it was flushed, or has come back from a restart without its data.`,
        dashboard: DASHBOARDS.redisInstance,
    };
}
