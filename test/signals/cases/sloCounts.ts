import { NAMESPACES } from "../../../components/stack/namespaceNames";
import type { RecordCase } from "../alertCase";
import { DECLARED, NAMESPACE, target } from "../redisWorld";
import { Climb, Phase, Series, series, Value } from "../timeline";

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
    const common = { slo, title: `${slo}: ${title}`, series: scenario, at: "10m" };
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

const upOf = (app: string, index: number, over: Value | readonly Phase[]): Series =>
    series("redis_up", target(app, index), over);
const workloads = DECLARED.filter(({ app }) => app !== "sessions-sentinel");
const ofEach = (value: (app: string, pods: number) => number): Samples =>
    workloads.map(({ app, pods }) => ({
        labels: { namespace: NAMESPACE, app },
        value: value(app, pods),
    }));

/** In each workload the first pod answers, the second does not, and the third is not there. */
const availability = counts(
    "redis-availability",
    "a pod that does not answer and one that is gone are errors",
    withStrangers(
        DECLARED.flatMap(({ app, pods }) =>
            [upOf(app, 0, 1), upOf(app, 1, 0)].slice(0, Math.min(2, pods)),
        ),
    ),
    ofEach((_, pods) => pods - 1),
    ofEach((_, pods) => pods),
);

const gone = counts(
    "redis-availability",
    "with no pod left at all, all are errors",
    [],
    ofEach((_, pods) => pods),
    ofEach((_, pods) => pods),
);

/** So many each second. */
const perSecond = (count: number): Climb => ({ from: 0, perMinute: count * 60 });

const command = (counter: string, app: string, cmd: string, count: number): Series =>
    series(`redis_commands_${counter}_total`, { ...target(app, 0), cmd }, perSecond(count));
const commands = counts(
    "redis-commands",
    "rejected and failed ones of every command, apart from what Sentinels do",
    withStrangers(
        ["orders", "sessions-sentinel"].flatMap((app) => [
            command("rejected_calls", app, "get", 1),
            command("rejected_calls", app, "set", 2),
            command("failed_calls", app, "set", 8),
            series("redis_commands_total", { ...target(app, 0), cmd: "get" }, perSecond(16)),
            series("redis_commands_total", { ...target(app, 0), cmd: "set" }, perSecond(64)),
        ]),
    ),
    [{ labels: { namespace: NAMESPACE, app: "orders" }, value: 11 }],
    [{ labels: { namespace: NAMESPACE, app: "orders" }, value: 83 }],
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

/** What each indicator counts at one moment. */
export const sloCountCases: readonly RecordCase[] = [
    ...availability,
    ...gone,
    ...commands,
    ...elasticsearch,
    ...logs,
    ...traces,
];
