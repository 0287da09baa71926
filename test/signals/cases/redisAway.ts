import { AlertCase, ExpectedAlert, firing, quiet } from "../alertCase";
import { stateSeries } from "../clusterSeries";
import {
    exporterDown,
    info,
    masterLink,
    NAMESPACE,
    ofApp,
    ofPod,
    podGone,
    redisDown,
    redisWorld,
    target,
} from "../redisWorld";
import { again, between, from, Phase, Series, series, Value } from "../timeline";

type History = Value | readonly Phase[];

const ORDERS = `${NAMESPACE}/orders`;
/** Longer than an instance has for its first start. */
const START = "20m";

const all = (app: string, pods: number, start = START, end?: string): Series[] =>
    Array.from({ length: pods }, (_, i) => podGone(app, i, start, end)).flat();
const never = (app: string, i: number): Series[] => [
    series("up", target(app, i), "gone"),
    series("redis_up", target(app, i), "gone"),
    series("redis_instance_info", { ...target(app, i), ...info("master") }, "gone"),
];
/** A replica that comes at a time. */
const added = (i: number, at: string): Series[] =>
    ["up", "redis_up"].map((metric) => series(metric, target("orders", i), from(at, 1, "gone")));
const links = (start: string, end?: string): Series[] =>
    [1, 2].map((i) => masterLink("orders", i, end ? between(start, end, 0) : from(start, 0)));

function down(app: string): ExpectedAlert {
    return {
        labels: ofApp(app),
        summary: `Redis ${NAMESPACE}/${app} is down`,
        description: `No pod of ${NAMESPACE}/${app} answers: clients can neither read nor write.`,
    };
}
function masterless(app: string): ExpectedAlert {
    return {
        labels: ofApp(app),
        summary: `Redis ${NAMESPACE}/${app} has no master`,
        description: `Pods of ${NAMESPACE}/${app} answer, and for 1m none of them has been a master that replicas or Sentinels see: writes fail.`,
    };
}
function missing(app: string, pods: number): ExpectedAlert {
    return {
        labels: ofApp(app),
        summary: `Redis ${NAMESPACE}/${app} runs with fewer pods than declared`,
        description: `${pods} pods of ${NAMESPACE}/${app} have been there for 5m, fewer than declared.`,
    };
}

function splitBrain(masters: number): ExpectedAlert {
    return {
        labels: ofApp("orders"),
        summary: `Redis ${ORDERS} has more than one master`,
        description: `${masters} pods of ${ORDERS} have called themselves master for 2m: each takes writes that the others will never have.`,
    };
}

const unready = (pod: string, over: History): Series =>
    stateSeries(
        "kube_pod_status_ready",
        { namespace: NAMESPACE, pod, condition: "true", uid: pod },
        over,
    );
/** A node with a pod. */
const node = (pod: string, ready: History, cordoned: History = 0): Series[] => [
    stateSeries("kube_pod_info", { namespace: NAMESPACE, pod, node: "n1", uid: pod }, 1),
    stateSeries(
        "kube_node_status_condition",
        { node: "n1", condition: "Ready", status: "true" },
        ready,
    ),
    stateSeries("kube_node_spec_unschedulable", { node: "n1" }, cordoned),
];

const instances = [
    firing("RedisNamespaceDown", "no instance of a namespace can be reached", {
        series: redisWorld(
            all("cache", 1),
            all("orders", 3),
            all("sessions", 3),
            all("carts-leader", 3),
            all("carts-follower", 3),
        ),
        severity: "critical",
        at: "21m",
        alerts: [
            {
                labels: { namespace: NAMESPACE },
                summary: `Every Redis of ${NAMESPACE} is down`,
                description: `No pod of any of the 4 Redis instances of ${NAMESPACE} can be reached: look for what they share, such as the namespace, its volumes or its network.`,
            },
        ],
    }),
    quiet("RedisNamespaceDown", "one instance of a namespace answers", {
        series: redisWorld(all("cache", 1), all("orders", 3), all("sessions", 3)),
        until: "1h",
    }),
    quiet("RedisInstanceDown", "no instance of a namespace can be reached", {
        series: redisWorld(
            all("cache", 1),
            all("orders", 3),
            all("sessions", 3),
            all("carts-leader", 3),
            all("carts-follower", 3),
        ),
        until: "1h",
    }),
    firing("RedisInstanceDown", "the only pod does not answer its exporter", {
        series: redisWorld(redisDown("cache", 0, START)),
        severity: "critical",
        at: "21m",
        alerts: [down("cache")],
        until: "30m",
    }),
    firing("RedisInstanceDown", "every pod of each mode is gone", {
        series: redisWorld(
            all("orders", 3),
            all("sessions", 3),
            all("carts-leader", 3),
            all("carts-follower", 3),
        ),
        severity: "critical",
        at: "21m",
        alerts: [down("orders"), down("sessions"), down("carts")],
    }),
    firing("RedisInstanceDown", "a pod cannot be scraped, and Kubernetes calls it unready", {
        series: redisWorld(exporterDown("cache", 0, START), unready("cache-0", from(START, 0))),
        severity: "critical",
        at: "21m",
        alerts: [down("cache")],
    }),
    firing("RedisInstanceDown", "an instance does not come up for a quarter of an hour", {
        series: redisWorld(never("cache", 0)),
        severity: "critical",
        at: "16m",
        alerts: [down("cache")],
    }),
    quiet("RedisInstanceDown", "an instance needs fourteen minutes to start", {
        series: redisWorld(
            ["up", "redis_up", "redis_instance_info"].map((metric) =>
                series(
                    metric,
                    {
                        ...target("cache", 0),
                        ...(metric === "up" || metric === "redis_up" ? {} : info("master")),
                    },
                    from("14m", 1, "gone"),
                ),
            ),
        ),
        until: "1h",
    }),
    quiet("RedisInstanceDown", "the exporter of the only pod hangs, and the pod is ready", {
        series: redisWorld(exporterDown("cache", 0, START), unready("cache-0", 1)),
        until: "1h",
    }),
    quiet("RedisInstanceDown", "a Redis restarts within a minute, again and again", {
        series: redisWorld(
            series("redis_up", target("cache", 0), again(["30s", 0], ["30s", 0], ["30s", 1])),
        ),
        until: "1h",
    }),
    quiet("RedisInstanceDown", "some pods of a workload are gone", {
        series: redisWorld(podGone("orders", 1, START), podGone("orders", 2, START)),
        until: "1h",
    }),
    quiet("RedisInstanceDown", "its node is lost, which has a page of its own", {
        series: redisWorld(
            exporterDown("cache", 0, START),
            unready("cache-0", from(START, 0)),
            node("cache-0", from(START, 0)),
        ),
        until: "1h",
    }),
    firing("RedisInstanceDown", "the node is drained, which nobody pages", {
        series: redisWorld(
            exporterDown("cache", 0, START),
            unready("cache-0", from(START, 0)),
            node("cache-0", from(START, 0), 1),
        ),
        severity: "critical",
        at: "21m",
        alerts: [down("cache")],
    }),
    firing("RedisExporterDown", "the exporter does not answer", {
        series: redisWorld(exporterDown("orders", 1, "5m")),
        severity: "warning",
        at: "10m",
        alerts: [
            {
                labels: ofPod("orders", 1),
                summary: `The Redis exporter of ${ORDERS}-1 cannot be scraped`,
                description: `Prometheus has not reached the exporter of ${ORDERS}-1 for 5m; no other alert on this pod can fire meanwhile.`,
            },
        ],
    }),
    quiet("RedisExporterDown", "the exporter is back just before 5 minutes are over", {
        series: redisWorld(exporterDown("orders", 1, "5m", "10m")),
        until: "1h",
    }),
    quiet("RedisExporterDown", "the pod is unready, which is not the exporter's fault", {
        series: redisWorld(exporterDown("orders", 1, "5m"), unready("orders-1", from("5m", 0))),
        until: "1h",
    }),
    firing(
        "RedisPodsMissing",
        "one pod is gone, another's exporter is silent, and one is unready",
        {
            series: redisWorld(
                podGone("orders", 2, "5m"),
                exporterDown("orders", 1, "5m"),
                exporterDown("carts-leader", 1, "5m"),
                unready("carts-leader-1", from("5m", 0)),
                redisDown("sessions-sentinel", 0, "5m"),
            ),
            severity: "warning",
            at: "10m",
            alerts: [
                missing("orders", 2),
                missing("carts-leader", 2),
                missing("sessions-sentinel", 2),
            ],
        },
    ),
    quiet(
        "RedisPodsMissing",
        "a pod is back just before 5 minutes are over, and there is one more",
        {
            series: redisWorld(
                podGone("orders", 2, "5m", "10m"),
                series("redis_up", target("sessions", 3), 1),
            ),
            until: "1h",
        },
    ),
    quiet("RedisPodsMissing", "pods come one after the other, the last after seven minutes", {
        series: redisWorld(added(1, "4m"), added(2, "7m")),
        until: "1h",
    }),
    quiet("RedisPodsMissing", "no pod is left, an exporter hangs, or the node is lost", {
        series: redisWorld(
            all("cache", 1),
            exporterDown("orders", 1, START),
            exporterDown("sessions", 1, START),
            unready("sessions-1", from(START, 0)),
            node("sessions-1", from(START, 0)),
        ),
        until: "1h",
    }),
];

/** A pod that comes at a time, as a master of its own, for ever or until another time. */
const masterFrom = (pod: number, time: string, end?: string): Series[] => [
    ...added(pod, time),
    series(
        "redis_instance_info",
        { ...target("orders", pod), ...info("master") },
        end ? between(time, end, 1, "gone") : from(time, 1, "gone"),
    ),
];

/** A pod's role, changed at a time. */
const becomes = (
    pod: number,
    time: string,
    before: "master" | "slave",
    after: "master" | "slave",
): Series[] => [
    series(
        "redis_instance_info",
        { ...target("orders", pod), ...info(before) },
        from(time, "gone"),
    ),
    series(
        "redis_instance_info",
        { ...target("orders", pod), ...info(after) },
        from(time, 1, "gone"),
    ),
];
const sentinel = (i: number, over: History, address = "10.0.0.1:6379"): Series =>
    series(
        "redis_sentinel_master_status",
        {
            ...target("sessions-sentinel", i),
            master_name: "mymaster",
            master_address: address,
            master_status: "ok",
        },
        over,
    );

const masters = [
    firing("RedisMasterDown", "the master's pod is gone and no replica takes over", {
        series: redisWorld(podGone("orders", 0, START), links(START)),
        severity: "critical",
        at: "21m",
        alerts: [masterless("orders")],
        until: "30m",
    }),
    firing("RedisMasterDown", "no pod is master, and one replica follows another", {
        series: redisWorld(
            becomes(0, START, "master", "slave"),
            masterLink("orders", 1, from(START, 0)),
            series("redis_connected_slaves", target("orders", 0), from(START, 1, 2)),
        ),
        severity: "critical",
        at: "21m",
        alerts: [masterless("orders")],
    }),
    firing("RedisMasterDown", "the master is gone, and one replica follows another", {
        series: redisWorld(
            podGone("orders", 0, START),
            masterLink("orders", 1, from(START, 0)),
            series("redis_connected_slaves", target("orders", 1), from(START, 1, 0)),
        ),
        severity: "critical",
        at: "21m",
        alerts: [masterless("orders")],
    }),
    firing("RedisMasterDown", "two of three Sentinels see the master down, and pods do not", {
        series: redisWorld(
            sentinel(0, from(START, 0)),
            sentinel(1, from(START, 0)),
            sentinel(2, 1),
        ),
        severity: "critical",
        at: "21m",
        alerts: [masterless("sessions")],
    }),
    quiet("RedisMasterDown", "one Sentinel of three is cut off", {
        series: redisWorld(sentinel(0, 0), sentinel(1, 1), sentinel(2, 1)),
        until: "1h",
    }),
    quiet("RedisMasterDown", "a replica is master just before the minute is over", {
        series: redisWorld(
            podGone("orders", 0, START),
            links(START, "21m"),
            becomes(1, "21m", "slave", "master"),
        ),
        until: "1h",
    }),
    quiet("RedisMasterDown", "the master's exporter is gone, and a replica has one of its own", {
        series: redisWorld(
            exporterDown("orders", 0, START),
            series("redis_connected_slaves", target("orders", 1), 1),
        ),
        until: "1h",
    }),
    quiet("RedisMasterDown", "no pod answers: RedisInstanceDown tells", {
        series: redisWorld(
            [0, 1, 2].map((i) => redisDown("orders", i, START)).flat(),
            [0, 1, 2].map((i) => redisDown("sessions", i, START)).flat(),
            [0, 1, 2].map((i) => sentinel(i, from(START, 0))),
        ),
        until: "1h",
    }),
    firing("RedisSplitBrain", "two pods call themselves master", {
        series: redisWorld(becomes(1, "5m", "slave", "master")),
        severity: "critical",
        at: "7m",
        alerts: [splitBrain(2)],
    }),
    firing("RedisSplitBrain", "a pod is back, as a master of its own", {
        series: redisWorld(podGone("orders", 2, "3m", "5m"), becomes(2, "5m", "slave", "master")),
        severity: "critical",
        at: "7m",
        alerts: [splitBrain(2)],
    }),
    quiet("RedisSplitBrain", "pods are added, each a master of its own until all are there", {
        series: redisWorld(masterFrom(1, "2m", "5m"), masterFrom(2, "4m", "5m")),
        until: "1h",
    }),
    firing("RedisSplitBrain", "pods that were added stay masters", {
        series: redisWorld(masterFrom(1, "2m"), masterFrom(2, "4m")),
        severity: "critical",
        at: "6m",
        alerts: [splitBrain(3)],
    }),
    quiet("RedisSplitBrain", "a cluster has many masters, and a master has a new address", {
        series: redisWorld(
            series(
                "redis_instance_info",
                { ...target("orders", 0), ...info("master"), instance: "10.9.9.9:9121" },
                from("5m", 1, "gone"),
            ),
        ),
        until: "1h",
    }),
    firing("RedisFailoverHappened", "a replica becomes master", {
        series: redisWorld(
            becomes(1, "5m", "slave", "master"),
            becomes(0, "5m", "master", "slave"),
        ),
        severity: "info",
        at: "6m",
        alerts: [
            {
                labels: ofPod("orders", 1),
                summary: `Redis ${ORDERS} has failed over to ${ORDERS}-1`,
                description: `${ORDERS}-1 was a replica within the last 15 minutes and is master now. Writes that had not reached it before are lost.`,
            },
        ],
    }),
    quiet("RedisFailoverHappened", "a master stays one", { series: redisWorld(), until: "1h" }),
    firing("RedisReplicaLinkDown", "the replica is told one master after the other", {
        series: redisWorld(
            masterLink("orders", 1, [
                ["5m", 1],
                ["1m", 0],
                ["4h", "gone"],
            ]),
            series(
                "redis_master_link_up",
                { ...target("orders", 1), master_host: "10.0.0.3", master_port: "6379" },
                from("6m", 0, "gone"),
            ),
        ),
        severity: "warning",
        at: "10m",
        alerts: [
            {
                labels: ofPod("orders", 1),
                summary: `Redis replica ${ORDERS}-1 has lost its master`,
                description: `The link of ${ORDERS}-1 to its master has been down for 5m: it serves old data, and cannot take over without loss.`,
            },
        ],
    }),
    quiet("RedisReplicaLinkDown", "the link is back just before 5 minutes are over", {
        series: redisWorld(masterLink("orders", 1, between("5m", "10m", 0))),
        until: "1h",
    }),
];

const offset = (i: number, value: History): Series =>
    series("redis_master_repl_offset", target("orders", i), value);
const replica = (value: History): Series =>
    series(
        "redis_connected_slave_offset_bytes",
        { ...target("orders", 0), slave_ip: "10.0.0.2", slave_port: "6379", slave_state: "online" },
        value,
    );
const MIB = 2 ** 20;

const replicas = [
    firing("RedisReplicationLag", "a replica is more than 10 MiB behind", {
        series: redisWorld(offset(0, from("5m", 31 * MIB, 0)), replica(20 * MIB)),
        severity: "warning",
        at: "7m",
        alerts: [
            {
                labels: { ...ofPod("orders", 0), slave_ip: "10.0.0.2" },
                summary: `A replica of Redis ${ORDERS}-0 lags behind`,
                description: `The replica 10.0.0.2 of ${ORDERS}-0 has been behind for 2m, now by 11MiB: a failover to it would lose that much.`,
            },
        ],
    }),
    quiet(
        "RedisReplicationLag",
        "a replica is exactly 10 MiB behind, or more for less than 2 minutes",
        {
            series: redisWorld(offset(0, between("5m", "7m", 50 * MIB, 10 * MIB)), replica(0)),
            until: "1h",
        },
    ),
    quiet("RedisReplicationLag", "the pod has a new address, and old series for some minutes", {
        series: redisWorld(
            offset(0, 100),
            replica(90),
            series(
                "redis_master_repl_offset",
                { ...target("orders", 0), instance: "10.9.9.9:9121" },
                100,
            ),
        ),
        until: "1h",
    }),
    firing("RedisReplicasDisconnected", "a replica of each kind is not connected", {
        series: redisWorld(
            series("redis_connected_slaves", target("orders", 0), from("5m", 1, 2)),
            series("redis_connected_slaves", target("carts-leader", 0), from("5m", 0, 1)),
            series("redis_connected_slaves", target("carts-follower", 0), 0),
        ),
        severity: "warning",
        at: "10m",
        alerts: [
            {
                labels: ofApp("orders"),
                summary: `Redis ${ORDERS} has fewer replicas connected than declared`,
                description: `The master of ${ORDERS} has had 1 replicas for 5m, fewer than declared: the next failure costs more than one pod should.`,
            },
            {
                labels: ofPod("carts-leader", 0),
                summary: `Redis ${NAMESPACE}/carts-leader has fewer replicas connected than declared`,
                description: `carts-leader-0 of ${NAMESPACE}/carts-leader has had 0 replicas for 5m, fewer than declared: the next failure costs more than one pod should.`,
            },
        ],
    }),
    quiet("RedisReplicasDisconnected", "pods are missing, which RedisPodsMissing tells", {
        series: redisWorld(
            podGone("orders", 2, "5m"),
            podGone("carts-leader", 1, "5m"),
            series("redis_connected_slaves", target("orders", 0), from("5m", 1, 2)),
            series("redis_connected_slaves", target("carts-leader", 0), from("5m", 0, 1)),
        ),
        until: "1h",
    }),
    quiet("RedisReplicasDisconnected", "the replica is back just before 5 minutes are over", {
        series: redisWorld(
            series("redis_connected_slaves", target("orders", 0), between("5m", "10m", 1, 2)),
        ),
        until: "1h",
    }),
];

const quorum = (message: string, over: History): Series =>
    series(
        "redis_sentinel_master_ckquorum_status",
        { ...target("sessions-sentinel", 0), master_name: "mymaster", message },
        over,
    );
const quorumLost: ExpectedAlert = {
    labels: ofApp("sessions-sentinel"),
    summary: `Sentinels ${NAMESPACE}/sessions-sentinel have lost the quorum`,
    description: `No Sentinel of ${NAMESPACE}/sessions-sentinel reaches enough others to fail the master over: the next loss of the master is an outage.`,
};
const watching = (masters: History, tilt: History): Series[] => [
    series("redis_sentinel_masters", target("sessions-sentinel", 1), masters),
    series("redis_sentinel_tilt", target("sessions-sentinel", 1), tilt),
];
const notWatching: ExpectedAlert = {
    labels: ofPod("sessions-sentinel", 1),
    summary: `Sentinel ${NAMESPACE}/sessions-sentinel-1 watches no master`,
    description: `${NAMESPACE}/sessions-sentinel-1 has had no master to watch, or has been in tilt mode, for 5m: it does not count for the quorum.`,
};

const sentinels = [
    firing("RedisSentinelQuorumLost", "a Sentinel says so, in other words each time", {
        series: redisWorld(
            quorum("OK 3", from(START, "gone")),
            quorum("NOQUORUM 1", [
                [START, "gone"],
                ["30s", 0],
                ["4h", "gone"],
            ]),
            quorum("NOQUORUM 0", from("1230s", 0, "gone")),
        ),
        severity: "critical",
        at: "21m",
        alerts: [quorumLost],
    }),
    firing("RedisSentinelQuorumLost", "one Sentinel of three is left", {
        series: redisWorld(
            redisDown("sessions-sentinel", 0, START),
            podGone("sessions-sentinel", 1, START),
        ),
        severity: "critical",
        at: "21m",
        alerts: [quorumLost],
    }),
    firing("RedisSentinelQuorumLost", "every Sentinel is gone", {
        series: redisWorld(all("sessions-sentinel", 3)),
        severity: "critical",
        at: "21m",
        alerts: [quorumLost],
    }),
    quiet("RedisSentinelQuorumLost", "one of three is dead, or two exporters hang", {
        series: redisWorld(redisDown("sessions-sentinel", 0, START, "30m"), quorum("OK", 1)),
        until: "1h",
    }),
    quiet("RedisSentinelQuorumLost", "two exporters of Sentinels hang", {
        series: redisWorld(
            exporterDown("sessions-sentinel", 1, START),
            exporterDown("sessions-sentinel", 2, START),
        ),
        until: "1h",
    }),
    firing("RedisSentinelsDisagree", "one of three names another master", {
        series: redisWorld(
            sentinel(0, 1),
            sentinel(1, 1),
            sentinel(2, from("5m", "gone")),
            sentinel(2, from("5m", 1, "gone"), "10.0.0.2:6379"),
        ),
        severity: "critical",
        at: "7m",
        alerts: [
            {
                labels: { ...ofApp("sessions-sentinel"), master_name: "mymaster" },
                summary: `Sentinels ${NAMESPACE}/sessions-sentinel disagree on mymaster`,
                description: `The Sentinels ${NAMESPACE}/sessions-sentinel have named 2 addresses of mymaster for 2m: clients write to different masters.`,
            },
        ],
    }),
    quiet("RedisSentinelsDisagree", "all follow a failover within 2 minutes", {
        series: redisWorld(
            [0, 1].map((i) => sentinel(i, 1)),
            sentinel(2, from("5m", "gone")),
            sentinel(2, between("5m", "7m", 1, "gone"), "10.0.0.2:6379"),
        ),
        until: "1h",
    }),
    firing("RedisSentinelNotWatching", "a Sentinel has no master", {
        series: redisWorld(watching(from("5m", 0), 0)),
        severity: "warning",
        at: "10m",
        alerts: [notWatching],
    }),
    firing("RedisSentinelNotWatching", "a Sentinel is in tilt mode", {
        series: redisWorld(watching(1, from("5m", 1, 0))),
        severity: "warning",
        at: "10m",
        alerts: [notWatching],
    }),
    quiet("RedisSentinelNotWatching", "tilt mode ends just before 5 minutes are over", {
        series: redisWorld(watching(1, between("5m", "10m", 1, 0))),
        until: "1h",
    }),
];

const CARTS = `${NAMESPACE}/carts`;
const NODES = ["carts-leader", "carts-follower"].flatMap((app) =>
    [0, 1, 2].map((i) => [app, i] as const),
);
const nodes = (metric: string, over: (index: number) => History): Series[] =>
    NODES.map(([app, i], index) => series(metric, target(app, i), over(index)));

const clusters = [
    firing("RedisClusterDown", "four of six nodes see the cluster fail", {
        series: redisWorld(nodes("redis_cluster_state", (i) => (i < 4 ? from("5m", 0) : 1))),
        severity: "critical",
        at: "6m",
        alerts: [
            {
                labels: ofApp("carts"),
                summary: `Redis Cluster ${CARTS} is down`,
                description: `33.33% of the nodes of ${CARTS} have called the cluster ok for 1m: the others refuse every command.`,
            },
        ],
    }),
    quiet("RedisClusterDown", "half of the nodes see the cluster fail", {
        series: redisWorld(nodes("redis_cluster_state", (i) => (i < 3 ? from("5m", 0) : 1))),
        until: "1h",
    }),
    firing("RedisClusterSlotsNotServed", "every node misses a slot", {
        series: redisWorld(nodes("redis_cluster_slots_ok", () => from("5m", 16383, 16384))),
        severity: "critical",
        at: "6m",
        alerts: [
            {
                labels: ofApp("carts"),
                summary: `Redis Cluster ${CARTS} does not serve all slots`,
                description: `1 slots of ${CARTS} have had no master that answers for 1m: commands on their keys fail.`,
            },
        ],
    }),
    quiet("RedisClusterSlotsNotServed", "one node sees every slot, or the cluster is down", {
        series: redisWorld(nodes("redis_cluster_slots_ok", (i) => (i < 5 ? 0 : 16384))),
        until: "1h",
    }),
    quiet("RedisClusterSlotsNotServed", "the cluster is down, which RedisClusterDown tells", {
        series: redisWorld(
            nodes("redis_cluster_slots_ok", () => 0),
            nodes("redis_cluster_state", () => 0),
        ),
        until: "1h",
    }),
    firing("RedisClusterSlotsFailing", "a node cannot reach the master of a slot", {
        series: redisWorld(
            nodes("redis_cluster_slots_pfail", (i) => (i === 1 ? from("5m", 1, 0) : 0)),
        ),
        severity: "warning",
        at: "10m",
        alerts: [
            {
                labels: ofApp("carts"),
                summary: `Nodes of Redis Cluster ${CARTS} cannot reach one another`,
                description: `For 5m some nodes of ${CARTS} have not reached the master of 1 slots, which others still reach: part of the clients may fail too.`,
            },
        ],
    }),
    quiet("RedisClusterSlotsFailing", "the slots are not served at all, or the cluster is down", {
        series: redisWorld(
            nodes("redis_cluster_slots_pfail", () => 9),
            nodes("redis_cluster_slots_ok", () => 16000),
        ),
        until: "1h",
    }),
    quiet("RedisClusterSlotsFailing", "the cluster is down", {
        series: redisWorld(
            nodes("redis_cluster_slots_pfail", () => 9),
            nodes("redis_cluster_state", () => 0),
        ),
        until: "1h",
    }),
];

/** Whether instances, their masters, replicas, Sentinels and slots are there. */
export const redisAwayCases: readonly AlertCase[] = [
    ...instances,
    ...masters,
    ...replicas,
    ...sentinels,
    ...clusters,
];
