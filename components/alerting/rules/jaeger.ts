import { DASHBOARDS } from "../dashboardLinks";
import type { RuleGroup } from "../prometheusRule";
import type { AlertSettings } from "./settings";
import { percent, POD, UNLESS_ELASTICSEARCH_DOWN } from "./texts";

/**
 * Alerts on Jaeger v2, an OpenTelemetry Collector with storage.
 * https://opentelemetry.io/docs/collector/internal-telemetry/ and https://www.jaegertracing.io/docs/latest/operations/monitoring/
 */
export function jaegerRules(namespace: string, settings: AlertSettings): RuleGroup {
    const ns = `namespace="${namespace}"`;
    const { JaegerSpansRefused, JaegerSpansLost, JaegerQueueNearlyFull } = settings;
    const { JaegerStorageFailing } = settings;
    const errors = (matchers: string) =>
        `sum by (namespace, pod, operation) (rate(jaeger_storage_requests_total{${ns}${matchers}}[10m]))`;
    const lost = (counter: string) =>
        `sum by (namespace, pod) (rate(otelcol_exporter_${counter}_spans_total{${ns}}[5m])) > 0`;
    const bulk = (counter: string) =>
        `sum by (namespace, pod) (rate(jaeger_storage_bulk_index_${counter}_total{${ns}}[5m]))`;
    const requests = (result: string, window = "5m") =>
        `sum by (namespace, pod) (rate(jaeger_storage_bulk_index_latency_${result}_seconds_count{${ns}}[${window}]))`;
    // "Sent" is in a buffer of the writer's. What becomes of it, only its requests tell: documents that are refused in an
    // answer are errors, those of a request that fails as a whole count as inserted, and the request as failed.
    const sent = `sum by (namespace, pod) (rate(otelcol_exporter_sent_spans_total{${ns}}[5m]))`;
    const failedRequests = (window: string) =>
        `${requests("err", window)} / (${requests("err", window)} + ${requests("ok", window)} or ${requests("err", window)})`;
    const unstored = `${sent} * ${bulk("errors")} / ${bulk("attempts")} > 0 or ${sent} * ${failedRequests("5m")} > 0`;
    const dashboard = DASHBOARDS.traces;
    return {
        name: "jaeger",
        rules: [
            {
                alert: "JaegerSpansRefused",
                expr: `sum by (namespace, pod) (rate(otelcol_receiver_refused_spans_total{${ns}}[5m])) > ${JaegerSpansRefused.perSecond} ${UNLESS_ELASTICSEARCH_DOWN}`,
                summary: `Jaeger ${POD} refuses spans`,
                description: `${POD} has refused {{ $value | printf "%.2f" }} spans per second for ${JaegerSpansRefused.for}: clients that do not try again lose them.`,
                dashboard,
            },
            {
                alert: "JaegerSpansLost",
                expr: `(${lost("send_failed")} or ${lost("enqueue_failed")} or ${unstored}) ${UNLESS_ELASTICSEARCH_DOWN}`,
                summary: `Jaeger ${POD} loses spans`,
                description: `${POD} has lost {{ $value | printf "%.2f" }} spans per second for ${JaegerSpansLost.for}: Elasticsearch did not take them, or the queue was full.`,
                dashboard,
            },
            {
                alert: "JaegerQueueNearlyFull",
                expr: `max by (namespace, pod, exporter) (otelcol_exporter_queue_size{${ns}} / (otelcol_exporter_queue_capacity{${ns}} > 0)) > ${JaegerQueueNearlyFull.share} ${UNLESS_ELASTICSEARCH_DOWN}`,
                summary: `The queue of Jaeger ${POD} is nearly full`,
                description: `{{ $value | humanizePercentage }} of the queue of {{ $labels.exporter }} in ${POD} are taken, for ${JaegerQueueNearlyFull.for} more than ${percent(JaegerQueueNearlyFull.share)}: at 100 % spans are lost.`,
                dashboard,
            },
            {
                alert: "JaegerStorageFailing",
                expr: `(${errors(', result="err"')} / ${errors("")} > ${JaegerStorageFailing.share} or sum by (namespace, pod) (rate(jaeger_storage_bulk_index_errors_total{${ns}}[10m])) / sum by (namespace, pod) (rate(jaeger_storage_bulk_index_attempts_total{${ns}}[10m])) > ${JaegerStorageFailing.share} or ${failedRequests("10m")} > ${JaegerStorageFailing.share}) ${UNLESS_ELASTICSEARCH_DOWN}`,
                summary: `Elasticsearch refuses what Jaeger ${POD} asks`,
                description: `{{ $value | humanizePercentage }} of the requests of ${POD} to its storage have failed for ${JaegerStorageFailing.for}{{ with $labels.operation }}, at {{ . }}{{ end }}.`,
                dashboard,
            },
        ],
    };
}
