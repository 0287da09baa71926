import { alternating, between, climb, from, LEAD } from "../curve";
import { clusterIncident, Incident, incident } from "../incident";
import { kubeState, World } from "../world";
import { warning, warningOver } from "./lines";

const ORDERS = ["orders"] as const;

/** Each pod away for a minute, one after the other, as a StatefulSet is updated: the master last. */
function rolled(world: World, app: string, pods: number, every: number): void {
    for (let i = 0; i < pods; i++) {
        world.podGone(`${app}-${pods - 1 - i}`, i * every, i * every + 1);
    }
}

/** Ordinary operations: nobody is told of any. */
export const operations: readonly Incident[] = [
    incident("all-well", "nothing happens", ["cache", "orders", "sessions", "carts"], 30, () => 0),
    incident("rolling-update", "a replication is updated pod by pod", ORDERS, 60, (world) =>
        rolled(world, "orders", 3, 3),
    ),
    incident(
        "rolling-update-sentinel",
        "an instance with Sentinel is updated, and fails over",
        ["sessions"],
        60,
        (world) => {
            rolled(world, "sessions", 3, 3);
            world.linksDown("sessions", 6, 6.5);
            rolled(world, "sessions-sentinel", 3, 2);
        },
    ),
    incident("rolling-update-cluster", "a cluster is updated", ["carts"], 60, (world) => {
        rolled(world, "carts-follower", 3, 3);
        rolled(world, "carts-leader", 3, 3);
    }),
    incident("restart-single", "a single Redis restarts within a minute", ["cache"], 60, (world) =>
        world.podGone("cache-0", 0, 1),
    ),
    incident("replica-away", "one replica is away for three minutes", ORDERS, 60, (world) => {
        world
            .podGone("orders-2", 0, 3)
            .change("redis_connected_slaves", { pod: "orders-0" }, between(0, 3, 1, 2));
    }),
    incident("fewer-clients", "clients come and go", ORDERS, 60, (world) =>
        world.change("redis_connected_clients", {}, alternating(0, 50, 50, [5, 5], [5, 700])),
    ),
    incident("failover", "Sentinel fails over within 20 seconds", ["sessions"], 60, (world) => {
        world.redisDown("sessions-0", 0, 2);
        world.failover("sessions", "sessions-0", "sessions-1", 0.5);
    }),
    incident(
        "client-mistakes",
        "2 % of commands fail by the client's mistake",
        ORDERS,
        60,
        (world) => {
            const labels = world.labelsOf("orders", "orders-0");
            const climbs = from(0, climb(120), 0);
            world.set("redis_errors_total", { ...labels, err: "NOSCRIPT" }, climbs);
            world.set("redis_errors_total", { ...labels, err: "WRONGTYPE" }, climbs);
        },
    ),
    incident("counter-reset", "counters begin at 0 again", ORDERS, 40, (world) => {
        const labels = world.labelsOf("orders", "orders-0");
        world.set("redis_rejected_connections_total", labels, from(0, 0, 7));
        world.set("redis_evicted_keys_total", labels, from(0, 0, 5000));
        world.set("redis_slowlog_last_id", labels, from(0, 0, 900));
    }),
    incident(
        "new-address",
        "a pod gets another address while Prometheus restarts",
        ORDERS,
        40,
        (world) => {
            for (const each of world.find("redis_master_repl_offset", { pod: "orders-0" })) {
                world.set(
                    each.metric,
                    { ...each.labels, instance: "10.9.9.9:9121" },
                    from(0, 1000, "gone"),
                );
            }
            for (const metric of ["up", "redis_up"]) {
                world.set(
                    metric,
                    { ...world.labelsOf("orders", "orders-0"), instance: "10.9.9.9:9121" },
                    from(0, 1, "gone"),
                );
            }
        },
    ),
    incident(
        "cache-fills",
        "a cache that evicts fills its memory slowly",
        ["cache"],
        60,
        (world) => {
            const limit = 200e6;
            world.change("redis_memory_used_bytes", {}, [[-LEAD, climb(1e5, 0.6 * limit)]]);
        },
    ),
    incident("keys-expire", "a third of the keys expire", ORDERS, 60, (world) =>
        world.change("redis_db_keys", {}, from(0, 670_000, 1_000_000)),
    ),
    incident("replica-resyncs", "a replica loads its data again", ORDERS, 60, (world) => {
        world.change("redis_db_keys", { pod: "orders-2" }, between(0, 3, 0, 1_000_000));
        world.change("redis_master_link_up", { pod: "orders-2" }, between(0, 3, 0, 1));
    }),
    incident(
        "installed",
        "an instance is declared, and starts after eight minutes",
        ORDERS,
        40,
        (world) => {
            ["orders-0", "orders-1", "orders-2"].forEach((pod) =>
                world.podGone(pod, -LEAD, -LEAD + 8),
            );
        },
    ),
    incident(
        "installed-large",
        "six replicas are declared, and come one after the other, as the operator and minReadySeconds let them",
        ["queue"],
        40,
        (world) => world.comesUp("queue", 6, -LEAD + 2, 1.5),
    ),
    incident("scaled-up", "a replica more is there, before it is declared", ORDERS, 40, (world) => {
        const labels = world.labelsOf("orders", "orders-3");
        world.set("up", labels, from(0, 1, "gone")).set("redis_up", labels, from(0, 1, "gone"));
    }),
    clusterIncident(
        "fresh-prometheus",
        "a Prometheus with a new volume begins to look",
        ["orders"],
        60,
        (world) => world.unscraped(-LEAD, -LEAD + 1),
    ),
    clusterIncident(
        "prometheus-restart",
        "Prometheus restarts, and is away for four minutes",
        ["orders", "sessions"],
        60,
        (world) => world.unscraped(0, 4),
    ),
    clusterIncident("state-away", "kube-state-metrics restarts", ["orders"], 40, (world) =>
        world.stateAway(0, 1),
    ),
    clusterIncident(
        "node-drained",
        "a node is drained, and restarts for an update",
        ["orders"],
        40,
        (world) => {
            world.change("kube_node_spec_unschedulable", { node: "node-b" }, between(0, 10, 1, 0));
            const ready = { condition: "Ready", status: "true", node: "node-b" };
            world.set("kube_node_status_condition", kubeState(ready), between(2, 8, 0, 1));
            world.podGone("orders-1", 0, 2);
        },
    ),
    clusterIncident("rollout", "two rollouts of a Deployment overlap", [], 60, (world) => {
        const labels = kubeState({ namespace: "shop", deployment: "web" });
        world.set("kube_deployment_spec_replicas", labels, 20);
        world.set("kube_deployment_status_replicas_ready", labels, between(0, 25, 18, 20));
        world.set("kube_deployment_status_replicas_updated", labels, [
            [-LEAD, 20],
            [0, climb(2)],
            [10, climb(2)],
            [20, 20],
        ]);
    }),
    clusterIncident(
        "elasticsearch-installed",
        "Elasticsearch needs six minutes to start",
        [],
        40,
        (world) =>
            world
                .change("elasticsearch_cluster_health_status", {}, [
                    [-LEAD, "gone"],
                    [-LEAD + 6, 0],
                ])
                .change("elasticsearch_cluster_health_status", { color: "green" }, [
                    [-LEAD, "gone"],
                    [-LEAD + 6, 0],
                    [-LEAD + 7, 1],
                ]),
    ),
    clusterIncident("first-day", "there is no snapshot on the first day", [], 60, (world) =>
        world.change("elasticsearch_snapshot_stats_latest_snapshot_timestamp_seconds", {}, 0),
    ),
    incident(
        "slow-start",
        "a replica needs eight minutes to start",
        ORDERS,
        60,
        (world) => world.podGone("orders-2", 0, 8),
        warning("RedisPodsMissing @/orders"),
        warningOver("RedisPodsMissing @/orders"),
    ),
];
