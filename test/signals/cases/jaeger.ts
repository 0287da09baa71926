import { NAMESPACES } from "../../../components/stack/namespaceNames";
import { AlertCase, ExpectedAlert, firing, quiet } from "../alertCase";
import { between, from, Phase, Series, series, Value } from "../timeline";

type History = Value | readonly Phase[];

const NAMESPACE = NAMESPACES.tracing;
const POD = `${NAMESPACE}/jaeger-collector-a`;
const COLLECTOR = {
    job: "jaeger-collector",
    namespace: NAMESPACE,
    service: "jaeger-collector",
    pod: "jaeger-collector-a",
    container: "jaeger",
    endpoint: "metrics",
    instance: "10.0.4.1:8888",
    environment: "staging",
};
const ofPod = { namespace: NAMESPACE, pod: COLLECTOR.pod };

const climb = (perMinute: number) => ({ from: 0, perMinute });

function refused(over: History, transport = "grpc"): Series {
    const labels = { receiver: "otlp", transport };
    return series("otelcol_receiver_refused_spans_total", { ...COLLECTOR, ...labels }, over);
}
function exporter(metric: string, over: History, labels: Record<string, string> = {}): Series {
    const own = { exporter: "jaeger_storage_exporter", ...labels };
    return series(`otelcol_exporter_${metric}`, { ...COLLECTOR, ...own }, over);
}
const queue = (size: History, capacity: Value = 1000) => [
    exporter("queue_size", size, { data_type: "traces" }),
    exporter("queue_capacity", capacity, { data_type: "traces" }),
];
function requests(result: "ok" | "err", over: History): Series {
    const labels = { name: "elasticsearch", role: "tracestore", operation: "find_traces", result };
    return series("jaeger_storage_requests_total", { ...COLLECTOR, ...labels }, over);
}
function bulk(metric: "attempts" | "errors", over: History): Series {
    const labels = { name: "elasticsearch", role: "tracestore" };
    return series(`jaeger_storage_bulk_index_${metric}_total`, { ...COLLECTOR, ...labels }, over);
}

function bulkRequests(result: "ok" | "err", over: History): Series {
    const labels = { name: "elasticsearch", role: "tracestore" };
    const metric = `jaeger_storage_bulk_index_latency_${result}_seconds_count`;
    return series(metric, { ...COLLECTOR, ...labels }, over);
}

const failing = (share: string, operation?: string): ExpectedAlert => ({
    labels: { ...ofPod, ...(operation ? { operation } : {}) },
    summary: `Elasticsearch refuses what Jaeger ${POD} asks`,
    description: `${share} of the requests of ${POD} to its storage have failed for 10m${operation ? `, at ${operation}` : ""}.`,
});
const lost: ExpectedAlert = {
    labels: ofPod,
    summary: `Jaeger ${POD} loses spans`,
    description: `${POD} has lost 1.00 spans per second for 5m: Elasticsearch did not take them, or the queue was full.`,
};

/** Whether spans reach Elasticsearch, and searches their answer. */
export const jaegerCases: readonly AlertCase[] = [
    firing("JaegerSpansRefused", "the memory limiter refuses what comes", {
        series: [refused(from("5m", climb(60), 0)), refused(0, "http")],
        severity: "warning",
        at: "630s",
        alerts: [
            {
                labels: ofPod,
                summary: `Jaeger ${POD} refuses spans`,
                description: `${POD} has refused 1.00 spans per second for 5m: clients that do not try again lose them.`,
            },
        ],
        until: "1h",
    }),
    quiet("JaegerSpansRefused", "a burst is refused once", {
        series: [refused(from("5m", 9000, 100))],
        until: "1h",
    }),
    quiet("JaegerSpansRefused", "it restarts, and its counter with it", {
        series: [refused(from("5m", 0, 9000))],
        until: "1h",
    }),
    ...["send_failed", "enqueue_failed"].map((counter) =>
        firing("JaegerSpansLost", `${counter} rises all the time`, {
            series: [
                exporter(`${counter}_spans_total`, climb(30), { error_type: "a" }),
                exporter(`${counter}_spans_total`, climb(30), { error_type: "b" }),
            ],
            severity: "warning",
            at: "330s",
            alerts: [lost],
            until: "1h",
        }),
    ),
    firing("JaegerSpansLost", "Elasticsearch refuses half of what counts as sent", {
        series: [
            exporter("sent_spans_total", climb(120)),
            // A span is a document, and so are its service and its operation.
            bulk("attempts", climb(240)),
            bulk("errors", climb(120)),
        ],
        severity: "warning",
        at: "330s",
        alerts: [lost],
        until: "1h",
    }),
    firing("JaegerSpansLost", "Elasticsearch fails half of the requests as a whole", {
        series: [
            exporter("sent_spans_total", climb(120)),
            bulk("attempts", climb(120)),
            bulk("errors", 0),
            bulkRequests("err", climb(30)),
            bulkRequests("ok", climb(30)),
        ],
        severity: "warning",
        at: "330s",
        alerts: [lost],
        until: "1h",
    }),
    firing("JaegerStorageFailing", "every request to write fails as a whole", {
        series: [bulk("attempts", climb(120)), bulk("errors", 0), bulkRequests("err", climb(30))],
        severity: "warning",
        at: "630s",
        alerts: [failing("100%")],
        until: "1h",
    }),
    quiet("JaegerSpansLost", "everything that counts as sent is stored, or nothing is sent", {
        series: [
            exporter("sent_spans_total", climb(120)),
            bulk("attempts", from("30m", climb(240), 0)),
            bulk("errors", 7),
        ],
        until: "1h",
    }),
    quiet("JaegerSpansLost", "some were lost while Elasticsearch restarted", {
        series: [
            exporter("send_failed_spans_total", from("10m", 500, 0)),
            exporter("enqueue_failed_spans_total", from("10m", 500, 0)),
        ],
        until: "1h",
    }),
    quiet("JaegerSpansLost", "it restarts, and its counters with it", {
        series: [exporter("send_failed_spans_total", from("10m", 0, 5000))],
        until: "1h",
    }),
    firing("JaegerQueueNearlyFull", "more than 80 % of the queue are taken", {
        series: queue(from("5m", 801, 10)),
        severity: "warning",
        at: "10m",
        alerts: [
            {
                labels: { ...ofPod, exporter: "jaeger_storage_exporter" },
                summary: `The queue of Jaeger ${POD} is nearly full`,
                description: `80.1% of the queue of jaeger_storage_exporter in ${POD} are taken, for 5m more than 80 %: at 100 % spans are lost.`,
            },
        ],
        until: "1h",
    }),
    quiet("JaegerQueueNearlyFull", "exactly 80 % of the queue are taken", {
        series: queue(800),
        until: "1h",
    }),
    quiet("JaegerQueueNearlyFull", "it empties just before 5 minutes are over", {
        series: queue(between("5m", "10m", 900, 10)),
        until: "1h",
    }),
    quiet("JaegerQueueNearlyFull", "there is no queue", { series: queue(0, 0), until: "1h" }),
    firing("JaegerStorageFailing", "more than 5 % of the searches fail", {
        series: [requests("err", climb(0.51)), requests("ok", climb(9.49))],
        severity: "warning",
        at: "630s",
        alerts: [failing("5.1%", "find_traces")],
        until: "1h",
    }),
    firing("JaegerStorageFailing", "more than 5 % of the writes fail", {
        series: [bulk("errors", climb(0.51)), bulk("attempts", climb(10))],
        severity: "warning",
        at: "630s",
        alerts: [failing("5.1%")],
        until: "1h",
    }),
    quiet("JaegerStorageFailing", "less than 5 % fail", {
        series: [
            requests("err", climb(0.49)),
            requests("ok", climb(9.51)),
            bulk("errors", climb(0.49)),
            bulk("attempts", climb(10)),
        ],
        until: "1h",
    }),
    quiet("JaegerStorageFailing", "all fails for less than 10 minutes", {
        series: [
            requests("err", [
                ["10m", 0],
                ["30s", 20],
                ["3h", 20],
            ]),
            requests("ok", climb(60)),
        ],
        until: "1h",
    }),
    quiet("JaegerStorageFailing", "nobody searches, and nothing is written", {
        series: [requests("err", 5), requests("ok", 5), bulk("errors", 5), bulk("attempts", 5)],
        until: "1h",
    }),
];
