import { AlertCase, ExpectedAlert, firing, quiet } from "../alertCase";
import { stateSeries } from "../clusterSeries";
import { NAMESPACE, ofApp, ofPod, target } from "../redisWorld";
import {
    cause,
    climb,
    ELSEWHERE,
    History,
    INFOS,
    Labels,
    owned,
    ownedPod,
    thresholds,
    twoAddresses,
    UNTIL_20,
} from "../recordedWorld";
import { again, from, Phase, Series, series, Value } from "../timeline";

/*
 * What only a rule that is almost right gets wrong, on what other rules record: others of the same name, of the same
 * namespace and of another stack, two series for one pod, and causes that are over. `npm run test:mutation` has found these.
 */

const keys = (labels: Labels, over: History): Series => series("redis:keys:count", labels, over);
const lost = (labels: Labels, share: string): ExpectedAlert => ({
    labels,
    summary: `Redis ${NAMESPACE}/cache has lost keys`,
    description: `${share} of the keys that ${NAMESPACE}/cache had within the last hour are gone: it was flushed, or has come back from a restart without its data.`,
});
const KEY_LIMITS = [
    ...thresholds("RedisKeysLost", "keys", 1000),
    ...thresholds("RedisKeysLost", "share", 0.5),
];

const keyCases = [
    firing("RedisKeysLost", "one has lost some more than half", {
        recorded: true,
        series: [
            keys(owned("cache"), from("20m", 980, 2000)),
            keys(owned("orders"), 2000),
            ...KEY_LIMITS,
        ],
        severity: "critical",
        at: "21m",
        alerts: [lost(ofApp("cache"), "51%")],
        until: "79m",
    }),
    quiet("RedisKeysLost", "it shrinks by less than half within each hour", {
        recorded: true,
        series: [
            keys(owned("cache"), [
                ["30m", 2000],
                ["70m", 1300],
                ["4h", 800],
            ]),
            ...KEY_LIMITS,
        ],
        until: "3h",
    }),
];

const busy = (labels: Labels, over: History): Series =>
    series("redis:main_thread_cpu:rate5m", labels, over);
const THREAD_LIMIT = thresholds("RedisMainThreadBusy", "share", 0.75);

const threadCases = [
    firing("RedisMainThreadBusy", "it is at the edge first, and then above it", {
        recorded: true,
        series: [
            busy(ownedPod("cache"), from("5m", 0.8, 0.75)),
            busy(ownedPod("orders"), 0.75),
            ...THREAD_LIMIT,
        ],
        severity: "warning",
        at: "20m",
        alerts: [
            {
                labels: ofPod("cache", 0),
                summary: `The main thread of Redis ${NAMESPACE}/cache-0 is busy all the time`,
                description: `The main thread of ${NAMESPACE}/cache-0 has needed 80% of a core for 15m: commands wait for one another.`,
            },
        ],
    }),
    firing("RedisSlowCommands", "its thread is at the edge, and those of others are busy", {
        recorded: true,
        series: [
            ...twoAddresses(
                "redis_slowlog_last_id",
                [
                    ["5m", 0],
                    ["4h", climb(60)],
                ],
                0,
            ),
            busy(ownedPod("cache"), 0.75),
            busy(ownedPod("orders"), 1),
            busy(ownedPod("cache", ELSEWHERE), 1),
            busy({ ...ownedPod("cache"), environment: "qa", instance_name: "cache-qa" }, 1),
            ...THREAD_LIMIT,
            ...thresholds("RedisSlowCommands", "perSecond", 0.1),
        ],
        severity: "warning",
        at: "960s",
        alerts: [
            {
                labels: ofPod("cache", 0),
                summary: `Redis ${NAMESPACE}/cache-0 runs slow commands`,
                description: `1.00 commands per second have entered the slow log of ${NAMESPACE}/cache-0 for 10m: while one runs, every other client waits.`,
            },
        ],
    }),
    quiet("RedisSlowCommands", "as many as are allowed", {
        recorded: true,
        series: [
            series("redis_slowlog_last_id", target("cache", 0), climb(15)),
            ...THREAD_LIMIT,
            ...thresholds("RedisSlowCommands", "perSecond", 0.25),
        ],
        until: "1h",
    }),
];

const commands = (labels: Labels, timed: number, fast: number): Series[] => [
    series("redis:commands_timed:rate5m", labels, timed),
    series("redis:commands_fast:rate5m", labels, fast),
];
const LATENCY_LIMIT = thresholds("RedisHighLatency", "share", 0.25);

const latencyCases = [
    firing("RedisHighLatency", "the thread was busy, those of others are, and another is away", {
        recorded: true,
        series: [
            ...commands(owned("cache"), 64, 32),
            // At rest.
            ...commands(owned("orders"), 0, 0),
            cause("RedisMainThreadBusy", ofApp("cache"), UNTIL_20),
            cause("RedisMainThreadBusy", ofApp("orders")),
            cause("RedisMainThreadBusy", { ...ofApp("cache"), namespace: ELSEWHERE }),
            cause("RedisHighMemoryUsage", ofApp("cache")),
            ...LATENCY_LIMIT,
        ],
        severity: "warning",
        // 34.5 minutes, and then 10.
        at: "2670s",
        alerts: [
            {
                labels: ofApp("cache"),
                summary: `Redis ${NAMESPACE}/cache answers slowly`,
                description: `50% of the commands of ${NAMESPACE}/cache have taken more than 17 ms for 10m.`,
            },
        ],
    }),
    quiet("RedisHighLatency", "as many are slow as may be", {
        recorded: true,
        series: [...commands(owned("cache"), 64, 48), ...LATENCY_LIMIT],
        until: "1h",
    }),
];

const WRITES = ["rdb_last_bgsave_status", "aof_last_bgrewrite_status", "aof_last_write_status"];
const enabled = (labels: Labels, value: number): Series =>
    series("redis_aof_enabled", labels, value);

const writeCases = [
    firing("RedisPersistenceFailing", "all of it, and what stays of an old address was well", {
        recorded: true,
        series: [
            ...WRITES.flatMap((name) => twoAddresses(`redis_${name}`, from("5m", 0), 1)),
            enabled(target("cache", 0), 1),
            ...INFOS,
        ],
        severity: "critical",
        at: "10m",
        alerts: WRITES.map((write) => ({
            labels: { ...ofPod("cache", 0), write },
            summary: `Redis ${NAMESPACE}/cache-0 cannot write to its volume`,
            description: `${write} of ${NAMESPACE}/cache-0 has been "err" for 5m: after a restart it comes back with old data, and with stop-writes-on-bgsave-error it refuses writes already.`,
        })),
    }),
    quiet("RedisPersistenceFailing", "its AOF is off, and those of others are on", {
        recorded: true,
        series: [
            series("redis_aof_last_write_status", target("cache", 0), 0),
            enabled(target("cache", 0), 0),
            enabled(target("orders", 0), 1),
            enabled({ ...target("cache", 0), namespace: ELSEWHERE }, 1),
            ...INFOS,
        ],
        until: "1h",
    }),
    firing("RedisReplicaLinkDown", "what stays of an old address was well", {
        recorded: true,
        series: [...twoAddresses("redis_master_link_up", from("5m", 0), 1), ...INFOS],
        severity: "warning",
        at: "10m",
        alerts: [
            {
                labels: ofPod("cache", 0),
                summary: `Redis replica ${NAMESPACE}/cache-0 has lost its master`,
                description: `The link of ${NAMESPACE}/cache-0 to its master has been down for 5m: it serves old data, and cannot take over without loss.`,
            },
        ],
    }),
];

const CRASHING = { namespace: NAMESPACE, pod: "orders-1", container: "redis" };
const waiting = (over: History, labels: Labels = {}): Series =>
    stateSeries(
        "kube_pod_container_status_waiting_reason",
        { ...CRASHING, reason: "CrashLoopBackOff", ...labels },
        over,
    );
const OLD = { instance: "10.0.1.9:8080" };
const crashing: ExpectedAlert = {
    labels: { ...CRASHING, app: "orders" },
    summary: `${NAMESPACE}/orders-1 (redis) is crash looping`,
    description: `${NAMESPACE}/orders-1 (redis) is in CrashLoopBackOff, or has restarted more than 3 times within 15 minutes.`,
};

const crashCases = [
    firing("PodCrashLooping", "its Redis was away, and others are", {
        recorded: true,
        series: [
            waiting(1),
            waiting(0, OLD),
            cause("RedisPodsMissing", ofApp("orders"), UNTIL_20),
            cause("RedisPodsMissing", ofApp("cache")),
            cause("RedisPodsMissing", { ...ofApp("orders"), namespace: ELSEWHERE }),
            cause("RedisHighMemoryUsage", ofApp("orders")),
        ],
        severity: "warning",
        // 34.5 minutes, and then 5.
        at: "2370s",
        alerts: [crashing],
    }),
    firing("PodCrashLooping", "each try lasts four minutes", {
        recorded: true,
        series: [waiting(again(["1m", 1], ["2m", 0], ["2m", "gone"]))],
        severity: "warning",
        at: "5m",
        alerts: [crashing],
        until: "1h",
    }),
    firing("PodCrashLooping", "it restarts every two minutes, and another counts fewer", {
        recorded: true,
        series: [
            ["kube_pod_container_status_restarts_total", climb(0.5)] as const,
            ["kube_pod_container_status_restarts_total", 7] as const,
        ].map(([metric, over], i) =>
            stateSeries(metric, { ...CRASHING, ...(i === 0 ? {} : OLD) }, over),
        ),
        severity: "warning",
        // More than three and a half restarts at 7.5 minutes, and then 5.
        at: "750s",
        alerts: [crashing],
        until: "1h",
    }),
    quiet("PodCrashLooping", "it waits for nothing", {
        recorded: true,
        series: [waiting(0)],
        until: "1h",
    }),
];

/** An alert that was, and others of its name, its namespace and its pod that are. */
const caused = (alertname: string): Series[] => [
    cause(alertname, ofPod("cache", 0), UNTIL_20),
    cause(alertname, ofPod("orders", 0)),
    cause(alertname, { ...ofPod("cache", 0), namespace: ELSEWHERE }),
    cause("RedisReplicationLag", ofPod("cache", 0)),
];
const POD = `${NAMESPACE}/cache-0`;
const ofCache = (summary: string, description: string): ExpectedAlert => ({
    labels: ofPod("cache", 0),
    summary,
    description,
});
const evicting = (perSecond: string): ExpectedAlert =>
    ofCache(
        `Redis ${POD} evicts keys`,
        `${POD} has evicted ${perSecond} keys per second for 10m, since maxmemory is reached: as a cache it hits less, as a store it loses data.`,
    );
const many = (value: string): ExpectedAlert =>
    ofCache(
        `Redis ${POD} has many connections`,
        `${POD} has had too many connections for 5m: ${value} (the share of maxclients when at most 1).`,
    );
const CONNECTION_LIMITS = [
    ...thresholds("RedisHighConnections", "share", 0.75),
    ...thresholds("RedisHighConnections", "connections", 1000),
];
const full = (share: string): ExpectedAlert =>
    ofCache(
        `Redis ${POD} is close to its memory limit`,
        `${POD} has used ${share} of its memory for 5m; at 100 % it evicts keys or refuses writes.`,
    );
const MEMORY_LIMIT = thresholds("RedisHighMemoryUsage", "share", 0.75);
const containerShare = (labels: Labels, share: number): Series =>
    series("namespace_pod_container:memory_working_set_limit:ratio", labels, share);
const REDIS = { namespace: NAMESPACE, pod: "cache-0", container: "cache" };
/** For a day, with a sample each ten minutes. */
const allDay = (value: Value): readonly Phase[] => [["24h", value]];
const noEviction = (labels: Labels, over: History): Series =>
    series(
        "redis_instance_info",
        { ...labels, role: "master", maxmemory_policy: "noeviction" },
        over,
    );

const saturationCases = [
    firing("RedisEvictions", "its memory was full, and that of others is", {
        recorded: true,
        series: [
            ...twoAddresses("redis_evicted_keys_total", climb(60), 0),
            ...caused("RedisHighMemoryUsage"),
            ...thresholds("RedisEvictions", "keysPerSecond", 0.5),
        ],
        severity: "warning",
        at: "2670s",
        alerts: [evicting("1.00")],
    }),
    quiet("RedisEvictions", "as many as are allowed", {
        recorded: true,
        series: [
            series("redis_evicted_keys_total", target("cache", 0), climb(15)),
            ...thresholds("RedisEvictions", "keysPerSecond", 0.25),
        ],
        until: "1h",
    }),
    firing("RedisEvictions", "in bursts, two minutes apart", {
        recorded: true,
        series: [
            series(
                "redis_evicted_keys_total",
                target("cache", 0),
                Array.from({ length: 120 }, (_, i): Phase => ["2m", 120 * i]),
            ),
            ...thresholds("RedisEvictions", "keysPerSecond", 0.125),
        ],
        severity: "warning",
        // From the first burst on. Three bursts of 120 are in the 4.5 minutes of samples.
        at: "12m",
        alerts: [evicting("1.33")],
        until: "1h",
    }),
    firing("RedisRejectedConnections", "it has two addresses", {
        recorded: true,
        series: [
            ...twoAddresses("redis_rejected_connections_total", from("5m", 60, 50), 0),
            ...thresholds("RedisRejectedConnections", "connections", 10),
        ],
        severity: "warning",
        at: "6m",
        alerts: [
            ofCache(
                `Redis ${POD} refuses connections`,
                `${POD} has refused 11 connections within 5 minutes, since it has maxclients already: these clients have no Redis.`,
            ),
        ],
    }),
    quiet("RedisRejectedConnections", "as many as are allowed", {
        recorded: true,
        series: [
            series("redis_rejected_connections_total", target("cache", 0), climb(2)),
            ...thresholds("RedisRejectedConnections", "connections", 10),
        ],
        until: "1h",
    }),
    firing("RedisConnectionsExhausted", "it has two addresses", {
        recorded: true,
        series: [
            ...twoAddresses(
                "redis_rejected_connections_total",
                [
                    ["5m", 0],
                    ["4h", climb(120)],
                ],
                0,
            ),
            ...thresholds("RedisConnectionsExhausted", "perSecond", 1),
        ],
        severity: "critical",
        at: "780s",
        alerts: [
            ofCache(
                `Redis ${POD} refuses clients all the time`,
                `${POD} has refused 2.0 connections per second for 5m: new clients have no Redis.`,
            ),
        ],
    }),
    firing("RedisBlockedClients", "it has two addresses", {
        recorded: true,
        series: [
            ...twoAddresses("redis_blocked_clients", from("5m", 201, 200), 0),
            ...thresholds("RedisBlockedClients", "clients", 200),
        ],
        severity: "warning",
        at: "20m",
        alerts: [
            ofCache(
                `Many clients wait for Redis ${POD}`,
                `201 clients of ${POD} have waited in a blocking command for 15m: nobody gives them what they wait for.`,
            ),
        ],
    }),
    firing("RedisHighConnections", "it refused some, and others do", {
        recorded: true,
        series: [
            ...twoAddresses("redis_connected_clients", 80, 0),
            ...twoAddresses("redis_config_maxclients", 100, 50),
            ...caused("RedisRejectedConnections"),
            ...CONNECTION_LIMITS,
        ],
        severity: "warning",
        at: "2370s",
        alerts: [many("0.80")],
    }),
    firing("RedisHighConnections", "more than a thousand, and no maxclients is known", {
        recorded: true,
        series: [
            ...twoAddresses("redis_connected_clients", from("5m", 1001, 1000), 0),
            ...CONNECTION_LIMITS,
        ],
        severity: "warning",
        at: "10m",
        alerts: [many("1001.00")],
    }),
    quiet("RedisHighConnections", "at the edge, and maxclients is shown as 0", {
        recorded: true,
        series: [
            series("redis_connected_clients", target("cache", 0), 75),
            series("redis_config_maxclients", target("cache", 0), 100),
            series("redis_connected_clients", target("orders", 0), 75),
            series("redis_config_maxclients", target("orders", 0), 0),
            ...CONNECTION_LIMITS,
        ],
        until: "1h",
    }),
    firing("RedisHighMemoryUsage", "it has two addresses, and is at the edge first", {
        recorded: true,
        series: [
            ...twoAddresses("redis_memory_used_bytes", from("5m", 800, 750), 100),
            ...twoAddresses("redis_memory_max_bytes", 1000, 500),
            ...MEMORY_LIMIT,
        ],
        severity: "warning",
        at: "10m",
        alerts: [full("80%")],
    }),
    firing("RedisHighMemoryUsage", "its container is full, and others' are not", {
        recorded: true,
        series: [
            ...twoAddresses("redis_memory_max_bytes", 0, 0),
            containerShare(REDIS, 0.875),
            containerShare({ ...REDIS, container: "proxy" }, 0.25),
            containerShare({ ...REDIS, container: "redis-exporter" }, 1),
            containerShare({ ...REDIS, namespace: ELSEWHERE }, 1),
            containerShare({ ...REDIS, pod: "orders-0" }, 1),
            ...MEMORY_LIMIT,
        ],
        severity: "warning",
        at: "5m",
        alerts: [full("87.5%")],
    }),
    quiet("RedisHighMemoryUsage", "maxmemory has been set, and what it uses is not known", {
        recorded: true,
        series: [
            ...twoAddresses("redis_memory_max_bytes", 1000, 0),
            containerShare(REDIS, 0.875),
            ...MEMORY_LIMIT,
        ],
        until: "1h",
    }),
    firing("HighMemoryUsage", "its Redis was full, and others are", {
        recorded: true,
        series: [
            containerShare(REDIS, 0.95),
            containerShare({ ...REDIS, container: "proxy" }, 0.9),
            ...caused("RedisHighMemoryUsage"),
        ],
        severity: "warning",
        at: "2670s",
        alerts: [
            {
                labels: REDIS,
                summary: `${POD} (cache) is close to its memory limit`,
                description: `${POD} (cache) has used 95% of its memory limit for 10m; at 100 % it is killed.`,
            },
        ],
    }),
    firing("RedisMemoryForecast", "the last six hours decide", {
        recorded: true,
        step: "10m",
        series: [
            // Of the last 6 hours, the forecast passes 1000 at 11 hours and 20 minutes: 990 and then 1008.
            ...["new:9121", "old:9121"].map((instance, i) =>
                series("redis_memory_used_bytes", { ...target("cache", 0), instance }, [
                    ["8h", i === 0 ? 750 : 100],
                    ["16h", i === 0 ? { from: 750, perMinute: 0.25 } : 100],
                ]),
            ),
            ...[1000, 500].map((maximum) =>
                series(
                    "redis_memory_max_bytes",
                    { ...target("cache", 0), instance: String(maximum) },
                    allDay(maximum),
                ),
            ),
            noEviction(target("cache", 0), allDay(1)),
            ...thresholds("RedisMemoryForecast", "share", allDay(0.7)),
        ],
        severity: "warning",
        at: "740m",
        alerts: [
            ofCache(
                `The memory of Redis ${POD} is full within a day`,
                `${POD} has used 81.5% of its memory, and grows so that it is full within 24 hours: then it refuses writes. It has for 1h.`,
            ),
        ],
    }),
    firing("RedisMemoryForecast", "it was full, and others are", {
        recorded: true,
        series: [
            series("redis_memory_used_bytes", target("cache", 0), { from: 720, perMinute: 0.2 }),
            series("redis_memory_max_bytes", target("cache", 0), 1000),
            noEviction(target("cache", 0), 1),
            ...caused("RedisHighMemoryUsage"),
            ...thresholds("RedisMemoryForecast", "share", 0.5),
        ],
        severity: "warning",
        // 34.5 minutes, and then 60.
        at: "5670s",
        alerts: [
            ofCache(
                `The memory of Redis ${POD} is full within a day`,
                `${POD} has used 73.89% of its memory, and grows so that it is full within 24 hours: then it refuses writes. It has for 1h.`,
            ),
        ],
    }),
    quiet(
        "RedisMemoryForecast",
        "in two days, not that full yet, without a limit, or not growing",
        {
            recorded: true,
            series: [
                series("redis_memory_used_bytes", target("cache", 0), {
                    from: 720,
                    perMinute: 0.15,
                }),
                series("redis_memory_max_bytes", target("cache", 0), 1000),
                noEviction(target("cache", 0), 1),
                // Its limit is shown as 0.
                series("redis_memory_used_bytes", target("orders", 0), { from: 720, perMinute: 1 }),
                series("redis_memory_max_bytes", target("orders", 0), 0),
                noEviction(target("orders", 0), 1),
                ...thresholds("RedisMemoryForecast", "share", 0.5),
            ],
            until: "3h",
        },
    ),
    quiet("RedisMemoryForecast", "it is full or as full as it may be, and others grow", {
        recorded: true,
        series: [
            // Full, and no fuller.
            series("redis_memory_used_bytes", target("cache", 0), 1000),
            series("redis_memory_max_bytes", target("cache", 0), 1000),
            noEviction(target("cache", 0), 1),
            // Half full, of which the second address seems to grow.
            series("redis_memory_used_bytes", target("orders", 0), 500),
            series(
                "redis_memory_used_bytes",
                { ...target("orders", 0), instance: "new:9121" },
                { from: 0, perMinute: 1 },
            ),
            series("redis_memory_max_bytes", target("orders", 0), 1000),
            noEviction(target("orders", 0), 1),
            series(
                "redis_memory_used_bytes",
                { ...target("cache", 0), namespace: ELSEWHERE },
                { from: 0, perMinute: 1 },
            ),
            series("redis_memory_max_bytes", { ...target("cache", 0), namespace: ELSEWHERE }, 1000),
            ...thresholds("RedisMemoryForecast", "share", 0.5),
        ],
        until: "3h",
    }),
    quiet("RedisMemoryForecast", "it evicts, and others of its name and namespace do not", {
        recorded: true,
        series: [
            series("redis_memory_used_bytes", target("cache", 0), { from: 720, perMinute: 0.2 }),
            series("redis_memory_max_bytes", target("cache", 0), 1000),
            noEviction({ ...target("cache", 0), namespace: ELSEWHERE }, 1),
            noEviction(target("orders", 0), 1),
            ...thresholds("RedisMemoryForecast", "share", 0.5),
        ],
        until: "3h",
    }),
    firing("RedisFragmentation", "it has two addresses", {
        recorded: true,
        series: [
            ...twoAddresses("redis_mem_fragmentation_ratio", from("5m", 1.75, 1.5), 1),
            // More than 100 MiB.
            ...twoAddresses("redis_memory_used_bytes", 104857601, 1000),
            ...thresholds("RedisFragmentation", "ratio", 1.5),
        ],
        severity: "warning",
        at: "65m",
        alerts: [
            ofCache(
                `The memory of Redis ${POD} is fragmented`,
                `${POD} has held 1.75 times the memory of its data for 1h: the container may reach its limit before Redis reaches maxmemory.`,
            ),
        ],
    }),
    quiet("RedisFragmentation", "it has 100 MiB, and others have more", {
        recorded: true,
        series: [
            series("redis_mem_fragmentation_ratio", target("cache", 0), 5),
            series("redis_memory_used_bytes", target("cache", 0), 104857600),
            series("redis_memory_used_bytes", target("orders", 0), 1e9),
            series("redis_memory_used_bytes", { ...target("cache", 0), namespace: ELSEWHERE }, 1e9),
            ...thresholds("RedisFragmentation", "ratio", 1.5),
        ],
        until: "3h",
    }),
];

/** Edges of the rules on what other rules record. */
export const redisRecordedCases: readonly AlertCase[] = [
    ...saturationCases,
    ...keyCases,
    ...threadCases,
    ...latencyCases,
    ...writeCases,
    ...crashCases,
];
