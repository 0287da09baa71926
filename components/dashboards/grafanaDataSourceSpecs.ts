import { kibanaTraceUrl } from "../logging/kibana";
import { LogFieldName, STREAMS, StreamName } from "../logging/logSchema";
import { DATA_SOURCES, TRACE_ID } from "../metrics/dataSourceUids";
import { jaegerTraceUrl } from "../tracing/traceUrl";

/**
 * Data sources of Grafana beside the chart's own, and the links between metrics, logs and traces.
 * https://grafana.com/docs/grafana/latest/administration/provisioning/#data-sources
 */

/** Uid of the data source of one stream. */
export function streamUid(stream: StreamName): string {
    return `${DATA_SOURCES.logs}-${stream}`;
}

export interface DataSourceArgs {
    /** Undefined where the chart brings it. */
    readonly prometheusUrl?: string | undefined;
    /** Undefined where the chart brings it, or there is none. */
    readonly alertmanagerUrl?: string | undefined;
    /** Undefined where it is off. */
    readonly elasticsearch: ElasticsearchSource | undefined;
    /** Undefined where Jaeger is off. */
    readonly jaegerUrl: string | undefined;
    /** Where people reach Jaeger's own UI, when they can. */
    readonly jaegerExternalUrl: string | undefined;
    /** Where people reach Kibana, when they can. */
    readonly kibanaExternalUrl: string | undefined;
}

export interface ElasticsearchSource {
    readonly url: string;
    readonly username: string;
    readonly password: string;
    readonly caCertificate: string;
}

/** Margin around a span in which its logs are searched: clocks differ, and logs are written late. */
const SHIFT = { spanStartTimeShift: "-5m", spanEndTimeShift: "5m" };

/** The whole provisioning file. It holds a password: it belongs into a Secret. */
export function dataSources(args: DataSourceArgs): object {
    const streams = Object.entries(STREAMS) as [StreamName, string][];
    const { prometheusUrl, alertmanagerUrl, jaegerUrl, elasticsearch } = args;
    return {
        apiVersion: 1,
        datasources: [
            ...(prometheusUrl === undefined ? [] : [prometheusSource(prometheusUrl, jaegerUrl)]),
            ...(alertmanagerUrl === undefined ? [] : [alertmanagerSource(alertmanagerUrl)]),
            ...(jaegerUrl === undefined ? [] : [jaegerSource(jaegerUrl)]),
            ...(elasticsearch
                ? [
                      logSource(
                          args,
                          elasticsearch,
                          "Logs",
                          DATA_SOURCES.logs,
                          Object.values(STREAMS),
                      ),
                      ...streams.map(([stream, index]) =>
                          logSource(args, elasticsearch, `Logs: ${stream}`, streamUid(stream), [
                              index,
                          ]),
                      ),
                  ]
                : []),
        ],
    };
}

/** As the chart has it for its own Grafana, but not as the default: that Grafana may have one. */
function prometheusSource(url: string, jaegerUrl: string | undefined): object {
    return {
        name: "Observability: Prometheus",
        uid: DATA_SOURCES.prometheus,
        type: "prometheus",
        access: "proxy",
        url,
        jsonData: {
            httpMethod: "POST",
            ...(jaegerUrl === undefined
                ? {}
                : {
                      exemplarTraceIdDestinations: [
                          {
                              datasourceUid: DATA_SOURCES.jaeger,
                              name: TRACE_ID,
                              urlDisplayLabel: "Trace",
                          },
                      ],
                  }),
        },
    };
}

function alertmanagerSource(url: string): object {
    return {
        name: "Observability: Alertmanager",
        uid: DATA_SOURCES.alertmanager,
        type: "alertmanager",
        access: "proxy",
        url,
        jsonData: { implementation: "prometheus", handleGrafanaManagedAlerts: false },
    };
}

function logSource(
    { jaegerUrl, jaegerExternalUrl, kibanaExternalUrl }: DataSourceArgs,
    elasticsearch: ElasticsearchSource,
    name: string,
    uid: string,
    streams: readonly string[],
): object {
    const { url, username, password, caCertificate } = elasticsearch;
    const traceLink = (label: string, target: object) => ({
        field: TRACE_ID satisfies LogFieldName,
        urlDisplayLabel: label,
        ...target,
    });
    return {
        name,
        uid,
        type: "elasticsearch",
        access: "proxy",
        url,
        basicAuth: true,
        basicAuthUser: username,
        jsonData: {
            // With the wildcard a stream that nothing was written to yet is empty, not an error.
            index: streams.map((stream) => `${stream}*`).join(","),
            timeField: "@timestamp" satisfies LogFieldName,
            logMessageField: "msg" satisfies LogFieldName,
            logLevelField: "level" satisfies LogFieldName,
            tlsAuthWithCACert: true,
            dataLinks: [
                ...(jaegerUrl === undefined
                    ? []
                    : [
                          traceLink("Trace", {
                              datasourceUid: DATA_SOURCES.jaeger,
                              url: "${__value.raw}",
                          }),
                      ]),
                ...(jaegerExternalUrl
                    ? [
                          traceLink("Trace in Jaeger", {
                              url: jaegerTraceUrl(jaegerExternalUrl, "${__value.raw}"),
                          }),
                      ]
                    : []),
                ...(kibanaExternalUrl
                    ? [
                          traceLink("Logs in Kibana", {
                              url: kibanaTraceUrl(kibanaExternalUrl, "${__value.raw}"),
                          }),
                      ]
                    : []),
            ],
        },
        secureJsonData: { basicAuthPassword: password, tlsCACert: caCertificate },
    };
}

function jaegerSource(jaegerUrl: string): object {
    return {
        name: "Jaeger",
        uid: DATA_SOURCES.jaeger,
        type: "jaeger",
        access: "proxy",
        url: jaegerUrl,
        jsonData: {
            nodeGraph: { enabled: true },
            traceIdTimeParams: { enabled: true },
            tracesToLogsV2: {
                datasourceUid: DATA_SOURCES.logs,
                ...SHIFT,
                // The query that Grafana makes by itself does not know the name of our field.
                customQuery: true,
                query: `${TRACE_ID}:"\${__trace.traceId}"`,
            },
            tracesToMetrics: {
                datasourceUid: DATA_SOURCES.prometheus,
                ...SHIFT,
                tags: [{ key: "service.name", value: "service_name" }],
                queries: SPAN_QUERIES.map(([name, query]) => ({ name, query })),
            },
        },
    };
}

/** What a span's service does, from the collector's span metrics; `$__tags` becomes its label matchers. */
const SPAN_QUERIES = [
    ["Requests per second", "sum(rate(traces_span_metrics_calls_total{$__tags}[5m]))"],
    [
        "Share of errors",
        'sum(rate(traces_span_metrics_calls_total{$__tags,status_code="STATUS_CODE_ERROR"}[5m])) / sum(rate(traces_span_metrics_calls_total{$__tags}[5m]))',
    ],
    [
        "95th percentile of the duration, milliseconds",
        "histogram_quantile(0.95, sum by (le) (rate(traces_span_metrics_duration_milliseconds_bucket{$__tags}[5m])))",
    ],
] as const;
