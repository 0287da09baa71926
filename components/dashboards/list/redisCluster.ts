import { DashboardContext, runbooks } from "../definition";
import { Panel, stat, table, timeseries, words, worseFrom } from "../model/panels";
import { now, query, top } from "../model/queries";
import { IN_PLACE } from "../model/variables";
import {
    instanceAlertsTable,
    OF_INSTANCE,
    OF_POD,
    perPod,
    podGraph,
    podRate,
    redisDashboard,
    replicationGap,
} from "./redis";

/** Of the pod that is the master of a shard: a follower shows the same again. */
const ofShard = (expression: string) =>
    `${expression} and on (namespace, pod) redis_instance_info{${OF_POD}, role="master"}`;
const keys = `sum by (namespace, app, pod) (max by (namespace, app, pod, db) (redis_db_keys{${OF_POD}}))`;
/** After a failover, leaders of one cluster are of both of its workloads. */
const ofCluster = (expression: string) =>
    `(${ofShard(expression)}) * on (namespace, app) group_left (instance_name) redis:workload:info{${OF_INSTANCE}}`;
/** What the largest shard has of the mean of all of its cluster: 1 is even. */
const skew = (expression: string) =>
    `max((${ofCluster(expression)}) / on (namespace, instance_name) group_left () (avg by (namespace, instance_name) (${ofCluster(expression)}) > 0))`;
const MOVED = `${IN_PLACE}, namespace=~"$namespace", instance=~"$instance"`;
const moved = (counter: string, window: string) =>
    `sum(max by (namespace, instance) (increase(rediscluster_${counter}_total{${MOVED}}[${window}])))`;

export const redisCluster = redisDashboard({
    uid: "redis-cluster",
    description: "Whether a Redis Cluster serves every slot, and how evenly its shards carry it.",
    setupType: "cluster",
    log: {
        title: "Log of the nodes",
        description: "What the nodes have written of one another, of failovers and of slots.",
    },
    rows: (context) => [
        {
            panels: [
                stat({
                    title: "State",
                    description:
                        "Share of the nodes that call their cluster ok, of the worst cluster. The others refuse every command.",
                    unit: "percentunit",
                    decimals: 0,
                    queries: [now(`min(redis:cluster_state:avg{${OF_INSTANCE}})`)],
                    thresholds: {
                        mode: "absolute",
                        steps: [
                            { value: null, color: "red" },
                            { value: 0.5, color: "orange" },
                            { value: 1, color: "green" },
                        ],
                    },
                    links: runbooks(context, "RedisClusterDown"),
                }),
                stat({
                    title: "Slots missing",
                    description:
                        "Of 16384: commands on their keys fail. Of several clusters the worst.",
                    unit: "none",
                    queries: [now(`max(redis:cluster_slots_missing:count{${OF_INSTANCE}})`)],
                    thresholds: worseFrom([1, "red"]),
                    links: runbooks(context, "RedisClusterSlotsNotServed"),
                }),
                stat({
                    title: "Slots pfail",
                    description:
                        "Slots of masters that some node does not reach, and others may: the largest number that a node names.",
                    unit: "none",
                    queries: [now(`max(${perPod("redis_cluster_slots_pfail")})`)],
                    thresholds: worseFrom([1, "orange"]),
                    links: runbooks(context, "RedisClusterSlotsFailing"),
                }),
                stat({
                    title: "Slots failed",
                    description: "Slots of masters that the majority does not reach.",
                    unit: "none",
                    queries: [now(`max(${perPod("redis_cluster_slots_fail")})`)],
                    thresholds: worseFrom([1, "red"]),
                    links: runbooks(context, "RedisClusterSlotsFailing"),
                }),
                stat({
                    title: "Nodes missing",
                    description: "Declared pods whose Redis does not answer its exporter.",
                    unit: "none",
                    queries: [
                        now(
                            `sum(redis:declared_pods{${OF_INSTANCE}, redis_setup_type="cluster"}) - (sum(redis:pods_answering:count{${OF_INSTANCE}, redis_setup_type="cluster"}) or vector(0))`,
                        ),
                    ],
                    thresholds: worseFrom([1, "red"]),
                    links: runbooks(context, "RedisPodsMissing"),
                }),
                stat({
                    title: "Skew of memory",
                    description:
                        "Memory of the fullest shard for each byte of the mean shard: 1 is even. The fullest evicts, or refuses writes, while others have room.",
                    unit: "none",
                    decimals: 2,
                    queries: [now(skew(perPod("redis_memory_used_bytes")))],
                    plain: true,
                }),
                stat({
                    title: "Command skew",
                    description:
                        "Commands of the busiest shard for each of the mean shard: 1 is even. A hot key makes one shard busy.",
                    unit: "none",
                    decimals: 2,
                    queries: [
                        now(
                            skew(
                                `max by (namespace, app, pod) (rate(redis_commands_processed_total{${OF_POD}}[5m]))`,
                            ),
                        ),
                    ],
                    plain: true,
                }),
                ...resharded(context),
                table({
                    title: "Nodes",
                    description:
                        "What each node is, how many it knows, and what it calls the cluster.",
                    width: 14,
                    queries: [
                        {
                            expr: `max by (namespace, app, pod, role) (redis_instance_info{${OF_POD}})`,
                        },
                        { expr: perPod("redis_cluster_state") },
                        { expr: perPod("redis_cluster_known_nodes") },
                        { expr: keys },
                        { expr: perPod("redis_memory_used_bytes") },
                        {
                            expr: `max by (namespace, app, pod) (rate(redis_commands_processed_total{${OF_POD}}[5m]))`,
                        },
                    ],
                    labels: {
                        pod: "Node",
                        role: {
                            title: "Role",
                            mappings: words({
                                master: ["leader", "green"],
                                slave: ["follower", "text"],
                            }),
                        },
                    },
                    values: [
                        undefined,
                        {
                            title: "Cluster",
                            mappings: words({ 1: ["ok", "green"], 0: ["FAIL", "red"] }),
                        },
                        { title: "Knows" },
                        { title: "Keys", unit: "short" },
                        { title: "Memory", unit: "bytes" },
                        { title: "Commands/s", unit: "short", decimals: 1 },
                    ],
                    sort: "Node",
                    ascending: true,
                }),
                instanceAlertsTable(context, 10),
            ],
        },
        {
            title: "Shards",
            panels: [
                podGraph(context, {
                    title: "Keys by shard",
                    description: "Keys of each leader.",
                    unit: "short",
                    expr: ofShard(keys),
                }),
                podGraph(context, {
                    title: "Memory by shard",
                    description: "Memory that each leader uses.",
                    unit: "bytes",
                    expr: ofShard(perPod("redis_memory_used_bytes")),
                    alerts: ["RedisHighMemoryUsage"],
                }),
                podGraph(context, {
                    title: "Commands by shard",
                    description: "Commands per second of each leader.",
                    unit: "ops",
                    expr: ofShard(podRate("redis_commands_processed_total")),
                }),
                replicationGap(context),
            ],
        },
        {
            title: "The cluster, as its nodes see it",
            panels: [
                timeseries({
                    title: "Slots",
                    description:
                        "Slots that are assigned and ok, of the node that sees the fewest; in doubt or failed, of the one that sees the most.",
                    unit: "none",
                    queries: [
                        query(`min(${perPod("redis_cluster_slots_assigned")})`, "assigned"),
                        query(`min(${perPod("redis_cluster_slots_ok")})`, "ok"),
                        query(`max(${perPod("redis_cluster_slots_pfail")})`, "in doubt (pfail)"),
                        query(`max(${perPod("redis_cluster_slots_fail")})`, "failed (fail)"),
                    ],
                    links: runbooks(context, "RedisClusterSlotsNotServed"),
                }),
                timeseries({
                    title: "Known nodes",
                    description:
                        "Nodes that each node knows, itself included, and the masters that have slots. A node that knows fewer is cut off; one too many is a pod that is gone.",
                    unit: "none",
                    queries: [
                        query(top(perPod("redis_cluster_known_nodes")), "{{pod}}"),
                        query(`max(${perPod("redis_cluster_size")})`, "masters with slots"),
                    ],
                }),
                podGraph(context, {
                    title: "Messages between nodes",
                    description: "Sent per second on the cluster bus.",
                    unit: "ops",
                    expr: podRate("redis_cluster_messages_sent_total"),
                }),
                podGraph(context, {
                    title: "Epoch",
                    description: "It rises with each failover and each change of slots.",
                    unit: "none",
                    expr: perPod("redis_cluster_current_epoch"),
                }),
                ...reshardings(context),
            ],
        },
    ],
});

function resharded({ parts }: DashboardContext): Panel[] {
    return parts.has("redisOperator")
        ? [
              stat({
                  title: "Resharded, 24 h",
                  description: "How often the operator has moved slots between shards.",
                  unit: "none",
                  decimals: 0,
                  queries: [now(moved("reshard", "24h"))],
                  plain: true,
                  noValue: "never",
              }),
          ]
        : [];
}

function reshardings({ parts }: DashboardContext): Panel[] {
    return parts.has("redisOperator")
        ? [
              timeseries({
                  title: "Resharding and rebalancing",
                  description:
                      "How often the operator moved slots within 15 minutes: keys move meanwhile, and clients are redirected.",
                  unit: "none",
                  bars: true,
                  queries: [
                      query(moved("reshard", "15m"), "resharded"),
                      query(moved("rebalance", "15m"), "rebalanced"),
                  ],
                  noValue: "never",
              }),
          ]
        : [];
}
