import { AlertCase, ExpectedAlert, firing, quiet } from "../alertCase";
import { memoryLimit, workingSet } from "../clusterSeries";
import { NAMESPACE, redisWorld, target } from "../redisWorld";
import { between, from, Phase, Series, series, Value } from "../timeline";

const POD = `${NAMESPACE}/orders-0`;
const pod = target("orders", 0);

/** `share` of a memory of 1000 bytes that Redis itself was given. */
function redisMemory(share: Value | readonly Phase[], maximum = 1000): Series[] {
    return [
        series("redis_memory_used_bytes", pod, share),
        series("redis_memory_max_bytes", pod, maximum),
    ];
}

function connections(clients: Value | readonly Phase[], maxclients: Value): Series[] {
    return [
        series("redis_connected_clients", pod, clients),
        series("redis_config_maxclients", pod, maxclients),
    ];
}

function highMemory(labels: Record<string, string>, share: string): ExpectedAlert {
    return {
        labels,
        summary: `Redis ${POD} is close to its memory limit`,
        description: `${POD} has used ${share} of its memory for 5m; at 100 % it evicts keys or refuses writes.`,
    };
}

function highConnections(share: string): ExpectedAlert {
    return {
        labels: pod,
        summary: `Redis ${POD} has many connections`,
        description: `${POD} has had more than 1000 connections, or 80 % of maxclients, for 5m: ${share}.`,
    };
}

/** The container of Redis, and its exporter's, in the pod; they share labels with nothing that the exporter shows. */
const redis = { namespace: NAMESPACE, pod: "orders-0", container: "orders" };
const exporter = { ...redis, container: "redis-exporter" };

const memoryCases = [
    firing("RedisHighMemoryUsage", "more than 90 % of maxmemory is used", {
        series: redisWorld(redisMemory(from("5m", 901, 500))),
        severity: "warning",
        at: "10m",
        alerts: [highMemory(pod, "90.1%")],
    }),
    firing("RedisHighMemoryUsage", "without maxmemory, 90 % of the container's limit is used", {
        series: redisWorld(
            redisMemory(500, 0),
            workingSet(redis, from("5m", 901, 500)),
            memoryLimit(redis, 1000),
        ),
        severity: "warning",
        at: "10m",
        alerts: [highMemory(redis, "90.1%")],
    }),
    quiet("RedisHighMemoryUsage", "exactly 90 % of maxmemory is used", {
        series: redisWorld(redisMemory(900)),
        until: "1h",
    }),
    quiet("RedisHighMemoryUsage", "keys expire just before 5 minutes are over", {
        series: redisWorld(redisMemory(between("5m", "10m", 990, 500))),
        until: "1h",
    }),
    quiet("RedisHighMemoryUsage", "neither Redis nor its container has a limit", {
        series: redisWorld(redisMemory(500, 0), workingSet(redis, 500)),
        until: "1h",
    }),
    quiet("RedisHighMemoryUsage", "without maxmemory, the container has room", {
        series: redisWorld(redisMemory(990, 0), workingSet(redis, 900), memoryLimit(redis, 1000)),
        until: "1h",
    }),
    quiet("RedisHighMemoryUsage", "with maxmemory, the container is fuller than Redis", {
        series: redisWorld(redisMemory(500), workingSet(redis, 990), memoryLimit(redis, 1000)),
        until: "1h",
    }),
    quiet("RedisHighMemoryUsage", "without maxmemory, the exporter is close to its own limit", {
        series: redisWorld(
            redisMemory(500, 0),
            workingSet(redis, 500),
            memoryLimit(redis, 1000),
            workingSet(exporter, 990),
            memoryLimit(exporter, 1000),
        ),
        until: "1h",
    }),
];

const connectionCases = [
    firing("RedisHighConnections", "more than 80 % of maxclients are connected", {
        series: redisWorld(connections(from("5m", 801, 10), 1000)),
        severity: "warning",
        at: "10m",
        alerts: [highConnections("0.80 (a share when at most 1)")],
    }),
    firing("RedisHighConnections", "more than 1000 are connected, of many possible", {
        series: redisWorld(connections(from("5m", 1001, 10), 10000)),
        severity: "warning",
        at: "10m",
        alerts: [highConnections("1001.00 (a share when at most 1)")],
    }),
    firing("RedisHighConnections", "Redis does not tell its maxclients", {
        series: redisWorld(series("redis_connected_clients", pod, from("5m", 1001, 10))),
        severity: "warning",
        at: "10m",
        alerts: [highConnections("1001.00 (a share when at most 1)")],
    }),
    quiet("RedisHighConnections", "exactly 1000 are connected, of many possible", {
        series: redisWorld(connections(1000, 10000)),
        until: "1h",
    }),
    quiet("RedisHighConnections", "exactly 80 % of maxclients are connected", {
        series: redisWorld(connections(800, 1000)),
        until: "1h",
    }),
    quiet("RedisHighConnections", "maxclients is unknown and shown as 0", {
        series: redisWorld(connections(10, 0)),
        until: "1h",
    }),
    quiet("RedisHighConnections", "clients leave just before 5 minutes are over", {
        series: redisWorld(connections(between("5m", "10m", 990, 10), 1000)),
        until: "1h",
    }),
];

function rejected(over: Value | readonly Phase[]): Series {
    return series("redis_rejected_connections_total", pod, over);
}
function evicted(over: Value | readonly Phase[]): Series {
    return series("redis_evicted_keys_total", pod, over);
}

const refusalCases = [
    firing("RedisRejectedConnections", "connections are refused once", {
        // increase() extrapolates to the whole window: 9 come out as 10.
        series: redisWorld(rejected(from("10m", 109, 100))),
        severity: "critical",
        at: "11m",
        alerts: [
            {
                labels: pod,
                summary: `Redis ${POD} refuses connections`,
                description: `${POD} has refused 10 connections within 5 minutes, since it has maxclients already: these clients have no Redis.`,
            },
        ],
        until: "14m",
    }),
    quiet("RedisRejectedConnections", "connections were refused long ago", {
        series: redisWorld(rejected(5000)),
        until: "1h",
    }),
    quiet("RedisRejectedConnections", "it restarts, and its counter with it", {
        series: redisWorld(rejected(from("10m", 0, 5000))),
        until: "1h",
    }),
    firing("RedisEvictions", "keys are evicted all the time", {
        series: redisWorld(evicted(from("10m", { from: 0, perMinute: 6 }, 0))),
        severity: "warning",
        at: "1230s",
        alerts: [
            {
                labels: pod,
                summary: `Redis ${POD} evicts keys`,
                description: `${POD} has evicted 0.10 keys per second for 10m, since maxmemory is reached: as a cache it hits less, as a store it loses data.`,
            },
        ],
        until: "1h",
    }),
    quiet("RedisEvictions", "keys are evicted once", {
        series: redisWorld(evicted(from("10m", 5000, 0))),
        until: "1h",
    }),
    quiet("RedisEvictions", "it restarts, and its counter with it", {
        series: redisWorld(evicted(from("10m", 0, 5000))),
        until: "1h",
    }),
];

/** Memory, connections, and what Redis does when it has no more of them. */
export const redisSaturationCases: readonly AlertCase[] = [
    ...memoryCases,
    ...connectionCases,
    ...refusalCases,
];
