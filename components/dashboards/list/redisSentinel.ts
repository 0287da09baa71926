import { runbooks } from "../definition";
import { betterFrom, stat, table, timeseries, words, worseFrom } from "../model/panels";
import { bottom, now, query, top } from "../model/queries";
import { IN_PLACE } from "../model/variables";
import { instanceAlertsTable, OF_INSTANCE, OF_POD, redisDashboard } from "./redis";

const BY_MASTER = "namespace, app, master_name";
const LEGEND = "{{pod}}";
/** A metric of each Sentinel and master once. */
const seen = (metric: string) => `max by (${BY_MASTER}, pod) (${metric}{${OF_POD}})`;
/** Addresses that the Sentinels of an instance name for one master. */
const addresses = `count by (${BY_MASTER}) (count by (${BY_MASTER}, master_address) (redis_sentinel_master_status{${OF_POD}}))`;
/** The Redis that Sentinels watch: another workload of the same instance. */
const WATCHED = `${IN_PLACE}, namespace=~"$namespace", redis_setup_type="replication"`;
const failovers = `max by (namespace, app, pod) (redis_instance_info{${WATCHED}, role="master"}) and on (namespace, pod) max_over_time(redis_instance_info{${WATCHED}, role="slave"}[15m]) and on (namespace, app) redis:workload:info{${OF_INSTANCE}}`;

export const redisSentinel = redisDashboard({
    uid: "redis-sentinel",
    description: "Whether the Sentinels can fail a master over, and agree on which one it is.",
    setupType: "sentinel",
    marked: "RedisSentinel.*|RedisMasterDown|RedisFailoverHappened",
    log: {
        title: "Log of the Sentinels",
        description: "Votes, failovers and what is up or down, as they wrote it.",
    },
    rows: (context) => [
        {
            panels: [
                stat({
                    title: "Can fail over",
                    description:
                        "Whether at least one Sentinel of each master reaches the quorum and a majority (`SENTINEL CKQUORUM`): of several the worst.",
                    unit: "none",
                    queries: [
                        now(
                            `min(max by (${BY_MASTER}) (redis_sentinel_master_ckquorum_status{${OF_POD}}))`,
                        ),
                    ],
                    mappings: words({ 1: ["yes", "green"], 0: ["NO", "red"] }),
                    links: runbooks(context, "RedisSentinelQuorumLost"),
                }),
                stat({
                    title: "Master seen by",
                    description:
                        "Share of the Sentinels that call the master ok, of the worst master. One that is cut off sees every master as down.",
                    unit: "percentunit",
                    queries: [
                        now(`min(avg by (${BY_MASTER}) (${seen("redis_sentinel_master_status")}))`),
                    ],
                    thresholds: betterFrom([0.5, "orange"], [1, "green"]),
                    links: runbooks(context, "RedisMasterDown"),
                }),
                stat({
                    title: "Addresses",
                    description:
                        "How many addresses the Sentinels name for one master: more than one is a disagreement, and clients write to different masters.",
                    unit: "none",
                    queries: [now(`max(${addresses})`)],
                    thresholds: worseFrom([2, "red"]),
                    links: runbooks(context, "RedisSentinelsDisagree"),
                }),
                stat({
                    title: "Missing",
                    description: "Declared Sentinels that do not answer.",
                    unit: "none",
                    queries: [
                        now(
                            `sum(redis:declared_pods{${OF_INSTANCE}, redis_setup_type="sentinel"}) - (sum(redis:pods_answering:count{${OF_INSTANCE}, redis_setup_type="sentinel"}) or vector(0))`,
                        ),
                    ],
                    thresholds: worseFrom([1, "orange"]),
                }),
                stat({
                    title: "In tilt",
                    description:
                        "Sentinels that act on nothing since their clock jumped or they stood still.",
                    unit: "none",
                    queries: [
                        now(`sum(max by (namespace, app, pod) (redis_sentinel_tilt{${OF_POD}}))`),
                    ],
                    thresholds: worseFrom([1, "orange"]),
                    links: runbooks(context, "RedisSentinelNotWatching"),
                }),
                stat({
                    title: "Replicas seen",
                    description:
                        "Replicas that Sentinels call ok, of the master with the fewest: without one nothing can take over.",
                    unit: "none",
                    queries: [
                        now(
                            `min(max by (${BY_MASTER}) (${seen("redis_sentinel_master_ok_slaves")}))`,
                        ),
                    ],
                    thresholds: betterFrom([1, "green"]),
                }),
                stat({
                    title: "Masters watched",
                    description: "Of the Sentinel that watches the fewest.",
                    unit: "none",
                    queries: [
                        now(
                            `min(max by (namespace, app, pod) (redis_sentinel_masters{${OF_POD}}))`,
                        ),
                    ],
                    thresholds: betterFrom([1, "green"]),
                    links: runbooks(context, "RedisSentinelNotWatching"),
                }),
                stat({
                    title: "Failovers, 24 h",
                    description:
                        "How often a Sentinel's configuration of a master has changed: its epoch.",
                    unit: "none",
                    queries: [
                        now(
                            `max(max by (${BY_MASTER}, pod) (redis_sentinel_master_config_epoch{${OF_POD}}) - min by (${BY_MASTER}, pod) (min_over_time(redis_sentinel_master_config_epoch{${OF_POD}}[24h])))`,
                        ),
                    ],
                    thresholds: worseFrom([1, "orange"]),
                    links: runbooks(context, "RedisFailoverHappened"),
                }),
                table({
                    title: "What each Sentinel sees",
                    description:
                        "Its master and the state of it, the other Sentinels and replicas, and the votes that a failover needs.",
                    width: 16,
                    queries: [
                        {
                            expr: `max by (${BY_MASTER}, pod, master_address, master_status) (redis_sentinel_master_status{${OF_POD}})`,
                        },
                        {
                            expr: `max by (${BY_MASTER}, pod) (redis_sentinel_master_ok_sentinels{${OF_POD}})`,
                        },
                        {
                            expr: `max by (${BY_MASTER}, pod) (redis_sentinel_master_setting_ckquorum{${OF_POD}})`,
                        },
                        {
                            expr: `max by (${BY_MASTER}, pod) (redis_sentinel_master_ok_slaves{${OF_POD}})`,
                        },
                        {
                            expr: `max by (${BY_MASTER}, pod) (redis_sentinel_master_slaves{${OF_POD}})`,
                        },
                        {
                            expr: `max by (${BY_MASTER}, pod) (redis_sentinel_master_last_ok_ping_reply_seconds{${OF_POD}})`,
                        },
                    ],
                    labels: {
                        pod: { title: "Sentinel", width: 170 },
                        master_name: "Master",
                        master_address: { title: "Address", width: 140 },
                        master_status: {
                            title: "State",
                            mappings: words({
                                ok: ["ok", "green"],
                                sdown: ["down, it says", "orange"],
                                odown: ["down, they agree", "red"],
                            }),
                        },
                    },
                    values: [
                        undefined,
                        { title: "Sentinels" },
                        { title: "Quorum" },
                        { title: "Replicas ok" },
                        { title: "Replicas" },
                        { title: "Last ping", unit: "s" },
                    ],
                    sort: "Sentinel",
                    ascending: true,
                }),
                instanceAlertsTable(context, 8),
            ],
        },
        {
            title: "Over time",
            panels: [
                timeseries({
                    title: "Master ok, by Sentinel",
                    description: "1 while the Sentinel calls its master ok.",
                    unit: "none",
                    min: 0,
                    max: 1,
                    queries: [
                        query(
                            bottom(seen("redis_sentinel_master_status")),
                            `${LEGEND} {{master_name}}`,
                        ),
                    ],
                }),
                timeseries({
                    title: "Sentinels that each reaches",
                    description: "Itself included. The dashed number is what a failover needs.",
                    unit: "none",
                    min: 0,
                    queries: [
                        query(bottom(seen("redis_sentinel_master_ok_sentinels")), LEGEND),
                        {
                            expr: `max(${seen("redis_sentinel_master_setting_ckquorum")})`,
                            legend: "votes needed",
                            threshold: true,
                        },
                    ],
                }),
                timeseries({
                    title: "Replicas that each sees",
                    description: "Replicas of its master that it calls ok.",
                    unit: "none",
                    min: 0,
                    queries: [query(bottom(seen("redis_sentinel_master_ok_slaves")), LEGEND)],
                }),
                timeseries({
                    title: "Epoch of the configuration",
                    description: "It rises with each failover.",
                    unit: "none",
                    queries: [
                        query(
                            top(seen("redis_sentinel_master_config_epoch")),
                            `${LEGEND} {{master_name}}`,
                        ),
                    ],
                }),
                timeseries({
                    title: "Replicas that became master",
                    description:
                        "1 for 15 minutes after a pod that was a replica is master: a failover.",
                    unit: "none",
                    bars: true,
                    queries: [query(top(failovers), LEGEND)],
                    noValue: "no failover",
                    links: runbooks(context, "RedisFailoverHappened"),
                }),
                timeseries({
                    title: "Since the last answer of the master",
                    description: "Seconds since each Sentinel last got an answer to its ping.",
                    unit: "s",
                    queries: [
                        query(
                            top(seen("redis_sentinel_master_last_ok_ping_reply_seconds")),
                            LEGEND,
                        ),
                    ],
                }),
            ],
        },
    ],
});
