import { DASHBOARDS } from "../../dashboardLinks";
import type { AlertRule } from "../../prometheusRule";
import type { AlertSettings } from "../settings";
import { APP } from "../texts";
import { unlessNodeLost } from "./availability";
import { CLUSTER_STATE, namedByInstance, Scope, SLOTS_MISSING } from "./state";

/** What the nodes of a Redis Cluster see. */
export function clusterRules(scope: Scope, settings: AlertSettings): AlertRule[] {
    const owner = "by (namespace, app, instance_name, team)";
    const { RedisClusterDown, RedisClusterSlotsNotServed, RedisClusterSlotsFailing } = settings;
    const down = `${scope.of(CLUSTER_STATE)} < 0.5`;
    const missing = `${scope.of(SLOTS_MISSING)} > 0`;
    const onInstance = "on (namespace, instance_name)";
    const dashboard = DASHBOARDS.redisCluster;
    const suspected = 'redis_cluster_slots_pfail{redis_setup_type="cluster"}';
    return [
        {
            alert: "RedisClusterDown",
            expr: namedByInstance(`${down} ${unlessNodeLost(scope)}`),
            summary: `Redis Cluster ${APP} is down`,
            description: `{{ $value | humanizePercentage }} of the nodes of ${APP} have called the cluster ok for ${RedisClusterDown.for}: the others refuse every command.`,
            dashboard,
        },
        {
            alert: "RedisClusterSlotsNotServed",
            expr: namedByInstance(
                `${missing} unless ${onInstance} (${down}) ${unlessNodeLost(scope)}`,
            ),
            summary: `Redis Cluster ${APP} does not serve all slots`,
            description: `{{ $value }} slots of ${APP} have had no master that answers for ${RedisClusterSlotsNotServed.for}: commands on their keys fail.`,
            dashboard,
        },
        {
            alert: "RedisClusterSlotsFailing",
            // Some nodes cannot reach a master that others still see.
            expr: `max ${owner} (${namedByInstance(`${scope.owned(suspected)} > 0 unless ${onInstance} (${down} or ${missing}) ${unlessNodeLost(scope)}`)})`,
            summary: `Nodes of Redis Cluster ${APP} cannot reach one another`,
            description: `For ${RedisClusterSlotsFailing.for} some nodes of ${APP} have not reached the master of {{ $value }} slots, which others still reach: part of the clients may fail too.`,
            dashboard,
        },
    ];
}
