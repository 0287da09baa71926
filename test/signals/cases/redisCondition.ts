import { AlertCase, ExpectedAlert, firing, quiet } from "../alertCase";
import { memoryLimit, workingSet } from "../clusterSeries";
import { info, NAMESPACE, ofApp, ofPod, redisWorld, target } from "../redisWorld";
import { between, from, Phase, Series, series, Value } from "../timeline";

type History = Value | readonly Phase[];

const POD = `${NAMESPACE}/cache-0`;
const pod = target("cache", 0);
const of = (metric: string, over: History, more: Record<string, string> = {}): Series =>
    series(metric, { ...pod, ...more }, over);
const climb = (perMinute: number, start = 0): Value => ({ from: start, perMinute });
/** A counter that rises from 5 minutes on. */
const rising = (metric: string, perMinute: number): Series =>
    of(metric, [
        ["5m", 0],
        ["4h", climb(perMinute)],
    ]);
const alert = (summary: string, description: string): ExpectedAlert => ({
    labels: ofPod("cache", 0),
    summary,
    description,
});

const memory = (used: History, maximum = 1000): Series[] => [
    of("redis_memory_used_bytes", used),
    of("redis_memory_max_bytes", maximum),
];
const container = { namespace: NAMESPACE, pod: "cache-0", container: "cache" };
const highMemory = (share: string) =>
    alert(
        `Redis ${POD} is close to its memory limit`,
        `${POD} has used ${share} of its memory for 5m; at 100 % it evicts keys or refuses writes.`,
    );

const memoryCases = [
    firing("RedisHighMemoryUsage", "more than 90 % of maxmemory is used", {
        series: redisWorld(memory(from("5m", 901, 500))),
        severity: "warning",
        at: "10m",
        alerts: [highMemory("90.1%")],
        until: "30m",
    }),
    firing("RedisHighMemoryUsage", "without maxmemory, 90 % of the container's limit is used", {
        series: redisWorld(
            memory(500, 0),
            workingSet(container, from("5m", 901, 500)),
            memoryLimit(container, 1000),
        ),
        severity: "warning",
        at: "10m",
        alerts: [highMemory("90.1%")],
    }),
    firing("RedisHighMemoryUsage", "an instance has a threshold of its own", {
        series: redisWorld(
            series("redis_memory_used_bytes", target("orders", 0), from("5m", 701, 500)),
            series("redis_memory_max_bytes", target("orders", 0), 1000),
            memory(899),
        ),
        severity: "warning",
        at: "10m",
        alerts: [
            {
                labels: ofPod("orders", 0),
                summary: `Redis ${NAMESPACE}/orders-0 is close to its memory limit`,
                description: `${NAMESPACE}/orders-0 has used 70.1% of its memory for 5m; at 100 % it evicts keys or refuses writes.`,
            },
        ],
    }),
    quiet("RedisHighMemoryUsage", "exactly 90 %, and more for less than 5 minutes", {
        series: redisWorld(memory(between("5m", "10m", 990, 900))),
        until: "1h",
    }),
    quiet("RedisHighMemoryUsage", "neither Redis nor its container has a limit", {
        series: redisWorld(memory(500, 0), workingSet(container, 500)),
        until: "1h",
    }),
    quiet(
        "RedisHighMemoryUsage",
        "the exporter's container is full, or Redis' has room below maxmemory",
        {
            series: redisWorld(
                memory(990, 0),
                workingSet(container, 900),
                memoryLimit(container, 1000),
                workingSet({ ...container, container: "redis-exporter" }, 990),
                memoryLimit({ ...container, container: "redis-exporter" }, 1000),
            ),
            until: "1h",
        },
    ),
    quiet("RedisHighMemoryUsage", "with maxmemory, the container is fuller than Redis", {
        series: redisWorld(memory(500), workingSet(container, 990), memoryLimit(container, 1000)),
        until: "1h",
    }),
    firing("RedisMemoryForecast", "memory is full within a day", {
        series: redisWorld(memory([["4h", { from: 720, perMinute: 0.2 }]])),
        severity: "warning",
        at: "3630s",
        alerts: [
            alert(
                `The memory of Redis ${POD} is full within a day`,
                `${POD} has used 73.21% of its memory, and grows so that it is full within 24 hours: then it refuses writes. It has for 1h.`,
            ),
        ],
    }),
    quiet("RedisMemoryForecast", "it grows, and there is room", {
        series: redisWorld(memory([["4h", { from: 400, perMinute: 1 }]])),
        until: "3h",
    }),
    quiet("RedisMemoryForecast", "it is rather full, and does not grow", {
        series: redisWorld(memory(750)),
        until: "3h",
    }),
    quiet("RedisMemoryForecast", "a cache that evicts may fill", {
        series: redisWorld(
            memory([["4h", { from: 720, perMinute: 0.2 }]]),
            series(
                "redis_instance_info",
                { ...pod, ...info("master"), maxmemory_policy: "allkeys-lru" },
                1,
            ),
        ),
        until: "3h",
    }),
    firing("RedisFragmentation", "twice the memory of the data is held", {
        series: redisWorld(
            memory(200e6, 400e6),
            of("redis_mem_fragmentation_ratio", from("5m", 1.51, 1.5)),
        ),
        severity: "warning",
        at: "65m",
        alerts: [
            alert(
                `The memory of Redis ${POD} is fragmented`,
                `${POD} has held 1.51 times the memory of its data for 1h: the container may reach its limit before Redis reaches maxmemory.`,
            ),
        ],
    }),
    quiet("RedisFragmentation", "of a small data set the ratio says nothing", {
        series: redisWorld(memory(100e6, 400e6), of("redis_mem_fragmentation_ratio", 5)),
        until: "3h",
    }),
    firing("RedisEvictions", "keys are evicted", {
        series: redisWorld(rising("redis_evicted_keys_total", 60)),
        severity: "warning",
        at: "930s",
        alerts: [
            alert(
                `Redis ${POD} evicts keys`,
                `${POD} has evicted 1.00 keys per second for 10m, since maxmemory is reached: as a cache it hits less, as a store it loses data.`,
            ),
        ],
    }),
    quiet("RedisEvictions", "the memory is full, which has an alert of its own", {
        series: redisWorld(rising("redis_evicted_keys_total", 60), memory(990)),
        until: "1h",
    }),
];

const clients = (connected: History, maximum = 10_000): Series[] => [
    of("redis_connected_clients", connected),
    of("redis_config_maxclients", maximum),
];
const many = (value: string) =>
    alert(
        `Redis ${POD} has many connections`,
        `${POD} has had too many connections for 5m: ${value} (the share of maxclients when at most 1).`,
    );

const connectionCases = [
    firing("RedisHighConnections", "more than 80 % of maxclients", {
        series: redisWorld(clients(from("5m", 81, 50), 100)),
        severity: "warning",
        at: "10m",
        alerts: [many("0.81")],
    }),
    firing("RedisHighConnections", "more than 1000", {
        series: redisWorld(clients(from("5m", 1001, 50))),
        severity: "warning",
        at: "10m",
        alerts: [many("1001.00")],
    }),
    quiet("RedisHighConnections", "exactly at both edges", {
        series: redisWorld(clients(1000, 1250)),
        until: "1h",
    }),
    quiet("RedisHighConnections", "connections are refused, which has an alert of its own", {
        series: redisWorld(
            clients(from("10m", 100, 50), 100),
            of("redis_rejected_connections_total", [
                ["5m", 0],
                ["4h", climb(60)],
            ]),
        ),
        until: "1h",
    }),
    firing(
        "RedisRejectedConnections",
        "ten connections are refused, which increase() extrapolates",
        {
            series: redisWorld(of("redis_rejected_connections_total", from("10m", 110, 100))),
            severity: "warning",
            at: "11m",
            alerts: [
                alert(
                    `Redis ${POD} refuses connections`,
                    `${POD} has refused 11 connections within 5 minutes, since it has maxclients already: these clients have no Redis.`,
                ),
            ],
        },
    ),
    quiet("RedisRejectedConnections", "eight are refused, and the counter begins at 0 again", {
        series: redisWorld(
            of("redis_rejected_connections_total", [
                ["10m", 100],
                ["5m", 108],
                ["4h", 0],
            ]),
        ),
        until: "1h",
    }),
    firing("RedisConnectionsExhausted", "two connections a second are refused", {
        series: redisWorld(rising("redis_rejected_connections_total", 120)),
        severity: "critical",
        at: "780s",
        alerts: [
            alert(
                `Redis ${POD} refuses clients all the time`,
                `${POD} has refused 2.0 connections per second for 5m: new clients have no Redis.`,
            ),
        ],
    }),
    quiet("RedisConnectionsExhausted", "one a second is refused", {
        series: redisWorld(rising("redis_rejected_connections_total", 60)),
        until: "1h",
    }),
    firing("RedisBlockedClients", "more than two hundred wait", {
        series: redisWorld(of("redis_blocked_clients", from("5m", 201, 200))),
        severity: "warning",
        at: "20m",
        alerts: [
            alert(
                `Many clients wait for Redis ${POD}`,
                `201 clients of ${POD} have waited in a blocking command for 15m: nobody gives them what they wait for.`,
            ),
        ],
    }),
    quiet("RedisBlockedClients", "two hundred wait", {
        series: redisWorld(of("redis_blocked_clients", 200)),
        until: "1h",
    }),
];

const WRITES = ["rdb_last_bgsave_status", "aof_last_bgrewrite_status", "aof_last_write_status"];
function writes(changed: Readonly<Record<string, History>>, aof = 1): Series[] {
    const well: Record<string, History> = Object.fromEntries(WRITES.map((name) => [name, 1]));
    return Object.entries({ ...well, aof_enabled: aof, ...changed }).map(([name, over]) =>
        of(`redis_${name}`, over),
    );
}
const keys = (app: string, index: number, over: History): Series =>
    series("redis_db_keys", { ...target(app, index), db: "db0" }, over);
const lost = (labels: Record<string, string>, share: string): ExpectedAlert => ({
    labels,
    summary: `Redis ${NAMESPACE}/${labels.app} has lost keys`,
    description: `${share} of the keys that ${NAMESPACE}/${labels.app} had within the last hour are gone: it was flushed, or has come back from a restart without its data.`,
});

const dataCases = [
    ...WRITES.map((write) =>
        firing("RedisPersistenceFailing", `${write} is not ok`, {
            series: redisWorld(
                writes({ [write]: from("5m", 0) }, write.startsWith("aof_last_write") ? 1 : 0),
            ),
            severity: "critical",
            at: "10m",
            until: "30m",
            alerts: [
                {
                    labels: { ...ofPod("cache", 0), write },
                    summary: `Redis ${POD} cannot write to its volume`,
                    description: `${write} of ${POD} has been "err" for 5m: after a restart it comes back with old data, and with stop-writes-on-bgsave-error it refuses writes already.`,
                },
            ],
        }),
    ),
    quiet("RedisPersistenceFailing", "the next write succeeds just before 5 minutes are over", {
        series: redisWorld(
            writes({
                rdb_last_bgsave_status: between("5m", "10m", 0),
                aof_last_write_status: between("5m", "10m", 0),
            }),
        ),
        until: "1h",
    }),
    quiet("RedisPersistenceFailing", "an AOF that is switched off has failed once", {
        series: redisWorld(writes({ aof_last_write_status: 0 }, 0)),
        until: "1h",
    }),
    firing("RedisKeysLost", "a replication is empty after a restart, and a shard of a cluster", {
        series: redisWorld(
            [0, 1, 2].map((i) => keys("orders", i, from("20m", 0, 2000))),
            keys("carts-leader", 1, from("20m", 900, 2000)),
            keys("carts-follower", 1, from("20m", 900, 2000)),
        ),
        severity: "critical",
        at: "21m",
        alerts: [lost(ofApp("orders"), "100%"), lost(ofPod("carts-leader", 1), "55%")],
        until: "70m",
    }),
    quiet("RedisKeysLost", "a replica alone is empty, half expires, or there were few", {
        series: redisWorld(
            keys("orders", 0, 2000),
            keys("orders", 1, from("20m", 0, 2000)),
            keys("cache", 0, from("20m", 1000, 2000)),
            keys("sessions", 0, from("20m", 0, 1000)),
        ),
        until: "1h",
    }),
    quiet("RedisKeysLost", "Redis loads its data", {
        series: redisWorld(
            keys("cache", 0, between("20m", "30m", 0, 2000)),
            of("redis_loading_dump_file", between("20m", "30m", 1, 0)),
        ),
        until: "1h",
    }),
];

const cpu = (sys: number, user: number): Series[] => [
    rising("redis_cpu_sys_main_thread_seconds_total", sys * 60),
    rising("redis_cpu_user_main_thread_seconds_total", user * 60),
];
const histogram = (all: number, fast: Readonly<Record<string, number>>): Series[] => [
    of("redis_commands_latencies_usec_count", climb(all), { cmd: "get" }),
    ...Object.entries(fast).map(([le, count]) =>
        of("redis_commands_latencies_usec_bucket", climb(count), { cmd: "get", le }),
    ),
];
const slow = (share: string): ExpectedAlert => ({
    labels: ofApp("cache"),
    summary: `Redis ${NAMESPACE}/cache answers slowly`,
    description: `${share} of the commands of ${NAMESPACE}/cache have taken more than 17 ms for 10m.`,
});

const speedCases = [
    firing("RedisMainThreadBusy", "the main thread needs a whole core", {
        series: redisWorld(cpu(0.2, 0.8)),
        severity: "warning",
        at: "1470s",
        alerts: [
            alert(
                `The main thread of Redis ${POD} is busy all the time`,
                `The main thread of ${POD} has needed 100% of a core for 15m: commands wait for one another.`,
            ),
        ],
    }),
    quiet("RedisMainThreadBusy", "it needs most of a core", {
        series: redisWorld(cpu(0.2, 0.65)),
        until: "1h",
    }),
    firing("RedisSlowCommands", "a command each second is slow", {
        series: redisWorld(rising("redis_slowlog_last_id", 60)),
        severity: "warning",
        at: "960s",
        alerts: [
            alert(
                `Redis ${POD} runs slow commands`,
                `1.00 commands per second have entered the slow log of ${POD} for 10m: while one runs, every other client waits.`,
            ),
        ],
    }),
    quiet("RedisSlowCommands", "a command each 12 seconds is slow", {
        series: redisWorld(rising("redis_slowlog_last_id", 5)),
        until: "1h",
    }),
    quiet("RedisSlowCommands", "the main thread is busy, which is the cause", {
        series: redisWorld(rising("redis_slowlog_last_id", 60), cpu(0.2, 0.8)),
        until: "1h",
    }),
    firing(
        "RedisHighLatency",
        "6 % of the commands are slow, and the last fast bucket that is there counts",
        {
            series: redisWorld(histogram(6000, { "8": 100, "264": 5640, "67633": 6000 })),
            severity: "warning",
            at: "630s",
            alerts: [slow("6%")],
        },
    ),
    firing("RedisHighLatency", "no command is fast", {
        series: redisWorld(histogram(6000, { "67633": 6000 })),
        severity: "warning",
        at: "630s",
        alerts: [slow("100%")],
    }),
    quiet("RedisHighLatency", "4 % of the commands are slow", {
        series: redisWorld(histogram(6000, { "16908": 5760 })),
        until: "1h",
    }),
    quiet("RedisHighLatency", "the main thread is busy, which is the cause", {
        series: redisWorld(histogram(6000, { "264": 600 }), [
            of("redis_cpu_sys_main_thread_seconds_total", climb(60)),
            of("redis_cpu_user_main_thread_seconds_total", climb(1)),
        ]),
        until: "1h",
    }),
];

/** Memory, connections, data and speed of a Redis that is there. */
export const redisConditionCases: readonly AlertCase[] = [
    ...memoryCases,
    ...connectionCases,
    ...dataCases,
    ...speedCases,
];
