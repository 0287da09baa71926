import { alternating, between, climb, from, LEAD } from "../curve";
import { Incident, incident } from "../incident";
import { page, pageOver, warning, warningOver } from "./lines";

const ORDERS = ["orders"] as const;
const SESSIONS = ["sessions"] as const;
const CARTS = ["carts"] as const;

const down = (what: string) => [page(what), pageOver(what)];
const warned = (what: string) => [warning(what), warningOver(what)];

/** Redis is away, in whole or in part. */
const away: readonly Incident[] = [
    incident(
        "single-down",
        "a single Redis does not answer",
        ["cache"],
        40,
        (world) => world.redisDown("cache-0", 0, 20),
        ...down("RedisInstanceDown @/cache"),
    ),
    incident(
        "single-gone",
        "the pod of a single Redis is gone",
        ["cache"],
        40,
        (world) => world.podGone("cache-0", 0, 20),
        ...down("RedisInstanceDown @/cache"),
    ),
    incident(
        "single-unready",
        "the node's network is away, and Kubernetes calls the pod unready",
        ["cache"],
        40,
        (world) => {
            world
                .exporterSilent("cache-0", 0, 20)
                .change("kube_pod_status_ready", {}, between(0, 20, 0, 1));
        },
        ...down("RedisInstanceDown @/cache"),
    ),
    incident(
        "all-replicas-down",
        "every pod of a replication is gone",
        ORDERS,
        40,
        (world) => {
            [0, 1, 2].forEach((i) => world.podGone(`orders-${i}`, 0, 20));
        },
        ...down("RedisInstanceDown @/orders"),
    ),
    incident(
        "never-came",
        "an instance is declared, and never starts",
        ["cache"],
        30,
        (world) => world.podGone("cache-0", -LEAD),
        page("RedisInstanceDown @/cache"),
    ),
    incident(
        "flapping-single",
        "a single Redis restarts again and again",
        ["cache"],
        60,
        (world) => {
            world.change("redis_up", {}, alternating(0, 30, 1, [2, 0], [1, 1]));
        },
        ...down("RedisInstanceDown @/cache"),
    ),
    incident(
        "master-gone",
        "the master's pod is gone, and no replica takes over",
        ORDERS,
        50,
        (world) => {
            world.podGone("orders-0", 0, 20).linksDown("orders", 0, 20);
        },
        ...down("RedisMasterDown @/orders"),
    ),
    incident(
        "master-dead-sentinel",
        "the master is dead, and Sentinel does not fail over",
        SESSIONS,
        60,
        (world) => {
            world.redisDown("sessions-0", 0, 30).linksDown("sessions", 0, 30);
            world.change("redis_sentinel_master_status", {}, between(0.5, 30, 0, 1));
        },
        ...down("RedisMasterDown @/sessions"),
    ),
    incident(
        "replica-chain",
        "no pod is master, and one follows another",
        ORDERS,
        40,
        (world) => {
            for (const each of world.find("redis_instance_info", { pod: "orders-0" })) {
                world.set(each.metric, each.labels, between(0, 20, "gone", 1));
                world.set(
                    each.metric,
                    { ...each.labels, role: "slave" },
                    between(0, 20, 1, "gone"),
                );
            }
            world.change("redis_connected_slaves", { pod: "orders-0" }, between(0, 20, 1, 2));
            world.change("redis_master_link_up", { pod: "orders-1" }, between(0, 20, 0, 1));
        },
        ...down("RedisMasterDown @/orders"),
    ),
    incident(
        "two-masters",
        "two pods call themselves master",
        ORDERS,
        40,
        (world) => {
            for (const each of world.find("redis_instance_info", { pod: "orders-1" })) {
                world.set(
                    each.metric,
                    { ...each.labels, role: "master" },
                    between(0, 10, 1, "gone"),
                );
            }
        },
        ...down("RedisSplitBrain @/orders"),
    ),
    incident(
        "replica-gone",
        "a replica is gone for twenty minutes",
        ORDERS,
        50,
        (world) => {
            world
                .podGone("orders-2", 0, 20)
                .change("redis_connected_slaves", { pod: "orders-0" }, between(0, 20, 1, 2));
        },
        ...warned("RedisPodsMissing @/orders"),
    ),
    incident(
        "replica-crashes",
        "a replica is in a crash loop",
        ORDERS,
        50,
        (world) => {
            world.podGone("orders-2", 0, 20);
            world.set(
                "kube_pod_container_status_waiting_reason",
                {
                    namespace: world.namespace,
                    pod: "orders-2",
                    container: "orders",
                    reason: "CrashLoopBackOff",
                },
                between(2, 20, 1, 0),
            );
        },
        ...warned("RedisPodsMissing @/orders"),
    ),
    incident(
        "link-down",
        "a replica loses its master",
        ORDERS,
        50,
        (world) => {
            world.change("redis_master_link_up", { pod: "orders-2" }, between(0, 20, 0, 1));
        },
        ...warned("RedisReplicaLinkDown @/orders"),
    ),
    incident(
        "exporter-hangs",
        "an exporter hangs, and its Redis serves",
        ["cache"],
        50,
        (world) => world.exporterSilent("cache-0", 0, 20),
        ...warned("RedisExporterDown @/cache"),
    ),
    incident(
        "masters-exporter-hangs",
        "the exporter of a master hangs",
        ORDERS,
        50,
        (world) => world.exporterSilent("orders-0", 0, 20),
        ...warned("RedisExporterDown @/orders"),
    ),
    incident(
        "one-sentinel",
        "one Sentinel of three is dead",
        SESSIONS,
        50,
        (world) => world.redisDown("sessions-sentinel-2", 0, 20),
        ...warned("RedisPodsMissing @/sessions-sentinel"),
    ),
    incident(
        "quorum-lost",
        "two Sentinels of three are dead",
        SESSIONS,
        50,
        (world) => {
            world.redisDown("sessions-sentinel-1", 0, 20).redisDown("sessions-sentinel-2", 0, 20);
            world.change(
                "redis_sentinel_master_ckquorum_status",
                { pod: "sessions-sentinel-0" },
                between(0.5, 20, 0, 1),
            );
        },
        ...down("RedisSentinelQuorumLost @/sessions-sentinel"),
    ),
    incident(
        "all-sentinels",
        "every Sentinel is gone",
        SESSIONS,
        50,
        (world) => {
            [0, 1, 2].forEach((i) => world.podGone(`sessions-sentinel-${i}`, 0, 20));
        },
        ...down("RedisSentinelQuorumLost @/sessions-sentinel"),
    ),
    incident(
        "sentinels-disagree",
        "Sentinels name different masters",
        SESSIONS,
        40,
        (world) => {
            for (const each of world.find("redis_sentinel_master_status", {
                pod: "sessions-sentinel-2",
            })) {
                world.set(each.metric, each.labels, between(0, 10, "gone", 1));
                world.set(
                    each.metric,
                    { ...each.labels, master_address: "10.1.0.9:6379" },
                    between(0, 10, 1, "gone"),
                );
            }
        },
        ...down("RedisSentinelsDisagree @/sessions-sentinel"),
    ),
    incident(
        "shard-lost",
        "a leader and its follower are gone, and the cluster refuses everything",
        CARTS,
        50,
        (world) => {
            world.podGone("carts-leader-0", 0, 20).podGone("carts-follower-0", 0, 20);
            for (const app of ["carts-leader", "carts-follower"]) {
                for (const i of [1, 2]) {
                    world.change(
                        "redis_cluster_state",
                        { pod: `${app}-${i}` },
                        between(0.5, 20, 0, 1),
                    );
                    world.change(
                        "redis_cluster_slots_ok",
                        { pod: `${app}-${i}` },
                        between(0.5, 20, 10923, 16384),
                    );
                }
            }
        },
        ...down("RedisClusterDown @/carts"),
    ),
    incident(
        "slots-lost",
        "a shard is gone, and the cluster serves the rest",
        CARTS,
        50,
        (world) => {
            world.podGone("carts-leader-0", 0, 20).podGone("carts-follower-0", 0, 20);
            for (const app of ["carts-leader", "carts-follower"]) {
                for (const i of [1, 2]) {
                    world.change(
                        "redis_cluster_slots_ok",
                        { pod: `${app}-${i}` },
                        between(0.5, 20, 10923, 16384),
                    );
                }
            }
        },
        ...down("RedisClusterSlotsNotServed @/carts"),
    ),
    incident(
        "slots-suspected",
        "two nodes of a cluster cannot reach a third",
        CARTS,
        50,
        (world) => {
            world.change(
                "redis_cluster_slots_pfail",
                { pod: "carts-leader-1" },
                between(0, 20, 5461, 0),
            );
            world.change(
                "redis_cluster_slots_pfail",
                { pod: "carts-leader-2" },
                between(0, 20, 5461, 0),
            );
        },
        ...warned("RedisClusterSlotsFailing @/carts"),
    ),
    incident(
        "leader-fails-over",
        "a leader is gone, and its follower takes over",
        CARTS,
        50,
        (world) => {
            world.podGone("carts-leader-0", 0, 20);
        },
        ...warned("RedisPodsMissing @/carts-leader"),
    ),
    incident(
        "namespace-gone",
        "every Redis of a namespace is gone",
        ["cache", "orders", "sessions", "carts"],
        60,
        (world) => {
            const pods = new Set(world.series.map(({ labels }) => labels.pod ?? ""));
            pods.forEach((pod) => world.podGone(pod, 0, 20));
        },
        ...down("RedisNamespaceDown @"),
    ),
    incident(
        "two-incidents",
        "one Redis is down, and another, not yet fixed, 10 minutes later",
        ["cache", "orders"],
        60,
        (world) => {
            world
                .redisDown("cache-0", 0, 30)
                .podGone("orders-0", 10, 30)
                .linksDown("orders", 10, 30);
        },
        page("RedisInstanceDown @/cache"),
        page("RedisMasterDown @/orders"),
        pageOver("RedisInstanceDown @/cache"),
        pageOver("RedisMasterDown @/orders"),
    ),
];

/** Redis is there, and not well. */
const unwell: readonly Incident[] = [
    incident(
        "memory-high",
        "memory is above its threshold for half an hour",
        ["cache"],
        70,
        (world) => world.change("redis_memory_used_bytes", {}, between(0, 30, 190e6, 100e6)),
        ...warned("RedisHighMemoryUsage @/cache"),
    ),
    incident(
        "memory-swings",
        "memory swings around its threshold for an hour",
        ["cache"],
        100,
        (world) =>
            world.change(
                "redis_memory_used_bytes",
                {},
                alternating(0, 60, 100e6, [6, 185e6], [1, 175e6]),
            ),
        ...warned("RedisHighMemoryUsage @/cache"),
    ),
    incident(
        "memory-twice",
        "memory of Redis and of its container are full",
        ["cache"],
        70,
        (world) => {
            world.change("redis_memory_used_bytes", {}, between(0, 30, 190e6, 100e6));
            const container = { namespace: world.namespace, pod: "cache-0", container: "cache" };
            world.set(
                "container_memory_working_set_bytes",
                { ...container, image: "redis" },
                between(0, 30, 250e6, 120e6),
            );
            world.set(
                "kube_pod_container_resource_limits",
                { ...container, resource: "memory" },
                260e6,
            );
        },
        ...warned("RedisHighMemoryUsage @/cache"),
    ),
    incident(
        "evictions",
        "a full cache evicts",
        ["cache"],
        70,
        (world) => {
            world.change("redis_memory_used_bytes", {}, between(0, 30, 199e6, 100e6));
            world.set("redis_evicted_keys_total", world.labelsOf("cache", "cache-0"), [
                [-LEAD, 0],
                [1, climb(600)],
                [30, 18000],
            ]);
        },
        ...warned("RedisHighMemoryUsage @/cache"),
    ),
    incident("one-refused", "one connection is refused", ["cache"], 40, (world) =>
        world.set(
            "redis_rejected_connections_total",
            world.labelsOf("cache", "cache-0"),
            from(0, 1, 0),
        ),
    ),
    incident(
        "some-refused",
        "fifty connections are refused",
        ["cache"],
        50,
        (world) =>
            world.set("redis_rejected_connections_total", world.labelsOf("cache", "cache-0"), [
                [-LEAD, 0],
                [0, climb(50)],
                [1, 50],
            ]),
        ...warned("RedisRejectedConnections @/cache"),
    ),
    incident(
        "connections-exhausted",
        "clients take every connection for twenty minutes",
        ["cache"],
        70,
        (world) => {
            world.change("redis_connected_clients", {}, between(0, 20, 10000, 50));
            world.set("redis_rejected_connections_total", world.labelsOf("cache", "cache-0"), [
                [-LEAD, 0],
                [0, climb(600)],
                [20, 12000],
            ]);
        },
        warning("RedisRejectedConnections @/cache"),
        page("RedisConnectionsExhausted @/cache"),
        pageOver("RedisConnectionsExhausted @/cache"),
        warningOver("RedisRejectedConnections @/cache"),
    ),
    incident(
        "many-clients",
        "clients are many",
        ["cache"],
        70,
        (world) => world.change("redis_connected_clients", {}, between(0, 30, 2000, 50)),
        ...warned("RedisHighConnections @/cache"),
    ),
    incident(
        "busy-thread",
        "KEYS * takes the whole main thread",
        ["cache"],
        80,
        (world) => {
            const labels = world.labelsOf("cache", "cache-0");
            world.set("redis_cpu_sys_main_thread_seconds_total", labels, [
                [-LEAD, 0],
                [0, climb(10)],
                [40, 400],
            ]);
            world.set("redis_cpu_user_main_thread_seconds_total", labels, [
                [-LEAD, 0],
                [0, climb(50)],
                [40, 2000],
            ]);
            world.set("redis_slowlog_last_id", labels, [
                [-LEAD, 0],
                [0, climb(100)],
                [40, 4000],
            ]);
        },
        ...warned("RedisMainThreadBusy @/cache"),
    ),
    incident(
        "slow-commands",
        "slow commands enter the slow log",
        ["cache"],
        70,
        (world) =>
            world.set("redis_slowlog_last_id", world.labelsOf("cache", "cache-0"), [
                [-LEAD, 0],
                [0, climb(60)],
                [30, 1800],
            ]),
        ...warned("RedisSlowCommands @/cache"),
    ),
    incident(
        "high-latency",
        "a fifth of the commands take long",
        ["cache"],
        70,
        (world) => {
            const labels = { ...world.labelsOf("cache", "cache-0"), cmd: "get" };
            world.set("redis_commands_latencies_usec_count", labels, climb(1000));
            world.set("redis_commands_latencies_usec_bucket", { ...labels, le: "264" }, [
                [-LEAD, climb(1000)],
                [0, climb(800, 20000)],
                [30, climb(1000, 44000)],
            ]);
        },
        ...warned("RedisHighLatency @/cache"),
    ),
    incident(
        "blocked",
        "three hundred clients wait",
        ["cache"],
        80,
        (world) =>
            world
                .change("redis_connected_clients", {}, 400)
                .set(
                    "redis_blocked_clients",
                    world.labelsOf("cache", "cache-0"),
                    between(0, 30, 300, 0),
                ),
        ...warned("RedisBlockedClients @/cache"),
    ),
    incident(
        "lag",
        "a replica is 50 MB behind",
        ORDERS,
        60,
        (world) => {
            world.change(
                "redis_master_repl_offset",
                { pod: "orders-0" },
                between(0, 20, 60e6, 1000),
            );
            world.set(
                "redis_connected_slave_offset_bytes",
                {
                    ...world.labelsOf("orders", "orders-0"),
                    slave_ip: "10.1.1.1",
                    slave_port: "6379",
                    slave_state: "online",
                },
                900,
            );
        },
        ...warned("RedisReplicationLag @/orders"),
    ),
    incident(
        "snapshot-fails",
        "Redis cannot write its snapshot",
        ["cache"],
        60,
        (world) => world.change("redis_rdb_last_bgsave_status", {}, between(0, 20, 0, 1)),
        ...down("RedisPersistenceFailing @/cache"),
    ),
    incident(
        "restarted-empty",
        "a master restarts without its data, and its replicas with it",
        ORDERS,
        90,
        (world) => {
            world.podGone("orders-0", 0, 1).change("redis_db_keys", {}, from(1, 0, 1_000_000));
            world.change("redis_db_keys", { pod: "orders-0" }, [
                [-LEAD, 1_000_000],
                [0, "gone"],
                [1, 0],
            ]);
        },
        ...down("RedisKeysLost @/orders"),
    ),
    incident(
        "shard-empty",
        "a shard of a cluster restarts without its data",
        CARTS,
        90,
        (world) => {
            world.change("redis_db_keys", { pod: "carts-leader-1" }, [
                [-LEAD, 1_000_000],
                [0, "gone"],
                [1, 0],
            ]);
        },
        ...down("RedisKeysLost @/carts-leader"),
    ),
    incident(
        "out-of-memory",
        "5 % of the commands are refused: out of memory",
        ["cache"],
        70,
        (world) => {
            world.set("redis_errors_total", { ...world.labelsOf("cache", "cache-0"), err: "OOM" }, [
                [-LEAD, 0],
                [0, climb(300)],
                [40, 12000],
            ]);
        },
        ...down("ErrorBudgetBurnFast @/cache"),
    ),
    incident(
        "partial-outages",
        "an instance is away for half a minute again and again",
        ["cache"],
        70,
        (world) => {
            world.change("redis_up", {}, alternating(0, 40, 1, [0.5, 0], [3, 1]));
        },
        ...down("ErrorBudgetBurnFast @/cache"),
    ),
];

export const redis: readonly Incident[] = [...away, ...unwell];
