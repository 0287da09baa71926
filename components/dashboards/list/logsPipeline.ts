import { seconds } from "../../settings/duration";
import { DashboardContext, DashboardDefinition, logLines, logsLink, runbooks } from "../definition";
import type { Row } from "../model/dashboard";
import { betterFrom, Panel, stat, table, timeseries, words, worseFrom } from "../model/panels";
import { now, query, top } from "../model/queries";
import { places, IN_PLACE, valuesOf } from "../model/variables";
import { containerPanels } from "./containers";
import { alertMarks, firingTable } from "./firing";

const ALERTS = 'alertname=~"FluentBit.*|Elasticsearch.*"';
const BY_OUTPUT = "by (namespace, pod, name)";

/** Each output, or input, of Fluent Bit has the name of its stream. */
function expressions({ namespaces }: DashboardContext) {
    const here = `${IN_PLACE}, namespace="${namespaces.logging}"`;
    const stream = `${here}, name=~"$stream"`;
    const rate = (counter: string, by: string, window = "$__rate_interval") =>
        `sum by (${by}) (rate(fluentbit_${counter}_total{${stream}}[${window}]))`;
    const zero = (expression: string) => `(${expression} or vector(0))`;
    const total = (counter: string) => zero(`sum(rate(fluentbit_${counter}_total{${stream}}[5m]))`);
    return {
        here,
        stream,
        rate,
        total,
        buffer: `1 - min ${BY_OUTPUT} (fluentbit_output_chunk_available_capacity_percent{${stream}}) / 100`,
        delay: (share: number, by: string, window: string) =>
            `histogram_quantile(${share}, sum by (${by}) (rate(fluentbit_output_latency_seconds_bucket{${here}, output=~"$stream"}[${window}])))`,
        health: `max by (namespace, color) (elasticsearch_cluster_health_status{${here}}) == 1`,
        disk: `1 - min by (namespace, name) (elasticsearch_filesystem_data_available_bytes{${here}} / elasticsearch_filesystem_data_size_bytes{${here}})`,
        heap: `max by (namespace, name) (elasticsearch_jvm_memory_used_bytes{${here}, area="heap"} / (elasticsearch_jvm_memory_max_bytes{${here}, area="heap"} > 0))`,
        shards: (state: string) => `max(elasticsearch_cluster_health_${state}_shards{${here}})`,
        snapshot: `time() - max by (namespace, repository) (elasticsearch_snapshot_stats_latest_snapshot_timestamp_seconds{${here}} > 0)`,
    };
}

type Expressions = ReturnType<typeof expressions>;

export const logsPipeline: DashboardDefinition = {
    uid: "logs-pipeline",
    title: "Platform / Logs",
    description:
        "Whether log lines arrive, how late, and whether Elasticsearch can take and keep them.",
    tags: ["platform"],
    needs: ["logging"],
    content: (context) => {
        const { alerts } = context;
        const x = expressions(context);
        return {
            variables: [
                ...places("fluentbit_output_proc_records_total"),
                valuesOf({
                    name: "stream",
                    label: "Stream",
                    series: `fluentbit_output_proc_records_total{${x.here}}`,
                    values: "name",
                }),
            ],
            annotations: [alertMarks(`${IN_PLACE}, ${ALERTS}`)],
            links: [...logsLink(context, "*")],
            rows: [
                {
                    panels: [
                        stat({
                            title: "Lost",
                            description:
                                "Share of the records of 5 minutes that were dropped: they are gone for good.",
                            unit: "percentunit",
                            queries: [
                                now(
                                    `${x.total("output_dropped_records")} / (${x.total("output_proc_records")} + ${x.total("output_dropped_records")} > 0)`,
                                ),
                            ],
                            thresholds: worseFrom([0.000001, "red"]),
                            noValue: "no records",
                            links: runbooks(context, "FluentBitRecordsLost"),
                        }),
                        stat({
                            title: "Delivered",
                            description: "Records per second that Elasticsearch has taken.",
                            unit: "ops",
                            queries: [now(x.total("output_proc_records"))],
                            plain: true,
                            links: runbooks(context, "FluentBitNoOutput"),
                        }),
                        stat({
                            title: "Fullest buffer",
                            description:
                                "Share of a node's buffer that waits for delivery. Red is where FluentBitBufferNearlyFull fires; at 100 % the oldest records are dropped.",
                            unit: "percentunit",
                            decimals: 0,
                            queries: [now(`max(${x.buffer})`)],
                            thresholds: worseFrom([alerts.FluentBitBufferNearlyFull.share, "red"]),
                            links: runbooks(context, "FluentBitBufferNearlyFull"),
                        }),
                        stat({
                            title: "Delay, p95",
                            description:
                                "95 of 100 chunks were delivered within this time of being read.",
                            unit: "s",
                            queries: [now(`max(${x.delay(0.95, "le", "5m")})`)],
                            plain: true,
                            noValue: "no records",
                        }),
                        ...elasticsearchStats(context, x),
                        timeseries({
                            title: "Records read and delivered",
                            description:
                                "Per second, of all nodes, by stream. What filters drop on purpose is read and not delivered.",
                            unit: "ops",
                            queries: [
                                query(x.rate("input_records", "name"), "{{name}} read"),
                                query(x.rate("output_proc_records", "name"), "{{name}} delivered"),
                            ],
                            links: runbooks(context, "FluentBitNoOutput"),
                        }),
                        timeseries({
                            title: "Dropped and failed",
                            description:
                                "Records per second that are gone, by stream: dropped from a full buffer, or refused.",
                            unit: "ops",
                            queries: [
                                query(x.rate("output_dropped_records", "name"), "{{name}} dropped"),
                                query(x.rate("output_errors", "name"), "{{name}} errors"),
                            ],
                            links: runbooks(context, "FluentBitRecordsLost"),
                        }),
                        firingTable(context, {
                            title: "Alerts",
                            description: "What fires on the way of a log line.",
                            width: 8,
                            matchers: `${IN_PLACE}, ${ALERTS}`,
                            labels: ["about"],
                            about: true,
                        }),
                    ],
                },
                {
                    title: "Nodes",
                    panels: [
                        timeseries({
                            title: "Buffer, by node and stream",
                            description:
                                "Share that is taken. The dashed line is where FluentBitBufferNearlyFull fires.",
                            unit: "percentunit",
                            min: 0,
                            queries: [query(top(x.buffer), "{{pod}} {{name}}")],
                            thresholds: worseFrom([alerts.FluentBitBufferNearlyFull.share, "red"]),
                            links: runbooks(context, "FluentBitBufferNearlyFull"),
                        }),
                        timeseries({
                            title: "Sent again, by node and stream",
                            description:
                                "Chunks per second that Elasticsearch did not take at first: they wait on the node.",
                            unit: "ops",
                            queries: [
                                query(
                                    top(x.rate("output_retries", "namespace, pod, name")),
                                    "{{pod}} {{name}}",
                                ),
                            ],
                            links: runbooks(context, "FluentBitRetryStorm"),
                        }),
                        timeseries({
                            title: "Delay, by stream",
                            description:
                                "Half of the chunks, and 95 of 100, were delivered within this time of being read.",
                            unit: "s",
                            queries: [0.5, 0.95].map((share) =>
                                query(
                                    x.delay(share, "output, le", "$__rate_interval"),
                                    `{{output}} p${share * 100}`,
                                ),
                            ),
                            noValue: "no records",
                        }),
                        ...(context.parts.has("kubeStateMetrics")
                            ? [
                                  table({
                                      title: "By node",
                                      description:
                                          "Records per second that each node's Fluent Bit reads, delivers and drops.",
                                      queries: [
                                          "input_records",
                                          "output_proc_records",
                                          "output_dropped_records",
                                          "output_retries",
                                      ].map((counter) => ({
                                          expr: `${x.rate(counter, "namespace, pod", "5m")} * on (namespace, pod) group_left (node) max by (namespace, pod, node) (kube_pod_info{${x.here}, node!=""})`,
                                      })),
                                      labels: { node: "Node", pod: "Pod" },
                                      values: [
                                          { title: "Read", unit: "ops" as const },
                                          { title: "Delivered", unit: "ops" as const },
                                          {
                                              title: "Dropped",
                                              unit: "ops" as const,
                                              thresholds: worseFrom([0.000001, "red"]),
                                          },
                                          { title: "Sent again", unit: "ops" as const },
                                      ],
                                      sort: "Read",
                                  }),
                              ]
                            : []),
                        timeseries({
                            title: "Lines that are too long",
                            description:
                                "Skipped within an hour, since they are longer than Fluent Bit's buffer.",
                            unit: "none",
                            width: 12,
                            queries: [
                                query(
                                    `sum by (name) (increase(fluentbit_input_long_line_skipped_total{${x.stream}}[1h]))`,
                                    "{{name}}",
                                ),
                            ],
                            links: runbooks(context, "FluentBitLinesSkipped"),
                        }),
                    ],
                },
                ...elasticsearchRow(context, x),
                { title: "Containers", panels: containerPanels(context, x.here) },
                {
                    title: "Logs",
                    panels: logLines(context, {
                        title: "Errors of any container",
                        description: "The last lines that say error or worse, whoever wrote them.",
                        query: "level:(error OR fatal)",
                        noValue: "no errors",
                    }),
                },
            ],
        };
    },
};

/** Of an Elasticsearch that is somebody else's, nothing is known here. */
function elasticsearchStats(context: DashboardContext, x: Expressions): Panel[] {
    const { alerts, parts } = context;
    if (!parts.has("elasticsearch")) {
        return [];
    }
    return [
        stat({
            title: "Elasticsearch",
            description:
                "Green: all is there. Yellow: a copy is missing. Red: part of the data cannot be read or written.",
            unit: "none",
            queries: [
                now(
                    `max(elasticsearch_cluster_health_status{${x.here}, color="green"}) - max(elasticsearch_cluster_health_status{${x.here}, color="red"})`,
                ),
            ],
            mappings: words({
                1: ["green", "green"],
                0: ["yellow", "orange"],
                "-1": ["RED", "red"],
            }),
            noValue: "unknown",
            links: runbooks(
                context,
                "ElasticsearchRed",
                "ElasticsearchYellow",
                "ElasticsearchUnreachable",
            ),
        }),
        stat({
            title: "Fullest disk",
            description:
                "Of Elasticsearch's nodes. From 85 % on a node gets no new shards, from 95 % on writes are refused.",
            unit: "percentunit",
            decimals: 0,
            queries: [now(`max(${x.disk})`)],
            thresholds: worseFrom(
                [alerts.ElasticsearchDiskLow.share, "orange"],
                [alerts.ElasticsearchDiskFull.share, "red"],
            ),
            links: runbooks(context, "ElasticsearchDiskLow", "ElasticsearchDiskFull"),
        }),
        stat({
            title: "Rejected",
            description: "Requests per second that Elasticsearch could not queue.",
            unit: "reqps",
            queries: [
                now(
                    `sum(rate(elasticsearch_thread_pool_rejected_count{${x.here}, type=~"write|search"}[5m]))`,
                ),
            ],
            thresholds: worseFrom([
                Math.max(alerts.ElasticsearchRejections.perSecond, 0.000001),
                "red",
            ]),
            links: runbooks(context, "ElasticsearchRejections"),
        }),
        stat({
            title: "Newest snapshot",
            description:
                "Its age. Red is where ElasticsearchSnapshotOld fires: that much would be lost with the disks.",
            unit: "dtdurations",
            queries: [now(`max(${x.snapshot})`)],
            thresholds: worseFrom([seconds(alerts.ElasticsearchSnapshotOld.age), "red"]),
            noValue: "no snapshots",
            links: runbooks(
                context,
                "ElasticsearchSnapshotOld",
                "ElasticsearchSnapshotMissing",
                "ElasticsearchSnapshotFailed",
                "ElasticsearchRepositoryLost",
            ),
        }),
    ];
}

function elasticsearchRow(context: DashboardContext, x: Expressions): Row[] {
    const { alerts, parts } = context;
    if (!parts.has("elasticsearch")) {
        return [];
    }
    return [
        {
            title: "Elasticsearch",
            panels: [
                timeseries({
                    title: "Shards",
                    description:
                        "Active ones, and those that have no node, start or move. Unassigned ones for long are a copy that is missing.",
                    unit: "none",
                    queries: ["active", "unassigned", "initializing", "relocating"].map((state) =>
                        query(x.shards(state), state),
                    ),
                    links: runbooks(context, "ElasticsearchYellow"),
                }),
                timeseries({
                    title: "Disk, by node",
                    description: "Share that is used. The dashed lines are where the alerts fire.",
                    unit: "percentunit",
                    min: 0,
                    max: 1,
                    queries: [query(top(x.disk), "{{name}}")],
                    thresholds: worseFrom(
                        [alerts.ElasticsearchDiskLow.share, "orange"],
                        [alerts.ElasticsearchDiskFull.share, "red"],
                    ),
                    links: runbooks(context, "ElasticsearchDiskLow"),
                }),
                timeseries({
                    title: "Heap, by node",
                    description:
                        "Share that is used. It swings with garbage collection; what counts is where it falls to.",
                    unit: "percentunit",
                    min: 0,
                    max: 1,
                    queries: [query(top(x.heap), "{{name}}")],
                    thresholds: worseFrom([alerts.ElasticsearchHeapHigh.share, "red"]),
                    links: runbooks(context, "ElasticsearchHeapHigh"),
                }),
                timeseries({
                    title: "Rejected requests",
                    description: "Per second, by node and kind of work.",
                    unit: "reqps",
                    queries: [
                        query(
                            `sum by (name, type) (rate(elasticsearch_thread_pool_rejected_count{${x.here}, type=~"write|search"}[$__rate_interval]))`,
                            "{{name}} {{type}}",
                        ),
                    ],
                    links: runbooks(context, "ElasticsearchRejections"),
                }),
                stat({
                    title: "Lifecycle errors",
                    description:
                        "Indices that are not rolled over or deleted since a step failed: the disks fill.",
                    unit: "none",
                    width: 4,
                    height: 8,
                    queries: [
                        now(
                            `count(elasticsearch_ilm_index_status{${x.here}, step="ERROR"}) or vector(0)`,
                        ),
                    ],
                    thresholds: worseFrom([1, "red"]),
                    links: runbooks(context, "ElasticsearchIlmFailed"),
                }),
                stat({
                    title: "Lifecycle runs",
                    description: "Whether index lifecycle management is on.",
                    unit: "none",
                    width: 4,
                    height: 8,
                    queries: [
                        now(`max(elasticsearch_ilm_status{${x.here}, operation_mode="RUNNING"})`),
                    ],
                    mappings: words({ 1: ["yes", "green"], 0: ["NO", "red"] }),
                    thresholds: betterFrom([1, "green"]),
                    links: runbooks(context, "ElasticsearchIlmFailed"),
                }),
                timeseries({
                    title: "Size, by data stream",
                    description: "Bytes of each stream with its copies.",
                    unit: "bytes",
                    stacked: true,
                    queries: [
                        query(
                            top(
                                `max by (data_stream) (elasticsearch_data_stream_store_size_bytes{${x.here}})`,
                            ),
                            "{{data_stream}}",
                        ),
                    ],
                }),
            ],
        },
    ];
}
