import {
    DashboardContext,
    DashboardDefinition,
    logQuery,
    logsLink,
    runbooks,
    tracesLink,
} from "../definition";
import { stat, table, timeseries, worseFrom } from "../model/panels";
import { now, query, top } from "../model/queries";
import { places, IN_PLACE, valuesOf } from "../model/variables";
import { containerPanels } from "./containers";
import { alertMarks, firingTable } from "./firing";

const ALERTS = 'alertname=~"Jaeger.*|ElasticsearchUnreachable"';

function expressions({ namespaces }: DashboardContext) {
    const here = `${IN_PLACE}, namespace="${namespaces.tracing}"`;
    const zero = (expression: string) => `(${expression} or vector(0))`;
    // A counter of OpenTelemetry is not there before it has counted once.
    const of = (window: string) => {
        const rate = (counter: string) => `sum(rate(${counter}{${here}}[${window}]))`;
        const spans = (counter: string) => rate(`otelcol_${counter}_spans_total`);
        const sent = spans("exporter_sent");
        const requests = (result: string) =>
            zero(rate(`jaeger_storage_bulk_index_latency_${result}_seconds_count`));
        // As the objective `trace-delivery` counts: "sent" is in a buffer, and what becomes of it, only its requests tell.
        const refusedByStorage = zero(
            `${sent} * ${rate("jaeger_storage_bulk_index_errors_total")} / (${rate("jaeger_storage_bulk_index_attempts_total")} > 0)`,
        );
        const failedRequests = zero(
            `${sent} * ${requests("err")} / (${requests("err")} + ${requests("ok")} > 0)`,
        );
        const failed = `${zero(spans("exporter_send_failed"))} + ${zero(spans("exporter_enqueue_failed"))}`;
        const unstored = `${refusedByStorage} + ${failedRequests}`;
        const refused = zero(spans("receiver_refused"));
        return {
            accepted: spans("receiver_accepted"),
            refused,
            sent,
            stored: `${sent} - (${unstored})`,
            lost: `${refused} + ${failed} + ${unstored}`,
        };
    };
    return {
        here,
        of,
        queue: `max by (namespace, pod, exporter) (otelcol_exporter_queue_size{${here}} / (otelcol_exporter_queue_capacity{${here}} > 0))`,
        storage: (matchers: string, by: string, window: string) =>
            `sum by (${by}) (rate(jaeger_storage_requests_total{${here}${matchers}}[${window}]))`,
        calls: `${IN_PLACE}, namespace="${namespaces.tracing}", service_name=~"$service"`,
    };
}

export const tracesPipeline: DashboardDefinition = {
    uid: "traces-pipeline",
    title: "Platform / Traces",
    description: "Whether spans arrive and are really stored, and which services send them.",
    tags: ["platform"],
    needs: ["tracing"],
    content: (context) => {
        const { alerts } = context;
        const x = expressions(context);
        const [last, over] = [x.of("5m"), x.of("$__rate_interval")];
        const kinds = 'span_kind="SPAN_KIND_SERVER"';
        return {
            variables: [
                ...places("otelcol_process_uptime_seconds_total"),
                valuesOf({
                    name: "service",
                    label: "Service",
                    series: `traces_span_metrics_calls_total{${IN_PLACE}}`,
                    values: "service_name",
                }),
            ],
            annotations: [alertMarks(`${IN_PLACE}, ${ALERTS}`)],
            links: [
                ...tracesLink(context, "${service}"),
                ...logsLink(
                    context,
                    logQuery({ namespace: context.namespaces.tracing }),
                    "containers",
                ),
            ],
            rows: [
                {
                    panels: [
                        stat({
                            title: "Lost",
                            description:
                                "Share of the spans of 5 minutes that were refused, not sent or not stored.",
                            unit: "percentunit",
                            queries: [
                                now(`(${last.lost}) / (${last.accepted} + ${last.refused} > 0)`),
                            ],
                            thresholds: worseFrom([0.000001, "red"]),
                            noValue: "no spans",
                            links: runbooks(context, "JaegerSpansLost", "JaegerSpansRefused"),
                        }),
                        stat({
                            title: "Accepted",
                            description: "Spans per second that collectors took.",
                            unit: "ops",
                            queries: [now(last.accepted)],
                            plain: true,
                            noValue: "no spans",
                        }),
                        stat({
                            title: "Refused",
                            description:
                                "Spans per second that collectors did not take: clients that do not try again lose them. Red is where JaegerSpansRefused fires.",
                            unit: "ops",
                            queries: [now(last.refused)],
                            thresholds: worseFrom([
                                Math.max(alerts.JaegerSpansRefused.perSecond, 0.000001),
                                "red",
                            ]),
                            links: runbooks(context, "JaegerSpansRefused"),
                        }),
                        stat({
                            title: "Stored",
                            description: "Spans per second that Elasticsearch has taken.",
                            unit: "ops",
                            queries: [now(last.stored)],
                            plain: true,
                            noValue: "no spans",
                        }),
                        stat({
                            title: "Fullest queue",
                            description:
                                "Share that is taken, of the fullest collector. Red is where JaegerQueueNearlyFull fires; at 100 % spans are lost.",
                            unit: "percentunit",
                            decimals: 0,
                            queries: [now(`max(${x.queue})`)],
                            thresholds: worseFrom([alerts.JaegerQueueNearlyFull.share, "red"]),
                            links: runbooks(context, "JaegerQueueNearlyFull"),
                        }),
                        stat({
                            title: "Storage errors",
                            description:
                                "Share of the requests of 10 minutes that failed, of the worst operation. Red is where JaegerStorageFailing fires.",
                            unit: "percentunit",
                            queries: [
                                now(
                                    `max((${x.storage(', result="err"', "operation", "10m")} or 0 * ${x.storage("", "operation", "10m")}) / (${x.storage("", "operation", "10m")} > 0))`,
                                ),
                            ],
                            thresholds: worseFrom([alerts.JaegerStorageFailing.share, "red"]),
                            noValue: "no requests",
                            links: runbooks(context, "JaegerStorageFailing"),
                        }),
                        stat({
                            title: "Services",
                            description: "Services that have sent spans within 5 minutes.",
                            unit: "none",
                            queries: [
                                now(
                                    `count(sum by (service_name) (rate(traces_span_metrics_calls_total{${x.calls}}[5m])) > 0) or vector(0)`,
                                ),
                            ],
                            plain: true,
                        }),
                        timeseries({
                            title: "Spans",
                            description:
                                "Per second: accepted and refused at the door, sent to the storage's buffer, and really stored.",
                            unit: "ops",
                            queries: [
                                query(over.accepted, "accepted"),
                                query(over.refused, "refused"),
                                query(over.sent, "sent"),
                                query(over.stored, "stored"),
                            ],
                            links: runbooks(context, "JaegerSpansLost"),
                        }),
                        timeseries({
                            title: "Spans lost",
                            description:
                                "Per second: refused, not sent, or refused by the storage.",
                            unit: "ops",
                            queries: [query(over.lost, "lost")],
                            links: runbooks(context, "JaegerSpansLost"),
                        }),
                        firingTable(context, {
                            title: "Alerts",
                            description: "What fires on the way of a span.",
                            width: 8,
                            matchers: `${IN_PLACE}, ${ALERTS}`,
                            labels: ["about"],
                            about: true,
                        }),
                    ],
                },
                {
                    title: "Collectors and storage",
                    panels: [
                        timeseries({
                            title: "Queue, by collector",
                            description:
                                "Share that is taken. The dashed line is where JaegerQueueNearlyFull fires.",
                            unit: "percentunit",
                            min: 0,
                            queries: [query(top(x.queue), "{{pod}} {{exporter}}")],
                            thresholds: worseFrom([alerts.JaegerQueueNearlyFull.share, "red"]),
                            links: runbooks(context, "JaegerQueueNearlyFull"),
                        }),
                        timeseries({
                            title: "Latency of the storage",
                            description:
                                "Half of the requests, and 95 of 100, took no longer; by operation.",
                            unit: "s",
                            queries: [0.5, 0.95].map((share) =>
                                query(
                                    `histogram_quantile(${share}, sum by (operation, le) (rate(jaeger_storage_latency_seconds_bucket{${x.here}}[$__rate_interval])))`,
                                    `{{operation}} p${share * 100}`,
                                ),
                            ),
                            noValue: "no requests",
                        }),
                        timeseries({
                            title: "Requests to the storage",
                            description: "Per second, by operation and result.",
                            unit: "reqps",
                            queries: [
                                query(
                                    x.storage("", "operation, result", "$__rate_interval"),
                                    "{{operation}} {{result}}",
                                ),
                            ],
                            noValue: "no requests",
                            links: runbooks(context, "JaegerStorageFailing"),
                        }),
                    ],
                },
                {
                    title: "Services",
                    panels: [
                        table({
                            title: "Services, by requests",
                            description:
                                "Requests per second of each service, the share of them that failed, and what 95 of 100 did not exceed.",
                            queries: [
                                {
                                    expr: top(
                                        `sum by (service_name) (rate(traces_span_metrics_calls_total{${x.calls}, ${kinds}}[5m]))`,
                                    ),
                                },
                                {
                                    expr: `sum by (service_name) (rate(traces_span_metrics_calls_total{${x.calls}, ${kinds}, status_code="STATUS_CODE_ERROR"}[5m])) / (sum by (service_name) (rate(traces_span_metrics_calls_total{${x.calls}, ${kinds}}[5m])) > 0)`,
                                },
                                {
                                    expr: `histogram_quantile(0.95, sum by (service_name, le) (rate(traces_span_metrics_duration_milliseconds_bucket{${x.calls}, ${kinds}}[5m])))`,
                                },
                            ],
                            labels: { service_name: "Service" },
                            values: [
                                { title: "Requests/s", unit: "short", decimals: 2 },
                                { title: "Failed", unit: "percentunit" },
                                { title: "p95", unit: "ms" },
                            ],
                            sort: "Requests/s",
                            noValue: "no spans",
                        }),
                        timeseries({
                            title: "Spans by service",
                            description: "Per second, of the services with the most.",
                            unit: "ops",
                            width: 12,
                            queries: [
                                query(
                                    top(
                                        `sum by (service_name) (rate(traces_span_metrics_calls_total{${x.calls}}[$__rate_interval]))`,
                                        10,
                                    ),
                                    "{{service_name}}",
                                ),
                            ],
                            noValue: "no spans",
                        }),
                    ],
                },
                { title: "Containers", panels: containerPanels(context, x.here) },
            ],
        };
    },
};
