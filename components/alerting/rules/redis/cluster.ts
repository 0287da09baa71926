import { DASHBOARDS } from "../../dashboardLinks";
import type { AlertRule } from "../../prometheusRule";
import type { AlertSettings } from "../settings";
import { APP } from "../texts";
import { byInstance } from "./declared";

/** Hash slots of a Redis Cluster, https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/. */
const SLOTS = 16384;

/** What the nodes of a Redis Cluster see. Each has a view of its own, and one that is cut off sees a broken cluster. */
export function clusterRules(namespace: string, settings: AlertSettings): AlertRule[] {
    const nodes = (metric: string) => byInstance(`${metric}{namespace="${namespace}"}`);
    const { RedisClusterDown, RedisClusterSlotsNotServed } = settings;
    return [
        {
            alert: "RedisClusterDown",
            expr: `avg by (namespace, app) (${nodes("redis_cluster_state")}) < 0.5`,
            summary: `Redis Cluster ${APP} is down`,
            description: `{{ $value | humanizePercentage }} of the nodes of ${APP} have called the cluster ok for ${RedisClusterDown.for}: the others refuse every command.`,
            dashboard: DASHBOARDS.namespacePods,
        },
        {
            alert: "RedisClusterSlotsNotServed",
            expr: `${SLOTS} - max by (namespace, app) (${nodes("redis_cluster_slots_ok")}) > 0`,
            summary: `Redis Cluster ${APP} does not serve all slots`,
            description: `{{ $value }} of ${SLOTS} slots of ${APP} have had no master that answers for ${RedisClusterSlotsNotServed.for}: commands on their keys fail.`,
            dashboard: DASHBOARDS.namespacePods,
        },
    ];
}
