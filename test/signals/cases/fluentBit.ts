import { NAMESPACES } from "../../../components/stack/namespaceNames";
import { AlertCase, ExpectedAlert, firing, quiet } from "../alertCase";
import { between, from, Phase, Series, series, Value } from "../timeline";

type History = Value | readonly Phase[];

const NAMESPACE = NAMESPACES.logging;

/** The labels of the target of a node's pod. */
function agent(pod = "fluent-bit-a"): Record<string, string> {
    return {
        job: "fluent-bit",
        namespace: NAMESPACE,
        service: "fluent-bit",
        pod,
        container: "fluent-bit",
        endpoint: "http",
        instance: `${pod}:2020`,
        environment: "staging",
    };
}
const POD = `${NAMESPACE}/fluent-bit-a`;
/** The labels of an alert on an output. */
const OUTPUT = { namespace: NAMESPACE, pod: "fluent-bit-a", name: "instance" };

function output(metric: string, over: History, name = "instance"): Series {
    return series(`fluentbit_output_${metric}`, { ...agent(), name }, over);
}
function input(metric: string, over: History, pod?: string): Series {
    return series(
        `fluentbit_input_${metric}`,
        { ...agent(pod), name: "redis.instance.staging" },
        over,
    );
}
function filtered(over: History): Series {
    return series("fluentbit_filter_drop_records_total", { ...agent(), name: "grep.3" }, over);
}
const climb = (perMinute: number) => ({ from: 0, perMinute });

function lost(counter: string, risen: number): ExpectedAlert {
    return {
        labels: { ...OUTPUT, counter },
        summary: `Fluent Bit ${POD} loses logs`,
        description: `${counter} of the output instance of ${POD} has risen by ${risen} within 10 minutes: these logs are gone for good.`,
    };
}

const lossCases = [
    ...["dropped_records_total", "retries_failed_total", "errors_total"].map((counter) =>
        firing("FluentBitRecordsLost", `${counter} rises once`, {
            // increase() extrapolates to the whole window: 19 come out as 20.
            series: [output(counter, from("10m", 119, 100))],
            severity: "critical",
            at: "11m",
            alerts: [lost(counter, 20)],
            until: "19m",
        }),
    ),
    quiet("FluentBitRecordsLost", "all was lost long ago", {
        series: [output("dropped_records_total", 5000), output("errors_total", 3)],
        until: "1h",
    }),
    quiet("FluentBitRecordsLost", "it restarts, and its counters with it", {
        series: [output("dropped_records_total", from("10m", 0, 5000))],
        until: "1h",
    }),
    quiet("FluentBitRecordsLost", "chunks are sent again, and none is given up", {
        series: [
            output("retries_total", climb(60)),
            output("dropped_records_total", 0),
            output("retries_failed_total", 0),
        ],
        until: "1h",
    }),
];

const deliveryCases = [
    firing("FluentBitRetryStorm", "Elasticsearch refuses every chunk", {
        series: [output("retries_total", from("10m", climb(6), 0))],
        severity: "warning",
        at: "1530s",
        alerts: [
            {
                labels: OUTPUT,
                summary: `Fluent Bit ${POD} cannot deliver logs`,
                description: `Chunks of the output instance of ${POD} have been sent again for 15m, 0.10 each second: Elasticsearch does not take them, and they wait on the node.`,
            },
        ],
        until: "1h",
    }),
    quiet("FluentBitRetryStorm", "some chunks are sent again while Elasticsearch restarts", {
        series: [output("retries_total", from("10m", 9, 0))],
        until: "1h",
    }),
    quiet("FluentBitRetryStorm", "it has sent again long ago", {
        series: [output("retries_total", 5000)],
        until: "1h",
    }),
    firing("FluentBitBufferNearlyFull", "more than 80 % of the buffer are taken", {
        series: [output("chunk_available_capacity_percent", from("5m", 19.9, 100))],
        severity: "critical",
        at: "10m",
        alerts: [
            {
                labels: OUTPUT,
                summary: `The log buffer of Fluent Bit ${POD} is nearly full`,
                description: `80.1% of the buffer of the output instance of ${POD} are taken, for 5m more than 80 %: at 100 % the oldest logs are dropped.`,
            },
        ],
        until: "1h",
    }),
    quiet("FluentBitBufferNearlyFull", "less than 80 % of the buffer are taken", {
        series: [output("chunk_available_capacity_percent", 20.1)],
        until: "1h",
    }),
    quiet("FluentBitBufferNearlyFull", "it empties just before 5 minutes are over", {
        series: [output("chunk_available_capacity_percent", between("5m", "10m", 5, 100))],
        until: "1h",
    }),
    firing("FluentBitNoOutput", "it reads and delivers nothing", {
        series: [
            input("records_total", climb(60)),
            filtered(climb(30)),
            output("proc_records_total", from("10m", 100, climb(30))),
        ],
        severity: "warning",
        // The last delivery is at 9 minutes and a half, and in sight until 19 minutes.
        at: "2070s",
        alerts: [
            {
                labels: { namespace: NAMESPACE, pod: "fluent-bit-a" },
                summary: `Fluent Bit ${POD} reads logs and delivers none`,
                description: `${POD} has read 0.50 records per second that it should deliver, and has delivered none, for 15m.`,
            },
        ],
        until: "1h",
    }),
    quiet("FluentBitNoOutput", "a quiet node logs nothing", {
        series: [input("records_total", 500), filtered(0), output("proc_records_total", 500)],
        until: "1h",
    }),
    quiet("FluentBitNoOutput", "its filters drop all that it reads, as they should", {
        series: [
            input("records_total", climb(60)),
            filtered(climb(60)),
            output("proc_records_total", 0),
        ],
        until: "1h",
    }),
    quiet("FluentBitNoOutput", "one output has nothing to do and another delivers", {
        series: [
            input("records_total", climb(60)),
            filtered(0),
            output("proc_records_total", 0, "operator"),
            output("proc_records_total", climb(60)),
        ],
        until: "1h",
    }),
    quiet("FluentBitNoOutput", "it delivers again just before 15 minutes are over", {
        series: [
            input("records_total", climb(60)),
            filtered(0),
            output("proc_records_total", [
                ["10m", climb(60)],
                ["24m", 570],
                ["2h", { from: 600, perMinute: 60 }],
            ]),
        ],
        until: "1h",
    }),
    firing("FluentBitLinesSkipped", "a line is longer than the buffer", {
        series: [input("long_line_skipped_total", from("70m", 1, 0))],
        severity: "warning",
        at: "75m",
        alerts: [
            {
                labels: { ...OUTPUT, name: "redis.instance.staging" },
                summary: `Fluent Bit ${POD} skips long lines`,
                description: `The input redis.instance.staging of ${POD} has skipped 1 lines within an hour, which are longer than its buffer.`,
            },
        ],
        until: "2h",
    }),
    quiet("FluentBitLinesSkipped", "lines were skipped long ago", {
        series: [input("long_line_skipped_total", 12)],
        until: "2h",
    }),
    quiet("FluentBitLinesSkipped", "it restarts, and its counter with it", {
        series: [input("long_line_skipped_total", from("70m", 0, 12))],
        until: "2h",
    }),
];

/** Whether logs are lost, or about to be. */
export const fluentBitCases: readonly AlertCase[] = [...lossCases, ...deliveryCases];
