import type { MeasuredQueue } from "../../../components/alerting/rules/autoscaling";
import { AlertCase, ExpectedAlert, firing, quiet, RecordCase } from "../alertCase";
import { between, from, Phase, Series, series, Value } from "../timeline";

type History = Value | readonly Phase[];

const ODE_WORKER = { namespace: "ode", name: "ode-worker" };
const QUEUE = { namespace: "ode", apps: ["queue"], masters: 1 };
const BASE = { application: ODE_WORKER, db: 0, key: undefined, group: undefined };

/** The queue of requirement 002, and one of each other kind. */
export const QUEUES: readonly MeasuredQueue[] = [
    { ...BASE, queue: "jobs", kind: "keys", redis: QUEUE },
    { ...BASE, queue: "list", kind: "list", redis: QUEUE, key: "queue:jobs" },
    {
        ...{ ...BASE, queue: "stream", kind: "stream", redis: QUEUE },
        ...{ key: "mails", group: "senders" },
    },
    {
        ...{ ...BASE, queue: "shards", kind: "keys" },
        redis: { namespace: "ode", apps: ["shards-leader", "shards-follower"], masters: 3 },
    },
];

const target = (app: string, pod: string) => ({
    namespace: "ode",
    app,
    pod,
    job: `${app}-metrics`,
    instance: `${pod}:9121`,
    redis_setup_type: app === "queue" ? "replication" : "cluster",
});

/** What the exporter of a pod tells, beside its role. */
function pod(
    name: string,
    role: "master" | "slave",
    values: Readonly<Record<string, History>>,
    app = "queue",
): Series[] {
    const labels = target(app, name);
    return [
        series("redis_up", labels, 1),
        series("redis_instance_info", { ...labels, role }, 1),
        ...Object.entries(values).map(([metric, over]) => {
            const own = /\{(.*)\}/.exec(metric)?.[1] ?? "";
            const more = Object.fromEntries(
                [...own.matchAll(/(\w+)=([^,]+)/g)].map(([, key = "", value = ""]) => [key, value]),
            );
            return series(metric.replace(/\{.*/, ""), { ...labels, ...more }, over);
        }),
    ];
}

const KEYS = "redis_db_keys{db=db0}";
const recorded = (queue: string) => ({ namespace: "ode", application: "ode-worker", queue });
const unknown = (queue: string, apps: string): ExpectedAlert => ({
    labels: recorded(queue),
    summary: "Nobody knows what waits for ode/ode-worker",
    description: `Redis ode/${apps} answers, and for 10m the queue ${queue} of ode-worker has had no value: its autoscaler leaves the pods as they are.`,
});

const api = (name: string, over: History): Series =>
    series(
        "aggregator_unavailable_apiservice",
        { job: "apiserver", name, instance: "a:6443" },
        over,
    );

const KEDA = {
    job: "keda-operator",
    pod: "keda-operator-0",
    instance: "10.0.0.1:8080",
    namespace: "ode",
};
/** Errors so many a minute from a time on. */
const failing = (over: History): Series =>
    series(
        "keda_scaler_detail_errors_total",
        {
            ...KEDA,
            ...{ scaledObject: "ode-worker", scaler: "prometheusScaler", triggerIndex: "0" },
            ...{ metric: "s0-prometheus", type: "scaledobject" },
        },
        over,
    );
const empty = (over: History): Series =>
    series(
        "keda_scaler_empty_upstream_responses_total",
        {
            ...KEDA,
            ...{ scaledResource: "ode-worker", resourceType: "ScaledObject" },
            ...{ triggerName: "jobs", metricName: "s0-prometheus", ignoreNullValues: "false" },
        },
        over,
    );

const MASTER = { [KEYS]: 105, "redis_key_size{db=db0,key=queue:jobs}": 7 };

/** What autoscalers read: every kind of queue, where two replicas have the same once more. */
export const queueCases: readonly RecordCase[] = [
    {
        record: "application:queue_length:sum",
        title: "what waits is counted on the masters, each part of it once",
        series: [
            ...pod("queue-0", "master", {
                ...MASTER,
                "redis_db_keys{db=db1}": 1000,
                "redis_stream_group_lag{db=db0,stream=mails,group=senders}": 3,
                "redis_stream_group_lag{db=db0,stream=mails,group=others}": 1000,
            }),
            ...pod("queue-1", "slave", { ...MASTER }),
            ...pod("queue-2", "slave", { [KEYS]: 104 }),
            ...[0, 1, 2].flatMap((i) => [
                ...pod(`shards-leader-${i}`, "master", { [KEYS]: 10 + i }, "shards-leader"),
                ...pod(`shards-follower-${i}`, "slave", { [KEYS]: 10 + i }, "shards-follower"),
            ]),
            // Another instance, whose name begins alike.
            ...pod("queue-b-0", "master", { ...MASTER }, "queue-b"),
        ],
        at: "1m",
        samples: [
            { labels: recorded("jobs"), value: 105 },
            { labels: recorded("list"), value: 7 },
            { labels: recorded("stream"), value: 3 },
            { labels: recorded("shards"), value: 33 },
        ],
    },
    {
        record: "application:queue_length:sum",
        title: "nothing is said while masters are more or fewer than they should be",
        series: [
            // Two call themselves master, as before Sentinel has told the old one.
            ...pod("queue-0", "master", { ...MASTER }),
            ...pod("queue-1", "master", { ...MASTER }),
            // One leader of three is not scraped.
            ...pod("shards-leader-0", "master", { [KEYS]: 10 }, "shards-leader"),
            ...pod("shards-leader-1", "master", { [KEYS]: 11 }, "shards-leader"),
        ],
        at: "1m",
        samples: [],
    },
];

/** What is told of autoscalers' metrics. */
export const autoscalingCases: readonly AlertCase[] = [
    firing("AutoscalingQueueUnknown", "Redis answers, and its exporter no longer tells the keys", {
        series: [
            ...pod("queue-0", "master", { ...MASTER, [KEYS]: from("5m", "gone", 7) }),
            series(
                "redis_stream_group_lag",
                { ...target("queue", "queue-0"), db: "db0", stream: "mails", group: "senders" },
                0,
            ),
        ],
        severity: "warning",
        at: "15m",
        alerts: [unknown("jobs", "queue")],
        until: "1h",
    }),
    quiet("AutoscalingQueueUnknown", "a failover is over within 10 minutes", {
        series: [
            ...pod("queue-0", "master", {
                ...MASTER,
                [KEYS]: between("5m", "14m", "gone", 7),
                "redis_stream_group_lag{db=db0,stream=mails,group=senders}": 0,
            }),
        ],
        until: "1h",
    }),
    quiet("AutoscalingQueueUnknown", "Redis is down, which RedisInstanceDown tells", {
        series: [series("redis_up", target("queue", "queue-0"), 0)],
        until: "1h",
    }),
    firing("AutoscalingUnavailable", "the API server does not reach who answers", {
        series: [
            api("v1beta1.external.metrics.k8s.io", from("5m", 1, 0)),
            api("v1beta1.custom.metrics.k8s.io", 0),
            api("v1beta1.metrics.k8s.io", 1),
        ],
        severity: "warning",
        at: "10m",
        alerts: [
            {
                labels: { namespace: "autoscaling", name: "v1beta1.external.metrics.k8s.io" },
                summary:
                    "Autoscalers get no metrics: v1beta1.external.metrics.k8s.io is not available",
                description:
                    "The API server has not reached whoever answers for v1beta1.external.metrics.k8s.io for 5m: no application is scaled by what waits for it.",
            },
        ],
        until: "1h",
    }),
    quiet("AutoscalingUnavailable", "its pods restart", {
        series: [api("v1beta1.external.metrics.k8s.io", between("5m", "9m", 1, 0))],
        until: "1h",
    }),
    firing("AutoscalingErrors", "KEDA does not reach Prometheus", {
        series: [failing({ from: 0, perMinute: 2 }), empty(0)],
        severity: "warning",
        // The first increase is seen with the second sample.
        at: "630s",
        alerts: [
            {
                labels: { namespace: "ode", scaledObject: "ode-worker" },
                summary: "KEDA cannot read what scales ode/ode-worker",
                description:
                    "Scalers of ode/ode-worker have failed 10 times within 5m, and for 10m: the pods are left as they are.",
            },
        ],
        until: "1h",
    }),
    quiet("AutoscalingErrors", "there is no value, which AutoscalingQueueUnknown tells", {
        series: [failing({ from: 0, perMinute: 2 }), empty({ from: 0, perMinute: 2 })],
        until: "1h",
    }),
    quiet("AutoscalingErrors", "there were errors for some minutes, and are none any more", {
        series: [
            failing([
                ["5m", { from: 0, perMinute: 2 }],
                ["4h", 10],
            ]),
            empty(0),
        ],
        until: "1h",
    }),
];
