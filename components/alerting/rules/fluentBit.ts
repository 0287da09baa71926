import { DASHBOARDS } from "../dashboardLinks";
import type { RuleGroup } from "../prometheusRule";
import type { AlertSettings } from "./settings";
import { percent, POD, UNLESS_ELASTICSEARCH_DOWN } from "./texts";

const OUTPUT = `the output {{ $labels.name }} of ${POD}`;

/** Alerts on Fluent Bit, loss first. https://docs.fluentbit.io/manual/administration/monitoring */
export function fluentBitRules(namespace: string, settings: AlertSettings): RuleGroup {
    const ns = `namespace="${namespace}"`;
    const { FluentBitRetryStorm, FluentBitBufferNearlyFull } = settings;
    const { FluentBitNoOutput, FluentBitLinesSkipped } = settings;
    const dashboard = DASHBOARDS.logs;
    // An output of a pod, at whatever address it is scraped.
    const perOutput = (expression: string, operator = "max") =>
        `${operator} by (namespace, pod, name) (${expression})`;
    const lost = (counter: string) =>
        `label_replace(${perOutput(`increase(fluentbit_output_${counter}{${ns}}[10m])`)} > 0, "counter", "${counter}", "namespace", ".*")`;
    const records = (counter: string) =>
        `sum by (namespace, pod) (rate(fluentbit_${counter}_total{${ns}}[10m]))`;
    return {
        name: "fluent-bit",
        rules: [
            {
                alert: "FluentBitRecordsLost",
                // Without a limit of retries the second never rises; what a full buffer evicts is in the first.
                expr: `(${lost("dropped_records_total")} or ${lost("retries_failed_total")} or ${lost("errors_total")}) ${UNLESS_ELASTICSEARCH_DOWN}`,
                summary: `Fluent Bit ${POD} loses logs`,
                description: `{{ $labels.counter }} of ${OUTPUT} has risen by {{ $value | printf "%.0f" }} within 10 minutes: these logs are gone for good.`,
                dashboard,
            },
            {
                alert: "FluentBitRetryStorm",
                expr: `${perOutput(`rate(fluentbit_output_retries_total{${ns}}[10m])`)} > ${FluentBitRetryStorm.perSecond} ${UNLESS_ELASTICSEARCH_DOWN}`,
                summary: `Fluent Bit ${POD} cannot deliver logs`,
                description: `Chunks of ${OUTPUT} have been sent again for ${FluentBitRetryStorm.for}, {{ $value | printf "%.2f" }} each second: Elasticsearch does not take them, and they wait on the node.`,
                dashboard,
            },
            {
                alert: "FluentBitBufferNearlyFull",
                expr: `1 - ${perOutput(`fluentbit_output_chunk_available_capacity_percent{${ns}}`, "min")} / 100 > ${FluentBitBufferNearlyFull.share} ${UNLESS_ELASTICSEARCH_DOWN}`,
                summary: `The log buffer of Fluent Bit ${POD} is nearly full`,
                description: `{{ $value | humanizePercentage }} of the buffer of ${OUTPUT} are taken, for ${FluentBitBufferNearlyFull.for} more than ${percent(FluentBitBufferNearlyFull.share)}: at 100 % the oldest logs are dropped.`,
                dashboard,
            },
            {
                alert: "FluentBitNoOutput",
                // What filters drop on purpose never gets to an output.
                expr: `${records("input_records")} - ${records("filter_drop_records")} > 0 unless ${records("output_proc_records")} > 0 ${UNLESS_ELASTICSEARCH_DOWN}`,
                summary: `Fluent Bit ${POD} reads logs and delivers none`,
                description: `${POD} has read {{ $value | printf "%.2f" }} records per second that it should deliver, and has delivered none, for ${FluentBitNoOutput.for}.`,
                dashboard,
            },
            {
                alert: "FluentBitLinesSkipped",
                expr: `${perOutput(`increase(fluentbit_input_long_line_skipped_total{${ns}}[1h])`)} > ${FluentBitLinesSkipped.lines}`,
                summary: `Fluent Bit ${POD} skips long lines`,
                description: `The input {{ $labels.name }} of ${POD} has skipped {{ $value | printf "%.0f" }} lines within an hour, which are longer than its buffer.`,
                dashboard,
            },
        ],
    };
}
