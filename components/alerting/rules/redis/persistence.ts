import { DASHBOARDS } from "../../dashboardLinks";
import type { AlertRule } from "../../prometheusRule";
import type { AlertSettings } from "../settings";
import { POD } from "../texts";

/** Whether what Redis holds reaches its volume. */
export function persistenceRules(
    namespace: string,
    { RedisPersistenceFailing }: AlertSettings,
): AlertRule[] {
    const ns = `namespace="${namespace}"`;
    const what = (name: string) =>
        `label_replace(redis_${name}{${ns}} == 0, "write", "${name}", "namespace", ".*")`;
    return [
        {
            alert: "RedisPersistenceFailing",
            // aof_last_write_status is 1 or 0 even where there is no AOF.
            expr: `${what("rdb_last_bgsave_status")} or ${what("aof_last_bgrewrite_status")} or ${what("aof_last_write_status")} and on (namespace, pod) redis_aof_enabled{${ns}} == 1`,
            summary: `Redis ${POD} cannot write to its volume`,
            description: `{{ $labels.write }} of ${POD} has been "err" for ${RedisPersistenceFailing.for}: after a restart it comes back with old data, and with stop-writes-on-bgsave-error it refuses writes already.`,
            dashboard: DASHBOARDS.pod,
        },
    ];
}
