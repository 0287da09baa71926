import { DASHBOARDS } from "../../dashboardLinks";
import type { AlertRule } from "../../prometheusRule";
import type { AlertSettings } from "../settings";
import { APP, POD } from "../texts";
import { unlessNodeLost } from "./availability";
import { DECLARED_PODS } from "./declared";
import { STARTUP } from "../startup";
import { ANSWERING, perPod, Scope, SILENT, WORKLOAD } from "./state";

const byMaster = "by (namespace, app, master_name)";

/** What the Sentinels of a stack say. */
export function sentinelRules(scope: Scope, settings: AlertSettings): AlertRule[] {
    const owner = "by (namespace, app, instance_name, team)";
    const sentinel = 'redis_setup_type="sentinel"';
    const declared = scope.of(DECLARED_PODS, sentinel);
    const answering = scope.of(ANSWERING, sentinel);
    const silent = scope.of(SILENT, sentinel);
    const here = `on (namespace, app)`;
    // Half of them is no majority; and of those that are not there, none.
    const few = `${answering} * 2 <= ${here} group_left () ${declared} unless ${here} ${silent}`;
    const none = `${scope.of(WORKLOAD, sentinel)} unless ${here} (${answering} or ${silent}) and ${here} (${scope.of(WORKLOAD, sentinel)} offset ${STARTUP} or last_over_time(${answering}[${STARTUP}]))`;
    // `max by` drops the label `message`, whose text changes and would restart `for`.
    const unable = scope.owned(
        `max by (namespace, app) (redis_sentinel_master_ckquorum_status) == 0`,
    );
    return [
        {
            alert: "RedisSentinelQuorumLost",
            expr: `group ${owner} ((${unable} or ${few} or ${none}) ${unlessNodeLost(scope)})`,
            summary: `Sentinels ${APP} have lost the quorum`,
            description: `No Sentinel of ${APP} reaches enough others to fail the master over: the next loss of the master is an outage.`,
            dashboard: DASHBOARDS.redisSentinel,
        },
        {
            alert: "RedisSentinelsDisagree",
            expr: scope.owned(
                `count ${byMaster} (count by (namespace, app, master_name, master_address) (redis_sentinel_master_status)) > 1`,
            ),
            summary: `Sentinels ${APP} disagree on {{ $labels.master_name }}`,
            description: `The Sentinels ${APP} have named {{ $value }} addresses of {{ $labels.master_name }} for ${settings.RedisSentinelsDisagree.for}: clients write to different masters.`,
            dashboard: DASHBOARDS.redisSentinel,
        },
        {
            alert: "RedisSentinelNotWatching",
            // In tilt mode, after a jump of the clock or a stall, a Sentinel acts on nothing.
            expr: scope.owned(
                `${perPod("redis_sentinel_masters")} == 0 or ${perPod("redis_sentinel_tilt")} == 1`,
            ),
            summary: `Sentinel ${POD} watches no master`,
            description: `${POD} has had no master to watch, or has been in tilt mode, for ${settings.RedisSentinelNotWatching.for}: it does not count for the quorum.`,
            dashboard: DASHBOARDS.redisSentinelPod,
        },
    ];
}
