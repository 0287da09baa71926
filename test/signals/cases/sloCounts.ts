import { NAMESPACES } from "../../../components/stack/namespaceNames";
import { ENVIRONMENT, RecordCase, TEAM } from "../alertCase";
import { info, ofApp, target } from "../redisWorld";
import { Climb, Series, series } from "../timeline";
import { ODE_API } from "./applications";

type Labels = Readonly<Record<string, string>>;
type Samples = RecordCase["samples"];

/** What an indicator counts in a scenario. */
function counts(
    slo: string,
    title: string,
    scenario: readonly Series[],
    errors: Samples,
    events: Samples,
): RecordCase[] {
    const named = (samples: Samples): Samples =>
        samples.map(({ labels, value }) => ({ labels: { ...labels, slo }, value }));
    const common = { slo, title: `${slo}: ${title}`, series: scenario, at: "20m" };
    return [
        { ...common, record: "slo:sli_errors:rate", samples: named(errors) },
        { ...common, record: "slo:sli_events:rate", samples: named(events) },
    ];
}

/** And the same in another namespace. */
function withStrangers(all: readonly Series[]): Series[] {
    return [
        ...all,
        ...all.map((each) => ({ ...each, labels: { ...each.labels, namespace: "other" } })),
    ];
}

const owned = (app: string) => ({ ...ofApp(app), environment: ENVIRONMENT, team: TEAM });
const REPLICA = { master_host: "10.0.0.1", master_port: "6379" };
const node = (metric: string, app: string, value: number): Series[] =>
    [0, 1, 2].map((i) => series(metric, target(app, i), value));

/** A single Redis serves, a replication has no master, and a cluster misses slots. */
const availability = counts(
    "redis-availability",
    "what clients can read and write counts, not the number of pods",
    withStrangers([
        series("redis_up", target("cache", 0), 1),
        ...[0, 1, 2].map((i) => series("redis_up", target("orders", i), i < 2 ? 1 : 0)),
        ...[0, 1].map((i) =>
            series("redis_instance_info", { ...target("orders", i), ...info("slave") }, 1),
        ),
        series("redis_master_link_up", { ...target("orders", 1), ...REPLICA }, 0),
        series("redis_up", target("sessions", 0), 1),
        series("redis_instance_info", { ...target("sessions", 0), ...info("master") }, 1),
        ...node("redis_up", "carts-leader", 1),
        ...node("redis_cluster_state", "carts-leader", 1),
        ...node("redis_cluster_slots_ok", "carts-leader", 16000),
    ]),
    ["cache", "orders", "sessions", "carts"].map((app) => ({
        labels: owned(app),
        value: app === "orders" || app === "carts" ? 1 : 0,
    })),
    ["cache", "orders", "sessions", "carts"].map((app) => ({ labels: owned(app), value: 1 })),
);

const unknown = counts(
    "redis-availability",
    "of what nobody sees nothing is counted, and what has not come in a quarter of an hour is down",
    [series("up", target("cache", 0), 0), series("redis_up", target("sessions-sentinel", 0), 1)],
    ["orders", "sessions", "carts"].map((app) => ({ labels: owned(app), value: 1 })),
    ["orders", "sessions", "carts"].map((app) => ({ labels: owned(app), value: 1 })),
);

/** So many each second. */
const perSecond = (count: number): Climb => ({ from: 0, perMinute: count * 60 });

const failed = (app: string, i: number, err: string, count: number): Series =>
    series("redis_errors_total", { ...target(app, i), err }, perSecond(count));
const commands = counts(
    "redis-commands",
    "errors of the service, and none of clients or Sentinels",
    withStrangers([
        ...["carts-leader", "carts-follower", "sessions-sentinel"].flatMap((app) => [
            series("redis_commands_processed_total", target(app, 0), perSecond(16)),
            series("redis_commands_processed_total", target(app, 1), perSecond(64)),
            failed(app, 0, "OOM", 1),
            failed(app, 1, "LOADING", 2),
            failed(app, 1, "WRONGTYPE", 8),
            failed(app, 1, "NOSCRIPT", 8),
        ]),
        series("redis_commands_processed_total", target("cache", 0), perSecond(4)),
    ]),
    [
        { labels: owned("carts"), value: 6 },
        { labels: owned("cache"), value: 0 },
    ],
    [
        { labels: owned("carts"), value: 166 },
        { labels: owned("cache"), value: 4 },
    ],
);

const timed = (part: string, count: number, more: Labels = {}): Series =>
    series(
        `redis_commands_latencies_usec_${part}`,
        { ...target("cache", 0), cmd: "get", ...more },
        perSecond(count),
    );
/** What no application waits for, and none of it fast. */
const ofOperation = ["info", "ping", "psync", "config|get", "latency|histogram"].map((cmd) =>
    timed("count", 16, { cmd }),
);
const latency = counts(
    "redis-latency",
    "commands of clients above the last fast bucket are errors",
    withStrangers([
        timed("count", 64),
        timed("bucket", 32, { le: "8" }),
        timed("bucket", 60, { le: "264" }),
        timed("bucket", 64, { le: "67633" }),
        ...ofOperation,
    ]),
    [{ labels: owned("cache"), value: 4 }],
    [{ labels: owned("cache"), value: 64 }],
);

const health = (color: string, value: number): Series =>
    series("elasticsearch_cluster_health_status", { namespace: NAMESPACES.logging, color }, value);
const logging: Labels = { namespace: NAMESPACES.logging };
interface Health {
    readonly title: string;
    readonly colors: Readonly<Record<string, number>>;
    readonly errors: number;
}
const HEALTHS: readonly Health[] = [
    { title: "green is good", colors: { green: 1, yellow: 0, red: 0 }, errors: 0 },
    { title: "yellow is good", colors: { green: 0, yellow: 1, red: 0 }, errors: 0 },
    { title: "red is an error", colors: { green: 0, yellow: 0, red: 1 }, errors: 1 },
    { title: "no answer is an error", colors: {}, errors: 1 },
];
const elasticsearch = HEALTHS.flatMap(({ title, colors, errors }) =>
    counts(
        "elasticsearch-availability",
        title,
        [
            ...Object.entries(colors).map(([color, value]) => health(color, value)),
            series("up", { ...logging, job: "elasticsearch-exporter", pod: "e" }, 1),
            series(
                "elasticsearch_cluster_health_status",
                { namespace: "other", color: "green" },
                1,
            ),
        ],
        [{ labels: logging, value: errors }],
        [{ labels: logging, value: 1 }],
    ),
);

const records = (counter: string, pod: string, count: number): Series =>
    series(
        `fluentbit_output_${counter}_records_total`,
        { ...logging, pod, name: "instance" },
        perSecond(count),
    );
const logs = [
    ...counts(
        "log-delivery",
        "what every node has dropped is an error",
        withStrangers([
            records("proc", "a", 16),
            records("proc", "b", 32),
            records("dropped", "a", 1),
            records("dropped", "b", 2),
        ]),
        [{ labels: logging, value: 3 }],
        [{ labels: logging, value: 51 }],
    ),
    ...counts(
        "log-delivery",
        "nothing is dropped, and no counter says so",
        withStrangers([records("proc", "a", 16)]),
        [{ labels: logging, value: 0 }],
        [{ labels: logging, value: 16 }],
    ),
];

const tracing: Labels = { namespace: NAMESPACES.tracing };
const spans = (counter: string, count: number): Series =>
    series(`otelcol_${counter}_spans_total`, { ...tracing, pod: "a" }, perSecond(count));
const bulk = (counter: string, count: number): Series =>
    series(
        `jaeger_storage_bulk_index_${counter}_total`,
        { ...tracing, pod: "a" },
        perSecond(count),
    );
const bulkRequests = (result: string, count: number): Series =>
    series(
        `jaeger_storage_bulk_index_latency_${result}_seconds_count`,
        { ...tracing, pod: "a" },
        perSecond(count),
    );
const traces = [
    ...counts(
        "trace-delivery",
        "what was in a request that failed as a whole is an error",
        withStrangers([
            spans("receiver_accepted", 64),
            spans("exporter_sent", 64),
            bulk("attempts", 64),
            bulkRequests("err", 1),
            bulkRequests("ok", 3),
        ]),
        [{ labels: tracing, value: 16 }],
        [{ labels: tracing, value: 64 }],
    ),
    ...counts(
        "trace-delivery",
        "what counted as sent and was not stored is an error",
        withStrangers([
            spans("receiver_accepted", 64),
            spans("exporter_sent", 64),
            bulk("attempts", 128),
            bulk("errors", 32),
        ]),
        [{ labels: tracing, value: 16 }],
        [{ labels: tracing, value: 64 }],
    ),
    ...counts(
        "trace-delivery",
        "refused, not queued and not stored ones are errors",
        withStrangers([
            spans("receiver_accepted", 64),
            spans("receiver_refused", 1),
            spans("exporter_send_failed", 2),
            spans("exporter_enqueue_failed", 4),
        ]),
        [{ labels: tracing, value: 7 }],
        [{ labels: tracing, value: 65 }],
    ),
    ...counts(
        "trace-delivery",
        "nothing has ever been lost, and no counter says so",
        withStrangers([spans("receiver_accepted", 64)]),
        [{ labels: tracing, value: 0 }],
        [{ labels: tracing, value: 64 }],
    ),
];

const request = (metric: string, labels: Labels, each: number): Series =>
    series(metric, { ...ODE_API, ...labels }, perSecond(each));
const APPLICATION = { namespace: "ode", app: "ode-api" };
const applicationAvailability = counts(
    "ode-api-availability",
    "answers 5xx of all pods are errors, and nothing of others",
    withStrangers([
        request("http_requests_total", { code: "200" }, 10),
        request("http_requests_total", { code: "404" }, 4),
        request("http_requests_total", { code: "500" }, 1),
        request("http_requests_total", { code: "503", pod: "ode-api-1" }, 2),
        request("http_requests_total", { code: "500", job: "ode-worker" }, 8),
    ]),
    [{ labels: APPLICATION, value: 3 }],
    [{ labels: APPLICATION, value: 17 }],
);
const applicationNeverFailed = counts(
    "ode-api-availability",
    "before the first error there is none, and no gap",
    [request("http_requests_total", { code: "200" }, 10)],
    [{ labels: APPLICATION, value: 0 }],
    [{ labels: APPLICATION, value: 10 }],
);
const duration = (part: string, each: number, labels: Labels = {}): Series =>
    request(`http_request_duration_seconds_${part}`, labels, each);
const applicationLatency = counts(
    "ode-api-latency",
    "requests above the bound are errors",
    withStrangers([
        duration("count", 64),
        duration("bucket", 16, { le: "0.1" }),
        duration("bucket", 60, { le: "0.3" }),
        duration("bucket", 64, { le: "+Inf" }),
    ]),
    [{ labels: APPLICATION, value: 4 }],
    [{ labels: APPLICATION, value: 64 }],
);
const applicationWithoutBound = counts(
    "ode-api-latency",
    "a histogram without the bound counts nothing as slow",
    [duration("count", 64), duration("bucket", 16, { le: "0.25" })],
    [],
    [{ labels: APPLICATION, value: 64 }],
);

/** What each indicator counts at one moment. */
export const sloCountCases: readonly RecordCase[] = [
    ...applicationAvailability,
    ...applicationNeverFailed,
    ...applicationLatency,
    ...applicationWithoutBound,
    ...availability,
    ...unknown,
    ...commands,
    ...latency,
    ...elasticsearch,
    ...logs,
    ...traces,
];
