import { runbooks } from "../definition";
import { betterFrom, stat, table, timeseries, words, worseFrom } from "../model/panels";
import { now, query, threshold, top } from "../model/queries";
import {
    alertThreshold,
    instanceAlertsTable,
    lostKeys,
    network,
    OF_APP,
    OF_INSTANCE,
    OF_POD,
    perPod,
    podRate,
    redisDashboard,
    replicationGap,
    slowCommands,
} from "./redis";

const LEGEND = "{{pod}}";
const ofMax = `${perPod("redis_memory_used_bytes")} / (${perPod("redis_memory_max_bytes")} > 0)`;
const ofClients = `${perPod("redis_connected_clients")} / (${perPod("redis_config_maxclients")} > 0)`;
const hits = `sum(rate(redis_keyspace_hits_total{${OF_POD}}[$__rate_interval]))`;
const misses = `sum(rate(redis_keyspace_misses_total{${OF_POD}}[$__rate_interval]))`;
const databases = (metric: string) =>
    `sum by (db) (max by (namespace, app, pod, db) (${metric}{${OF_POD}, redis_setup_type!="sentinel"}))`;

export const redisInstance = redisDashboard({
    uid: "redis-instance",
    description:
        "Whether clients can read and write, and what stands in their way: of one Redis instance, or several.",
    log: {
        title: "Log of these pods",
        description: "What the chosen Redis pods have written.",
    },
    rows: (context) => {
        const { alerts } = context;
        const memory = alerts.RedisHighMemoryUsage.share;
        const connections = alerts.RedisHighConnections.share;
        return [
            {
                panels: [
                    stat({
                        title: "Serves",
                        description:
                            "Whether clients can read and write: of several instances the worst. An instance serves with a pod that answers, a master, and in a cluster every slot.",
                        unit: "none",
                        queries: [now(`min(redis:instance_available:bool{${OF_INSTANCE}})`)],
                        mappings: words({ 1: ["yes", "green"], 0: ["NO", "red"] }),
                        noValue: "unknown",
                        links: runbooks(
                            context,
                            "RedisInstanceDown",
                            "RedisMasterDown",
                            "RedisNamespaceDown",
                        ),
                    }),
                    stat({
                        title: "Pods missing",
                        description: "Declared pods whose Redis does not answer its exporter.",
                        unit: "none",
                        queries: [
                            now(
                                `sum(redis:declared_pods{${OF_INSTANCE}}) - (sum(redis:pods_answering:count{${OF_INSTANCE}}) or vector(0))`,
                            ),
                        ],
                        thresholds: worseFrom([1, "red"]),
                        links: runbooks(context, "RedisPodsMissing", "RedisExporterDown"),
                    }),
                    stat({
                        title: "Alerts firing",
                        description:
                            "Alerts on these instances, without those of severity info. The table below names them.",
                        unit: "none",
                        queries: [
                            now(
                                `count(ALERTS{alertstate="firing", severity!="info", namespace=~"$namespace", instance_name=~"$instance"}) or vector(0)`,
                            ),
                        ],
                        thresholds: worseFrom([1, "red"]),
                    }),
                    stat({
                        title: "Memory used",
                        description:
                            "Share of maxmemory that is used, of the fullest pod. At 100 % keys are evicted or writes refused. Nothing where maxmemory is not set.",
                        unit: "percentunit",
                        decimals: 0,
                        queries: [now(`max(${ofMax})`)],
                        thresholds: worseFrom([memory, "red"]),
                        noValue: "no maxmemory",
                        links: runbooks(context, "RedisHighMemoryUsage"),
                    }),
                    stat({
                        title: "Clients",
                        description:
                            "Share of the connections that are taken, of the pod with the most. At 100 % new clients are refused.",
                        unit: "percentunit",
                        decimals: 0,
                        queries: [now(`max(${ofClients})`)],
                        thresholds: worseFrom([connections, "red"]),
                        links: runbooks(context, "RedisHighConnections"),
                    }),
                    stat({
                        title: "Commands",
                        description: "Commands per second of all pods.",
                        unit: "ops",
                        queries: [
                            query(`sum(${podRate("redis_commands_processed_total")})`, "commands"),
                        ],
                        spark: true,
                        plain: true,
                    }),
                    stat({
                        title: "Hit ratio",
                        description:
                            "Share of the lookups that found a key. What is good depends on the application: look for a change.",
                        unit: "percentunit",
                        queries: [query(`${hits} / (${hits} + ${misses} > 0)`, "hits")],
                        spark: true,
                        plain: true,
                        noValue: "no lookups",
                    }),
                    stat({
                        title: "Youngest pod",
                        description: "Time since the last start of a Redis: short after a restart.",
                        unit: "dtdurations",
                        queries: [now(`min(time() - ${perPod("redis_start_time_seconds")})`)],
                        plain: true,
                    }),
                    table({
                        title: "Pods",
                        description:
                            "Role and version of each pod, with its memory, clients, commands and age; the fullest first.",
                        width: 14,
                        queries: [
                            {
                                expr: `max by (namespace, app, pod, role, redis_version, maxmemory_policy) (redis_instance_info{${OF_POD}})`,
                            },
                            { expr: perPod("redis_memory_used_bytes") },
                            { expr: perPod("redis_memory_max_bytes") },
                            { expr: perPod("redis_connected_clients") },
                            {
                                expr: `max by (namespace, app, pod) (rate(redis_commands_processed_total{${OF_POD}}[5m]))`,
                            },
                            { expr: `time() - ${perPod("redis_start_time_seconds")}` },
                        ],
                        labels: {
                            pod: { title: "Pod", width: 150 },
                            role: {
                                title: "Role",
                                mappings: words({
                                    master: ["master", "green"],
                                    slave: ["replica", "text"],
                                }),
                            },
                            redis_version: "Version",
                            maxmemory_policy: "When full",
                        },
                        values: [
                            undefined,
                            { title: "Memory", unit: "bytes" },
                            { title: "Max", unit: "bytes" },
                            { title: "Clients" },
                            { title: "Cmds/s", unit: "short", decimals: 1 },
                            { title: "Up for", unit: "dtdurations" },
                        ],
                        // The fullest first: of many pods only some are in sight.
                        sort: "Memory",
                    }),
                    instanceAlertsTable(context, 10),
                ],
            },
            {
                title: "Traffic",
                panels: [
                    timeseries({
                        title: "Commands by pod",
                        description:
                            "Commands per second. A replica that is not read from has few.",
                        unit: "ops",
                        queries: [query(top(podRate("redis_commands_processed_total")), LEGEND)],
                    }),
                    timeseries({
                        title: "Hits and misses",
                        description: "Lookups of keys per second, found or not.",
                        unit: "ops",
                        stacked: true,
                        queries: [query(hits, "hits"), query(misses, "misses")],
                    }),
                    network(),
                    timeseries({
                        title: "Connected clients",
                        description:
                            "Connections of each pod. The dashed line is where RedisHighConnections fires, or maxclients comes first.",
                        unit: "none",
                        queries: [
                            query(top(perPod("redis_connected_clients")), LEGEND),
                            threshold(
                                alertThreshold("RedisHighConnections", "connections"),
                                "alert above",
                            ),
                        ],
                        links: runbooks(context, "RedisHighConnections"),
                    }),
                    timeseries({
                        title: "Blocked clients",
                        description: "Clients that wait in a blocking command such as BLPOP.",
                        unit: "none",
                        queries: [
                            query(top(perPod("redis_blocked_clients")), LEGEND),
                            threshold(
                                alertThreshold("RedisBlockedClients", "clients"),
                                "alert above",
                            ),
                        ],
                        links: runbooks(context, "RedisBlockedClients"),
                    }),
                    timeseries({
                        title: "Rejected connections",
                        description:
                            "Connections per second that were refused since maxclients was reached: these clients have no Redis.",
                        unit: "cps",
                        queries: [
                            query(top(podRate("redis_rejected_connections_total")), LEGEND),
                            threshold(
                                alertThreshold("RedisConnectionsExhausted", "perSecond"),
                                "alert above",
                            ),
                        ],
                        links: runbooks(
                            context,
                            "RedisRejectedConnections",
                            "RedisConnectionsExhausted",
                        ),
                    }),
                ],
            },
            {
                title: "Memory and keys",
                panels: [
                    timeseries({
                        title: "Memory of maxmemory, by pod",
                        description: "The dashed line is where RedisHighMemoryUsage fires.",
                        unit: "percentunit",
                        min: 0,
                        queries: [
                            query(top(ofMax), LEGEND),
                            threshold(
                                alertThreshold("RedisHighMemoryUsage", "share"),
                                "alert above",
                            ),
                        ],
                        noValue: "no maxmemory",
                        links: runbooks(context, "RedisHighMemoryUsage", "RedisMemoryForecast"),
                    }),
                    timeseries({
                        title: "Memory",
                        description:
                            "What Redis holds (used), what of it is data, what the process has of the system (rss), and the limit.",
                        unit: "bytes",
                        queries: [
                            query(`sum(${perPod("redis_memory_used_bytes")})`, "used"),
                            query(`sum(${perPod("redis_memory_used_dataset_bytes")})`, "data"),
                            query(`sum(${perPod("redis_memory_used_rss_bytes")})`, "rss"),
                            query(`sum(${perPod("redis_memory_max_bytes")})`, "maxmemory"),
                        ],
                    }),
                    timeseries({
                        title: "Fragmentation",
                        description:
                            "Memory of the process for each byte that Redis uses. Of a small data set it says nothing.",
                        unit: "none",
                        queries: [
                            query(top(perPod("redis_mem_fragmentation_ratio")), LEGEND),
                            threshold(alertThreshold("RedisFragmentation", "ratio"), "alert above"),
                        ],
                        links: runbooks(context, "RedisFragmentation"),
                    }),
                    timeseries({
                        title: "Keys by database",
                        description:
                            "Keys of all pods, so that a copy counts again. A sudden fall is a loss or a flush.",
                        unit: "short",
                        queries: [query(databases("redis_db_keys"), "{{db}}")],
                        links: runbooks(context, "RedisKeysLost"),
                    }),
                    timeseries({
                        title: "Keys that expire, by database",
                        description:
                            "Keys with a time to live: the others stay until they are deleted or evicted.",
                        unit: "short",
                        queries: [query(databases("redis_db_keys_expiring"), "{{db}}")],
                    }),
                    lostKeys(context),
                ],
            },
            {
                title: "Persistence and replication",
                panels: [
                    stat({
                        title: "Writes to disk",
                        description:
                            "Whether the last snapshot (RDB) and the append-only file (AOF) were written, of the worst pod.",
                        unit: "none",
                        width: 4,
                        height: 8,
                        queries: [
                            now(`min(${perPod("redis_rdb_last_bgsave_status")})`, "RDB"),
                            now(`min(${perPod("redis_aof_last_write_status")})`, "AOF"),
                            now(`min(${perPod("redis_aof_last_bgrewrite_status")})`, "AOF rewrite"),
                        ],
                        mappings: words({ 1: ["ok", "green"], 0: ["FAILED", "red"] }),
                        text: "value_and_name",
                        links: runbooks(context, "RedisPersistenceFailing"),
                    }),
                    timeseries({
                        title: "Age of the last snapshot",
                        description:
                            "Time since the last RDB file, of each pod. Where snapshots are off, it grows.",
                        unit: "s",
                        queries: [
                            query(
                                top(`time() - ${perPod("redis_rdb_last_save_timestamp_seconds")}`),
                                LEGEND,
                            ),
                        ],
                    }),
                    timeseries({
                        title: "Changes not saved, and AOF",
                        description:
                            "Changes since the last snapshot, which a restart without AOF loses; and whether AOF is on (1).",
                        unit: "short",
                        width: 6,
                        queries: [
                            query(
                                top(perPod("redis_rdb_changes_since_last_save")),
                                `${LEGEND} changes`,
                            ),
                            query(`min(${perPod("redis_aof_enabled")})`, "AOF on"),
                        ],
                    }),
                    replicationGap(context, 6),
                    timeseries({
                        title: "Connected replicas",
                        description:
                            "Replicas that each master sees. Fewer than declared: the next failure costs more.",
                        unit: "none",
                        queries: [
                            query(
                                top(
                                    `${perPod("redis_connected_slaves")} and on (namespace, pod) redis_instance_info{${OF_POD}, role="master"}`,
                                ),
                                LEGEND,
                            ),
                        ],
                        links: runbooks(
                            context,
                            "RedisReplicasDisconnected",
                            "RedisReplicaLinkDown",
                        ),
                    }),
                    slowCommands(context),
                    stat({
                        title: "Masters of a replication",
                        description:
                            "Masters that somebody sees, of each instance that is not a cluster: one is right; none refuses writes, two lose them.",
                        unit: "none",
                        width: 8,
                        height: 8,
                        queries: [
                            now(
                                `sum by (namespace, app) (redis:masters:count{${OF_APP}, redis_setup_type="replication"})`,
                                "{{namespace}}/{{app}}",
                            ),
                        ],
                        thresholds: {
                            mode: "absolute",
                            steps: [...betterFrom([1, "green"]).steps, { value: 2, color: "red" }],
                        },
                        noValue: "no replication",
                        links: runbooks(
                            context,
                            "RedisSplitBrain",
                            "RedisMasterDown",
                            "RedisFailoverHappened",
                        ),
                    }),
                ],
            },
        ];
    },
});
