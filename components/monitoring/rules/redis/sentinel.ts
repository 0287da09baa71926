import type { AlertSettings } from "../../../config/schemas/rules";
import { DASHBOARDS } from "../../../common/dashboards";
import type { AlertRule } from "../../../common/prometheusRule";
import { APP } from "../texts";

const byMaster = "by (namespace, app, master_name)";

/** What the Sentinels of a namespace say. */
export function sentinelRules(namespace: string, settings: AlertSettings): AlertRule[] {
    const ns = `namespace="${namespace}"`;
    return [
        {
            alert: "RedisSentinelQuorumLost",
            // `max by` drops the label `message`, whose text changes and would restart `for`.
            expr: `max ${byMaster} (redis_sentinel_master_ckquorum_status{${ns}}) == 0`,
            summary: `Sentinels ${APP} have lost the quorum for {{ $labels.master_name }}`,
            description: `No Sentinel of ${APP} reaches enough others to fail {{ $labels.master_name }} over: the next loss of the master is an outage.`,
            dashboard: DASHBOARDS.namespacePods,
        },
        {
            alert: "RedisMasterDown",
            // An average over the Sentinels: one that is cut off sees every master as down.
            expr: `avg ${byMaster} (redis_sentinel_master_status{${ns}}) < 0.5`,
            labels: { seen_by: "sentinels" },
            summary: `Redis master {{ $labels.master_name }} of ${APP} is down`,
            description: `More than half of the Sentinels ${APP} have seen the master {{ $labels.master_name }} as down for ${settings.RedisMasterDown.for}, and no failover has ended it.`,
            dashboard: DASHBOARDS.namespacePods,
        },
    ];
}
