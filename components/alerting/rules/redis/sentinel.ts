import { DASHBOARDS } from "../../dashboardLinks";
import type { AlertRule } from "../../prometheusRule";
import type { AlertSettings } from "../settings";
import { APP, POD } from "../texts";

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
        {
            alert: "RedisSentinelsDisagree",
            expr: `count ${byMaster} (count by (namespace, app, master_name, master_address) (redis_sentinel_master_status{${ns}})) > 1`,
            summary: `Sentinels ${APP} disagree on {{ $labels.master_name }}`,
            description: `The Sentinels ${APP} have named {{ $value }} addresses of {{ $labels.master_name }} for ${settings.RedisSentinelsDisagree.for}: clients write to different masters.`,
            dashboard: DASHBOARDS.namespacePods,
        },
        {
            alert: "RedisSentinelNotWatching",
            // In tilt mode, after a jump of the clock or a stall, a Sentinel acts on nothing.
            expr: `redis_sentinel_masters{${ns}} == 0 or redis_sentinel_tilt{${ns}} == 1`,
            summary: `Sentinel ${POD} watches no master`,
            description: `${POD} has had no master to watch, or has been in tilt mode, for ${settings.RedisSentinelNotWatching.for}: it does not count for the quorum.`,
            dashboard: DASHBOARDS.pod,
        },
    ];
}
