import { NAMESPACES } from "../../../components/stack/namespaceNames";
import { AlertCase, ExpectedAlert, firing, quiet } from "../alertCase";
import { between, Climb, from, Phase, Series, series, Value } from "../timeline";

type History = Value | readonly Phase[];

/** The labels that the PodMonitor gives an operator's pod. */
function operator(index: number): Record<string, string> {
    return {
        job: "redis-operator",
        namespace: NAMESPACES.redisOperator,
        pod: `redis-operator-${index}`,
        container: "redis-operator",
        endpoint: "metrics",
        instance: `10.0.2.${index}:8080`,
        environment: "staging",
    };
}

/** Reconciliations of RedisReplications, those with an error, and those without. */
function reconciles(failed: History, good: History): Series[] {
    const labels = { ...operator(0), controller: "redisreplication" };
    const total = "controller_runtime_reconcile_total";
    return [
        series("controller_runtime_reconcile_errors_total", labels, failed),
        series(total, { ...labels, result: "error" }, failed),
        series(total, { ...labels, result: "requeue_after" }, good),
    ];
}

function climb(perMinute: number, start = 0): Climb {
    return { from: start, perMinute };
}

/** A counter with one more every `stepSeconds`, as a broken resource makes at the end of its back-off. */
function oneEvery(stepSeconds: number): Phase[] {
    return Array.from({ length: 12 }, (_, i): Phase => [`${stepSeconds}s`, 100 + i]);
}

const down: ExpectedAlert = {
    labels: { namespace: NAMESPACES.redisOperator },
    summary: "The Redis operator is down",
    description:
        "Prometheus has not reached the Redis operator for 5m. Redis goes on serving, but nothing is reconciled: no scaling, no repair, no Service that follows a new master.",
};

function failing(value: string): ExpectedAlert {
    return {
        labels: { namespace: NAMESPACES.redisOperator, controller: "redisreplication" },
        summary: "The Redis operator fails to reconcile redisreplication resources",
        description: `The controller redisreplication has failed for 10m, at ${value} (errors per second above 0.1, or the share of reconciliations above 25 %).`,
    };
}

const downCases = [
    firing("RedisOperatorDown", "its pod is gone, and its series with it", {
        series: [series("up", operator(0), from("5m", "gone"))],
        severity: "critical",
        at: "10m",
        alerts: [down],
        until: "30m",
    }),
    firing("RedisOperatorDown", "no pod of two answers", {
        series: [series("up", operator(0), from("5m", 0)), series("up", operator(1), 0)],
        severity: "critical",
        at: "10m",
        alerts: [down],
    }),
    quiet("RedisOperatorDown", "one pod of two answers", {
        series: [series("up", operator(0), 0), series("up", operator(1), 1)],
        until: "1h",
    }),
    quiet("RedisOperatorDown", "it is back just before 5 minutes are over", {
        series: [series("up", operator(0), between("5m", "10m", 0))],
        until: "1h",
    }),
];

const errorCases = [
    firing("RedisOperatorHighReconcileErrors", "many resources fail all the time", {
        // 0.101 errors per second, among ten times as many that succeed. A rate is whole after 4 minutes and a half.
        series: reconciles(from("10m", climb(6.06, 100), 100), climb(60.6)),
        severity: "warning",
        at: "1470s",
        alerts: [failing("0.10")],
        until: "40m",
    }),
    firing(
        "RedisOperatorHighReconcileErrors",
        "the only resource is broken: one try in 1000 seconds, and none succeeds",
        {
            series: reconciles(oneEvery(990), 100),
            severity: "warning",
            at: "1590s",
            alerts: [failing("1.00")],
            until: "3h",
        },
    ),
    quiet("RedisOperatorHighReconcileErrors", "few fail among many", {
        series: reconciles(climb(5.94), climb(59.4)),
        until: "2h",
    }),
    firing("RedisOperatorHighReconcileErrors", "more than every fourth of few fails", {
        series: reconciles(climb(0.251, 100), climb(0.749, 100)),
        severity: "warning",
        at: "630s",
        alerts: [failing("0.25")],
        until: "2h",
    }),
    quiet("RedisOperatorHighReconcileErrors", "less than every fourth of few fails", {
        series: reconciles(climb(0.249, 100), climb(0.751, 100)),
        until: "2h",
    }),
    quiet("RedisOperatorHighReconcileErrors", "a conflict now and then, among many successes", {
        series: reconciles(oneEvery(600), climb(2)),
        until: "2h",
    }),
    quiet("RedisOperatorHighReconcileErrors", "nothing is to be done at all", {
        series: reconciles(5, 100),
        until: "2h",
    }),
    quiet("RedisOperatorHighReconcileErrors", "it restarts, and its counters with it", {
        series: reconciles(from("30m", climb(0.2), 5000), from("30m", climb(2), 90000)),
        until: "2h",
    }),
];

/** Whether a pod of the operator leads. */
function leads(index: number, over: History): Series {
    const name = "6cab913b.redis.opstreelabs.in";
    return series("leader_election_master_status", { ...operator(index), name }, over);
}
/** Seconds that the longest reconciliation of a controller has run for. */
function running(over: History): Series {
    return series(
        "workqueue_longest_running_processor_seconds",
        { ...operator(0), name: "redisreplication" },
        over,
    );
}
/** Whether a Redis is out of the operator's hands; the labels are the Redis', which the monitor honours. */
function skips(kind: string, instance: string, over: History): Series {
    return series(`${kind}_skipreconcile`, { ...operator(0), namespace: "shop", instance }, over);
}
/** What kube-state-metrics says of a kind that the operator says nothing of; its labels are the Redis', too. */
function asks(
    kind: string,
    instance: string,
    labels: Readonly<Record<string, string>>,
    over: History,
): Series {
    return series(
        "redis_resource_info",
        {
            job: "kube-state-metrics",
            customresource_kind: kind,
            namespace: "shop",
            instance,
            ...labels,
        },
        over,
    );
}
const skipped = (instance: string): ExpectedAlert => ({
    labels: { namespace: "shop", instance },
    summary: `Redis shop/${instance} is not reconciled`,
    description: `The annotation that takes shop/${instance} out of the operator's hands has stood for 24h: changes and repairs do not reach it.`,
});

const progressCases = [
    firing("RedisOperatorNoLeader", "two pods answer and neither leads", {
        series: [leads(0, from("5m", 0)), leads(1, 0)],
        severity: "critical",
        at: "10m",
        alerts: [
            {
                labels: { namespace: NAMESPACES.redisOperator },
                summary: "No pod of the Redis operator leads",
                description:
                    "The pods of the Redis operator answer, and none of them has been leader for 5m: nothing is reconciled.",
            },
        ],
        until: "1h",
    }),
    quiet("RedisOperatorNoLeader", "one of two leads", {
        series: [leads(0, 0), leads(1, 1)],
        until: "1h",
    }),
    quiet("RedisOperatorNoLeader", "the other takes over just before 5 minutes are over", {
        series: [leads(0, from("5m", 0)), leads(1, from("10m", 1, 0))],
        until: "1h",
    }),
    firing("RedisOperatorReconcileStuck", "a reconciliation does not end", {
        series: [running(from("5m", 901, 0))],
        severity: "warning",
        at: "10m",
        alerts: [
            {
                labels: {
                    namespace: NAMESPACES.redisOperator,
                    pod: "redis-operator-0",
                    name: "redisreplication",
                },
                summary: "The Redis operator hangs at a redisreplication resource",
                description:
                    "One reconciliation of the controller redisreplication has run for 15m 1s, more than 15m: each worker that hangs leaves its queue waiting.",
            },
        ],
        until: "1h",
    }),
    quiet("RedisOperatorReconcileStuck", "a reconciliation takes just 15 minutes", {
        series: [running(900)],
        until: "1h",
    }),
    quiet("RedisOperatorReconcileStuck", "it ends just before 5 more minutes are over", {
        series: [running(between("5m", "10m", 1000, 0))],
        until: "1h",
    }),
    ...["redisreplication", "rediscluster"].map((kind) =>
        firing("RedisReconcileSkipped", `an annotation on a ${kind} was forgotten`, {
            series: [
                skips(kind, "orders", [
                    ["5m", 0],
                    ["26h", 1],
                ]),
                skips(kind, "carts", [["26h", 0]]),
            ],
            severity: "warning",
            at: "1445m",
            alerts: [skipped("orders")],
        }),
    ),
    ...["Redis", "RedisSentinel"].map((kind) =>
        firing("RedisReconcileSkipped", `an annotation on a ${kind} was forgotten`, {
            series: [
                asks(kind, "orders", { skipped: "true" }, [
                    ["5m", "gone"],
                    ["26h", 1],
                ]),
                asks(kind, "carts", {}, [["26h", 1]]),
                asks(kind, "baskets", { skipped: "false" }, [["26h", 1]]),
            ],
            severity: "warning",
            at: "1445m",
            alerts: [skipped("orders")],
        }),
    ),
    quiet("RedisReconcileSkipped", "it is taken off within the day", {
        series: [
            skips("redisreplication", "orders", [
                ["5m", 0],
                ["24h", 1],
                ["2h", 0],
            ]),
        ],
        until: "26h",
    }),
];

/** Whether the operator is there and gets on. */
export const redisOperatorCases: readonly AlertCase[] = [
    ...downCases,
    ...errorCases,
    ...progressCases,
];
