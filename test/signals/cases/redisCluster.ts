import { AlertCase, firing, quiet } from "../alertCase";
import { NAMESPACE, redisWorld, target } from "../redisWorld";
import { between, from, Phase, Series, series, Value } from "../timeline";

type History = Value | readonly Phase[];

const CARTS = `${NAMESPACE}/carts`;
const labels = { namespace: NAMESPACE, app: "carts" };
const NODES = ["carts-leader", "carts-follower"].flatMap((app) =>
    [0, 1, 2].map((index) => target(app, index)),
);

/** A metric on each of the six nodes: on the first `few` so, on the others so. */
function view(metric: string, few: number, over: History, others: History): Series[] {
    return NODES.map((node, i) => series(metric, node, i < few ? over : others));
}

/** What the nodes of a Redis Cluster see. */
export const redisClusterCases: readonly AlertCase[] = [
    firing("RedisClusterDown", "four of six nodes see the cluster fail", {
        series: redisWorld(view("redis_cluster_state", 4, from("5m", 0), 1)),
        severity: "critical",
        at: "6m",
        alerts: [
            {
                labels,
                summary: `Redis Cluster ${CARTS} is down`,
                description: `33.33% of the nodes of ${CARTS} have called the cluster ok for 1m: the others refuse every command.`,
            },
        ],
        until: "30m",
    }),
    quiet("RedisClusterDown", "half of the nodes see it fail", {
        series: redisWorld(view("redis_cluster_state", 3, 0, 1)),
        until: "1h",
    }),
    quiet("RedisClusterDown", "it is ok again just before the minute is over", {
        series: redisWorld(view("redis_cluster_state", 6, between("5m", "6m", 0), 1)),
        until: "1h",
    }),
    firing("RedisClusterSlotsNotServed", "one slot has no master in the view of any node", {
        series: redisWorld(view("redis_cluster_slots_ok", 5, from("5m", 16383, 16384), 16383)),
        severity: "critical",
        at: "6m",
        alerts: [
            {
                labels,
                summary: `Redis Cluster ${CARTS} does not serve all slots`,
                description: `1 of 16384 slots of ${CARTS} have had no master that answers for 1m: commands on their keys fail.`,
            },
        ],
        until: "30m",
    }),
    quiet("RedisClusterSlotsNotServed", "five nodes are cut off from the one that sees all slots", {
        series: redisWorld(view("redis_cluster_slots_ok", 5, 0, 16384)),
        until: "1h",
    }),
    quiet("RedisClusterSlotsNotServed", "a failover is through just before the minute is over", {
        series: redisWorld(
            view("redis_cluster_slots_ok", 6, between("5m", "6m", 10923, 16384), 16384),
        ),
        until: "1h",
    }),
];
