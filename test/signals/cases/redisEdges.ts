import { NAMESPACES } from "../../../components/stack/namespaceNames";
import { AlertCase, firing, quiet } from "../alertCase";
import { DECLARED, NAMESPACE, podGone, redisWorld, target } from "../redisWorld";
import { from, Series, series, Value } from "../timeline";

/*
 * What only a rule that is almost right gets wrong: `npm run test:mutation` has found these. Each workload has rules of its
 * own, and each number an edge.
 */

/** All pods of a workload, or the last one, gone from 5 minutes on. */
const gone = (app: string, pods: number, all: boolean): Series[] =>
    Array.from({ length: pods }, (_, index) => index)
        .filter((index) => all || index === pods - 1)
        .flatMap((index) => podGone(app, index, "5m"));

const workloadCases = DECLARED.flatMap(({ app, pods }) => [
    firing("RedisInstanceDown", `every pod of ${app} is gone`, {
        series: redisWorld(gone(app, pods, true)),
        severity: "critical",
        at: "6m",
        alerts: [
            {
                labels: { namespace: NAMESPACE, app },
                summary: `Redis ${NAMESPACE}/${app} is down`,
                description: `No pod of ${NAMESPACE}/${app} answers, of ${pods} declared.`,
            },
        ],
    }),
    ...(pods > 1
        ? [
              firing("RedisPodsMissing", `one pod of ${app} is gone`, {
                  series: redisWorld(gone(app, pods, false)),
                  severity: "warning",
                  at: "10m",
                  alerts: [
                      {
                          labels: { namespace: NAMESPACE, app },
                          summary: `Redis ${NAMESPACE}/${app} runs with fewer pods than declared`,
                          description: `${pods - 1} of ${pods} pods of ${NAMESPACE}/${app} have answered for 5m.`,
                      },
                  ],
              }),
          ]
        : []),
]);

const SESSIONS = { namespace: NAMESPACE, app: "sessions" };
const SEVEN = [0, 1, 2, 3, 4, 5, 6];

const viewCases = [
    firing(
        "RedisReplicasDisconnected",
        "a replica of an instance with Sentinels is not connected",
        {
            series: redisWorld(
                series("redis_connected_slaves", target("sessions", 0), from("5m", 1, 2)),
            ),
            severity: "warning",
            at: "10m",
            alerts: [
                {
                    labels: SESSIONS,
                    summary: `Redis ${NAMESPACE}/sessions has fewer replicas connected than declared`,
                    description: `The master of ${NAMESPACE}/sessions has had 1 of 2 replicas for 5m: the next failure costs more than one pod should.`,
                },
            ],
        },
    ),
    firing("RedisMasterDown", "four of seven Sentinels see the master down", {
        series: SEVEN.map((index) =>
            series(
                "redis_sentinel_master_status",
                {
                    ...target("sessions-sentinel", index),
                    master_name: "mymaster",
                    master_address: "10.0.0.1:6379",
                    master_status: index < 4 ? "odown" : "ok",
                },
                index < 4 ? 0 : 1,
            ),
        ),
        severity: "critical",
        at: "1m",
        alerts: [
            {
                labels: {
                    namespace: NAMESPACE,
                    app: "sessions-sentinel",
                    master_name: "mymaster",
                    seen_by: "sentinels",
                },
                summary: `Redis master mymaster of ${NAMESPACE}/sessions-sentinel is down`,
                description: `More than half of the Sentinels ${NAMESPACE}/sessions-sentinel have seen the master mymaster as down for 1m, and no failover has ended it.`,
            },
        ],
    }),
    firing("RedisClusterDown", "four of seven nodes see the cluster fail", {
        series: SEVEN.map((index) =>
            series("redis_cluster_state", target("carts-leader", index), index < 4 ? 0 : 1),
        ),
        severity: "critical",
        at: "1m",
        alerts: [
            {
                labels: { namespace: NAMESPACE, app: "carts" },
                summary: `Redis Cluster ${NAMESPACE}/carts is down`,
                description: `42.86% of the nodes of ${NAMESPACE}/carts have called the cluster ok for 1m: the others refuse every command.`,
            },
        ],
    }),
    firing("RedisRejectedConnections", "one connection is refused", {
        // increase() extrapolates to the whole window.
        series: redisWorld(
            series("redis_rejected_connections_total", target("orders", 1), from("10m", 101, 100)),
        ),
        severity: "critical",
        at: "11m",
        alerts: [
            {
                labels: target("orders", 1),
                summary: `Redis ${NAMESPACE}/orders-1 refuses connections`,
                description: `${NAMESPACE}/orders-1 has refused 1 connections within 5 minutes, since it has maxclients already: these clients have no Redis.`,
            },
        ],
    }),
];

/** A metric of a pod beside the Redis operator, or of the operator itself. */
function controller(
    metric: string,
    over: Value,
    labels: Readonly<Record<string, string>> = {},
    job = "another-operator",
): Series {
    const own = { namespace: NAMESPACES.redisOperator, pod: `${job}-0`, job };
    return series(metric, { ...own, ...labels }, over);
}
const climb = (perMinute: number): Value => ({ from: 0, perMinute });

const operatorCases = [
    firing("RedisOperatorNoLeader", "another controller of the namespace has a leader", {
        series: [
            controller("leader_election_master_status", 0, { name: "a" }, "redis-operator"),
            controller("leader_election_master_status", 1, { name: "b" }),
        ],
        severity: "critical",
        at: "5m",
        alerts: [
            {
                labels: { namespace: NAMESPACES.redisOperator },
                summary: "No pod of the Redis operator leads",
                description:
                    "The pods of the Redis operator answer, and none of them has been leader for 5m: nothing is reconciled.",
            },
        ],
    }),
    quiet("RedisOperatorReconcileStuck", "another controller of the namespace hangs", {
        series: [controller("workqueue_longest_running_processor_seconds", 5000, { name: "x" })],
        until: "1h",
    }),
    quiet("RedisReconcileSkipped", "an operator of another job says so", {
        series: ["redisreplication", "rediscluster"].map((kind) =>
            series(
                `${kind}_skipreconcile`,
                { namespace: NAMESPACE, instance: "orders", job: "another-operator" },
                [["25h", 1]],
            ),
        ),
        until: "25h",
    }),
    quiet("RedisOperatorHighReconcileErrors", "a controller is exactly at both edges", {
        series: [
            // 0.1 a second, of which those of the other are a quarter of all.
            ...errors("redisreplication", 6, 600),
            ...errors("rediscluster", 1, 4),
        ],
        until: "2h",
    }),
];

function errors(name: string, failed: number, all: number): Series[] {
    const of = (metric: string, perMinute: number): Series =>
        controller(
            `controller_runtime_reconcile_${metric}`,
            climb(perMinute),
            { controller: name },
            "redis-operator",
        );
    return [of("errors_total", failed), of("total", all)];
}

/** Edges of the rules on Redis and its operator. */
export const redisEdgeCases: readonly AlertCase[] = [
    ...workloadCases,
    ...viewCases,
    ...operatorCases,
];
