import { AlertCase, ExpectedAlert, firing, quiet } from "../alertCase";
import { info, masterLink, NAMESPACE, podGone, redisWorld, target } from "../redisWorld";
import { between, from, Phase, Series, series, Value } from "../timeline";

type History = Value | readonly Phase[];

const APP = `${NAMESPACE}/orders`;
const REPLICA = `${APP}-1`;
const ofApp = { namespace: NAMESPACE, app: "orders" };

/** The role that a pod calls its own, until `time` and from then on. */
function becomes(
    app: string,
    index: number,
    time: string,
    before: "master" | "slave" | "gone",
    after: "master" | "slave",
): Series[] {
    const role = (name: "master" | "slave", over: readonly Phase[]) =>
        series("redis_instance_info", { ...target(app, index), ...info(name) }, over);
    return before === after || before === "gone"
        ? [role(after, from(time, 1, before === "gone" ? "gone" : 1))]
        : [role(before, from(time, "gone")), role(after, from(time, 1, "gone"))];
}

function linkTo(host: string, over: History): Series {
    const master = { master_host: host, master_port: "6379" };
    return series("redis_master_link_up", { ...target("orders", 1), ...master }, over);
}

const linkCases = [
    firing("RedisReplicaLinkDown", "the replica is told one master after the other", {
        series: redisWorld(
            linkTo("10.0.0.1", [
                ["5m", 1],
                ["1m", 0],
                ["4h", "gone"],
            ]),
            linkTo("10.0.0.3", from("6m", 0, "gone")),
        ),
        severity: "warning",
        at: "7m",
        alerts: [
            {
                labels: target("orders", 1),
                summary: `Redis replica ${REPLICA} has lost its master`,
                description: `The link of ${REPLICA} to its master has been down for 2m: it serves old data, and cannot take over without loss.`,
            },
        ],
        until: "30m",
    }),
    quiet("RedisReplicaLinkDown", "the link is back just before 2 minutes are over", {
        series: redisWorld(masterLink("orders", 1, between("5m", "7m", 0))),
        until: "1h",
    }),
    quiet("RedisReplicaLinkDown", "the replica's pod is gone, which has an alert of its own", {
        series: redisWorld(podGone("orders", 1, "5m")),
        until: "1h",
    }),
];

const WRITTEN = 100_000_000;
const LIMIT = 10 * 2 ** 20;

/** What the master has written, and what its replica has got of it, as the master itself says. */
function replicaAt(offset: readonly Phase[], state = "online"): Series {
    const labels = { slave_ip: "10.0.0.2", slave_port: "6379", slave_state: state };
    return series(
        "redis_connected_slave_offset_bytes",
        { ...target("orders", 0), ...labels },
        offset,
    );
}
const written = series("redis_master_repl_offset", target("orders", 0), WRITTEN);

const lagCases = [
    firing(
        "RedisReplicationLag",
        "a replica is 10 MiB and a byte behind, and goes into a full sync",
        {
            series: redisWorld(
                written,
                replicaAt([
                    ["5m", WRITTEN],
                    ["1m", WRITTEN - LIMIT - 1],
                    ["4h", "gone"],
                ]),
                replicaAt(from("6m", WRITTEN - LIMIT - 1, "gone"), "wait_bgsave"),
            ),
            severity: "warning",
            at: "7m",
            alerts: [
                {
                    labels: { ...target("orders", 0), slave_ip: "10.0.0.2", slave_port: "6379" },
                    summary: `A replica of Redis ${APP}-0 lags behind`,
                    description: `The replica 10.0.0.2 of ${APP}-0 has been more than 10Mi behind for 2m, now by 10MiB: a failover to it would lose that much.`,
                },
            ],
            until: "30m",
        },
    ),
    quiet("RedisReplicationLag", "a replica is exactly 10 MiB behind", {
        series: redisWorld(written, replicaAt([["2h", WRITTEN - LIMIT]])),
        until: "1h",
    }),
    quiet("RedisReplicationLag", "a replica catches up just before 2 minutes are over", {
        series: redisWorld(written, replicaAt(between("5m", "7m", 0, WRITTEN))),
        until: "1h",
    }),
    quiet("RedisReplicationLag", "another pod is far ahead, of which it is no replica", {
        series: redisWorld(
            written,
            replicaAt([["2h", WRITTEN]]),
            series("redis_master_repl_offset", target("carts-leader", 0), 100 * WRITTEN),
        ),
        until: "1h",
    }),
];

const splitBrain: ExpectedAlert = {
    labels: ofApp,
    summary: `Redis ${APP} has more than one master`,
    description: `2 pods of ${APP} have called themselves master for 2m: each takes writes that the others will never have.`,
};

const splitBrainCases = [
    firing("RedisSplitBrain", "a replica makes itself master beside the master", {
        series: redisWorld(becomes("orders", 1, "5m", "slave", "master")),
        severity: "critical",
        at: "7m",
        alerts: [splitBrain],
        until: "30m",
    }),
    quiet("RedisSplitBrain", "the old master is told just before 2 minutes are over", {
        series: redisWorld(
            becomes("orders", 1, "5m", "slave", "master"),
            becomes("orders", 0, "7m", "master", "slave"),
        ),
        until: "1h",
    }),
    quiet("RedisSplitBrain", "a Redis Cluster has the masters that it should", {
        series: redisWorld(),
        until: "1h",
    }),
];

function failover(app: string, pod: string): ExpectedAlert {
    return {
        labels: { namespace: NAMESPACE, app, pod },
        summary: `Redis ${NAMESPACE}/${app} has failed over to ${NAMESPACE}/${pod}`,
        description: `${NAMESPACE}/${pod} was a replica within the last 15 minutes and is master now. Writes that had not reached it before are lost.`,
    };
}

const failoverCases = [
    firing("RedisFailoverHappened", "the master's pod is gone and a replica takes over", {
        series: redisWorld(
            podGone("orders", 0, "20m"),
            becomes("orders", 1, "21m", "slave", "master"),
        ),
        severity: "info",
        at: "22m",
        alerts: [failover("orders", "orders-1")],
        until: "35m",
    }),
    firing("RedisFailoverHappened", "a follower of a Redis Cluster takes over", {
        series: redisWorld(
            becomes("carts-follower", 0, "20m", "slave", "master"),
            becomes("carts-leader", 0, "20m", "master", "slave"),
        ),
        severity: "info",
        at: "21m",
        alerts: [failover("carts-follower", "carts-follower-0")],
    }),
    quiet("RedisFailoverHappened", "the master restarts and is master again", {
        series: redisWorld(podGone("orders", 0, "20m", "22m")),
        until: "1h",
    }),
    quiet("RedisFailoverHappened", "an instance is new", {
        series: redisWorld(
            becomes("orders", 0, "20m", "gone", "master"),
            becomes("orders", 1, "20m", "gone", "slave"),
            becomes("orders", 2, "20m", "gone", "slave"),
        ),
        until: "1h",
    }),
];

/** How many replicas are connected to a pod, as the pod itself says. */
function connected(app: string, index: number, over: History): Series {
    return series("redis_connected_slaves", target(app, index), over);
}

const disconnectedCases = [
    firing("RedisReplicasDisconnected", "one of two replicas runs and is not connected", {
        series: redisWorld(
            connected("orders", 0, from("5m", 1, 2)),
            connected("orders", 1, 0),
            connected("orders", 2, 0),
        ),
        severity: "warning",
        at: "10m",
        alerts: [
            {
                labels: ofApp,
                summary: `Redis ${APP} has fewer replicas connected than declared`,
                description: `The master of ${APP} has had 1 of 2 replicas for 5m: the next failure costs more than one pod should.`,
            },
        ],
        until: "30m",
    }),
    firing("RedisReplicasDisconnected", "a leader of a Redis Cluster is alone", {
        series: redisWorld(
            connected("carts-leader", 0, from("5m", 0)),
            connected("carts-leader", 1, 1),
            connected("carts-follower", 0, 0),
        ),
        severity: "warning",
        at: "10m",
        alerts: [
            {
                labels: target("carts-leader", 0),
                summary: `Redis ${NAMESPACE}/carts-leader-0 has no replica`,
                description: `No replica has been connected to ${NAMESPACE}/carts-leader-0 for 5m: when it fails, its slots are gone.`,
            },
        ],
    }),
    quiet("RedisReplicasDisconnected", "both are connected again just before 5 minutes are over", {
        series: redisWorld(
            connected("orders", 0, between("5m", "10m", 0, 2)),
            connected("carts-leader", 0, between("5m", "10m", 0, 1)),
        ),
        until: "1h",
    }),
    quiet("RedisReplicasDisconnected", "an instance has no replicas to connect", {
        series: redisWorld(connected("cache", 0, 0)),
        until: "1h",
    }),
    quiet("RedisReplicasDisconnected", "a replication of its own is master without a replica", {
        series: redisWorld(connected("orders", 0, 2), connected("sessions", 0, 2)),
        until: "1h",
    }),
];

/** Whether replicas follow their master, and whether there is only one. */
export const redisReplicationCases: readonly AlertCase[] = [
    ...linkCases,
    ...lagCases,
    ...splitBrainCases,
    ...failoverCases,
    ...disconnectedCases,
];
