import { AlertCase, ENVIRONMENT, ExpectedAlert, firing, quiet, TEAM } from "../alertCase";
import { stateSeries } from "../clusterSeries";
import {
    ELSEWHERE,
    History,
    INFOS,
    info,
    Labels,
    owned,
    thresholds,
    twoAddresses,
    UNTIL_20,
} from "../recordedWorld";
import { NAMESPACE, ofApp, ofPod, target } from "../redisWorld";
import { from, Series, series } from "../timeline";

/*
 * What only a rule that is almost right gets wrong on a Redis that is away: others of its name, of its namespace and of
 * another stack, two series for one pod, and causes that are over. `npm run test:mutation` has found these.
 */

/** Labels of what is recorded for an instance. */
const instance = (name: string, namespace = NAMESPACE): Labels => ({
    ...{ namespace, instance_name: name },
    ...{ environment: ENVIRONMENT, team: TEAM },
});
/** Of another stack, which has an instance of this name too. */
const foreign = (labels: Labels): Labels => ({ ...labels, environment: "qa", team: "qa" });

/** A metric of `cache`, and the same of its name, of its namespace and of another stack, with another value. */
function among(metric: string, own: History | undefined, others: History): Series[] {
    return [
        ...(own === undefined ? [] : [series(metric, instance("cache"), own)]),
        series(metric, instance("orders"), others),
        series(metric, instance("cache", ELSEWHERE), others),
        series(metric, foreign(instance("cache")), others),
    ];
}
/** Its last sample is at 19 minutes and a half; 5 minutes later, at 24 and a half, it counts no more. */
const NODE_WAS_LOST = among("redis:instance_on_lost_node:bool", UNTIL_20, 1);

const workload = (app: string, type: string, namespace = NAMESPACE): Labels => ({
    ...owned(app, namespace),
    redis_setup_type: type,
});

const instanceCases = [
    firing("RedisNamespaceDown", "another stack's namespace is down as well", {
        recorded: true,
        series: [
            series(
                "redis:namespace_down:count",
                { namespace: NAMESPACE, environment: ENVIRONMENT, team: TEAM },
                2,
            ),
            series(
                "redis:namespace_down:count",
                foreign({ namespace: "shop-qa", environment: "qa", team: "qa" }),
                2,
            ),
        ],
        severity: "critical",
        at: "1m",
        alerts: [
            {
                labels: { namespace: NAMESPACE },
                summary: `Every Redis of ${NAMESPACE} is down`,
                description: `No pod of any of the 2 Redis instances of ${NAMESPACE} can be reached: look for what they share, such as the namespace, its volumes or its network.`,
            },
        ],
    }),
    firing("RedisInstanceDown", "its node was lost, those of others are, and so are namespaces", {
        recorded: true,
        series: [
            series("redis:instance_down:bool", instance("cache"), 1),
            series("redis:instance_down:bool", foreign(instance("cache-qa")), 1),
            ...NODE_WAS_LOST,
            series(
                "redis:namespace_down:count",
                { namespace: ELSEWHERE, environment: ENVIRONMENT, team: TEAM },
                2,
            ),
            series("redis:namespace_down:count", foreign({ namespace: NAMESPACE }), 2),
        ],
        severity: "critical",
        // 24.5 minutes, and then 1.
        at: "1530s",
        alerts: [
            {
                labels: ofApp("cache"),
                summary: `Redis ${NAMESPACE}/cache is down`,
                description: `No pod of ${NAMESPACE}/cache answers: clients can neither read nor write.`,
            },
        ],
    }),
];

const missingPods = (app: string, pods: number): ExpectedAlert => ({
    labels: ofApp(app),
    summary: `Redis ${NAMESPACE}/${app} runs with fewer pods than declared`,
    description: `${pods} pods of ${NAMESPACE}/${app} have been there for 5m, fewer than declared.`,
});
/** Counts of `cache`, and of others of its name and namespace, and of another stack. */
function counts(metric: string, own: number | undefined, others: number): Series[] {
    return [
        ...(own === undefined ? [] : [series(metric, workload("cache", "replication"), own)]),
        series(metric, workload("orders", "replication"), others),
        series(metric, workload("cache", "replication", ELSEWHERE), others),
        series(metric, foreign(workload("cache", "replication")), others),
    ];
}

const podCases = [
    firing("RedisPodsMissing", "its node was lost, and others miss none", {
        recorded: true,
        series: [
            ...counts("redis:pods_answering:count", 3, 9),
            ...counts("redis:pods_silent:count", 1, 9),
            ...counts("redis:declared_pods", 5, 6),
            ...NODE_WAS_LOST,
        ],
        severity: "warning",
        // 24.5 minutes, and then 5.
        at: "1770s",
        alerts: [missingPods("cache", 4)],
    }),
    quiet("RedisPodsMissing", "as many as declared, of which one is silent", {
        recorded: true,
        series: [
            ...counts("redis:pods_answering:count", 3, 9),
            ...counts("redis:pods_silent:count", 1, 0),
            ...counts("redis:declared_pods", 4, 9),
        ],
        until: "1h",
    }),
];

const exporterDown: ExpectedAlert = {
    labels: ofPod("cache", 0),
    summary: `The Redis exporter of ${NAMESPACE}/cache-0 cannot be scraped`,
    description: `Prometheus has not reached the exporter of ${NAMESPACE}/cache-0 for 5m; no other alert on this pod can fire meanwhile.`,
};
const ready = (labels: Labels, value: number, condition = "true"): Series =>
    stateSeries(
        "kube_pod_status_ready",
        { namespace: NAMESPACE, pod: "cache-0", condition, ...labels },
        value,
    );

const exporterCases = [
    firing("RedisExporterDown", "Kubernetes calls the pod ready, and others unready", {
        recorded: true,
        series: [
            series("up", target("cache", 0), from("5m", 0)),
            // The operator's own target has no type of Redis.
            series("up", { namespace: NAMESPACE, app: "cache", pod: "web-0", instance: "web" }, 0),
            ready({}, 1),
            // What stays of the address that kube-state-metrics had.
            ready({ instance: "old" }, 0),
            ready({}, 0, "false"),
            ready({ pod: "orders-0" }, 0),
            ready({ namespace: ELSEWHERE }, 0),
            ...INFOS,
        ],
        severity: "warning",
        at: "10m",
        alerts: [exporterDown],
    }),
    quiet("RedisExporterDown", "one of its two addresses answers", {
        recorded: true,
        series: [...twoAddresses("up", 1, 0), ready({}, 1), ...INFOS],
        until: "1h",
    }),
];

const role = (labels: Labels, value: "master" | "slave", over: History = 1): Series =>
    series("redis_instance_info", { ...labels, role: value }, over);
const split = (labels: Labels, value: number): Series =>
    series("redis_instance_info", { ...labels, role: "master" }, value);
const failedOver: ExpectedAlert = {
    labels: ofPod("orders", 1),
    summary: `Redis ${NAMESPACE}/orders has failed over to ${NAMESPACE}/orders-1`,
    description: `${NAMESPACE}/orders-1 was a replica within the last 15 minutes and is master now. Writes that had not reached it before are lost.`,
};
const lagging: ExpectedAlert = {
    labels: { ...ofPod("cache", 0), slave_ip: "10.0.0.2" },
    summary: `A replica of Redis ${NAMESPACE}/cache-0 lags behind`,
    description: `The replica 10.0.0.2 of ${NAMESPACE}/cache-0 has been behind for 2m, now by 3kiB: a failover to it would lose that much.`,
};

const replicationCases = [
    firing("RedisFailoverHappened", "it was a replica until 20 minutes", {
        recorded: true,
        series: [
            role(target("orders", 1), "slave", UNTIL_20),
            role(target("orders", 1), "master", from("20m", 1, "gone")),
            // Of its name, and never a replica here.
            role({ ...target("cache", 0), namespace: ELSEWHERE }, "slave"),
            role(target("cache", 0), "master"),
            ...INFOS,
            info("orders", ELSEWHERE),
        ],
        severity: "info",
        at: "21m",
        alerts: [failedOver],
        // Its last sample as a replica, at 19.5 minutes, is 15 minutes ago.
        until: "34m",
    }),
    quiet("RedisFailoverHappened", "it was a replica twenty minutes ago, and one address away", {
        recorded: true,
        series: [
            role(target("orders", 1), "slave", UNTIL_20),
            role(target("orders", 1), "master", from("40m", 1, "gone")),
            ...INFOS,
        ],
        until: "2h",
    }),
    firing("RedisSplitBrain", "two pods, each with two addresses", {
        recorded: true,
        series: [0, 1]
            .flatMap((i) => [
                split(target("orders", i), 1),
                split({ ...target("orders", i), instance: `old-${i}` }, 1),
            ])
            .concat(INFOS),
        severity: "critical",
        at: "2m",
        alerts: [
            {
                labels: ofApp("orders"),
                summary: `Redis ${NAMESPACE}/orders has more than one master`,
                description: `2 pods of ${NAMESPACE}/orders have called themselves master for 2m: each takes writes that the others will never have.`,
            },
        ],
    }),
    firing("RedisReplicationLag", "both have two addresses, and its replica has an offset too", {
        recorded: true,
        series: [
            ...twoAddresses("redis_master_repl_offset", from("5m", 8192, 5120), 0),
            series("redis_master_repl_offset", { ...target("cache", 1) }, 4096),
            ...twoAddresses("redis_connected_slave_offset_bytes", 5120, 0, {
                slave_ip: "10.0.0.2",
            }),
            series("redis_master_repl_offset", target("orders", 0), 1e9),
            ...thresholds("RedisReplicationLag", "lag", 2048),
        ],
        severity: "warning",
        at: "7m",
        alerts: [lagging],
    }),
];

const state = (over: History | undefined, others: History): Series[] =>
    among("redis:cluster_state:avg", over, others);
const slots = (over: History | undefined, others: History): Series[] =>
    among("redis:cluster_slots_missing:count", over, others);
const pfail = (labels: Labels, value: number): Series =>
    series("redis_cluster_slots_pfail", { ...labels, redis_setup_type: "cluster" }, value);
const notReached = (count: number): ExpectedAlert => ({
    labels: ofApp("cache"),
    summary: `Nodes of Redis Cluster ${NAMESPACE}/cache cannot reach one another`,
    description: `For 5m some nodes of ${NAMESPACE}/cache have not reached the master of ${count} slots, which others still reach: part of the clients may fail too.`,
});

const clusterCases = [
    firing("RedisClusterDown", "its node was lost, and others are well or of another stack", {
        recorded: true,
        series: [
            series("redis:cluster_state:avg", instance("cache"), 0.45),
            series("redis:cluster_state:avg", foreign(instance("cache-qa")), 0),
            series("redis:cluster_state:avg", instance("orders"), 0.5),
            ...NODE_WAS_LOST,
        ],
        severity: "critical",
        at: "1530s",
        alerts: [
            {
                labels: ofApp("cache"),
                summary: `Redis Cluster ${NAMESPACE}/cache is down`,
                description: `45% of the nodes of ${NAMESPACE}/cache have called the cluster ok for 1m: the others refuse every command.`,
            },
        ],
    }),
    firing("RedisClusterSlotsNotServed", "half call it ok, its node was lost, others are down", {
        recorded: true,
        series: [
            series("redis:cluster_slots_missing:count", instance("cache"), 1),
            series("redis:cluster_slots_missing:count", foreign(instance("cache-qa")), 1),
            ...state(0.5, 0),
            ...NODE_WAS_LOST,
        ],
        severity: "critical",
        at: "1530s",
        alerts: [
            {
                labels: ofApp("cache"),
                summary: `Redis Cluster ${NAMESPACE}/cache does not serve all slots`,
                description: `1 slots of ${NAMESPACE}/cache have had no master that answers for 1m: commands on their keys fail.`,
            },
        ],
    }),
    quiet("RedisClusterSlotsNotServed", "it is down, which has an alert of its own", {
        recorded: true,
        series: [...slots(1, 0), ...state(0.45, 1)],
        until: "1h",
    }),
    firing("RedisClusterSlotsFailing", "its node was lost, and others are down", {
        recorded: true,
        series: [
            pfail(target("cache", 0), 3),
            pfail(target("cache", 1), 5),
            // Of no cluster.
            series("redis_cluster_slots_pfail", target("orders", 0), 7),
            ...state(0.5, 0),
            ...slots(0, 1),
            ...NODE_WAS_LOST,
            ...INFOS,
            series("redis:workload:info", foreign(workload("cache", "cluster")), 1),
        ],
        severity: "warning",
        // 24.5 minutes, and then 5.
        at: "1770s",
        alerts: [notReached(5)],
    }),
    ...(["state", "slots"] as const).map((what) =>
        quiet("RedisClusterSlotsFailing", `its ${what} tell already`, {
            recorded: true,
            series: [
                pfail(target("cache", 0), 3),
                ...(what === "state" ? state(0.45, 1) : slots(1, 0)),
                ...INFOS,
            ],
            until: "1h",
        }),
    ),
];

/** Edges of the rules on a Redis that is away, on what other rules record. */
export const redisAwayRecordedCases: readonly AlertCase[] = [
    ...instanceCases,
    ...podCases,
    ...exporterCases,
    ...replicationCases,
    ...clusterCases,
];
