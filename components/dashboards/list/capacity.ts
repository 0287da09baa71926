import {
    CPU_USED,
    LIMITED,
    MEMORY_PEAK,
    MEMORY_UNUSED,
    MEMORY_USED,
    REQUESTED,
} from "../../alerting/rules/workloads";
import { REDIS_MEMORY } from "../../alerting/rules/redis/saturation";
import { DashboardContext, DashboardDefinition, linkTo } from "../definition";
import { betterFrom, Panel, stat, table, timeseries, worseFrom } from "../model/panels";
import { now, query, top } from "../model/queries";
import { places, IN_PLACE, valuesOf } from "../model/variables";
import { declaredOf } from "./containers";

const DAY = 86_400;
const GIB = 2 ** 30;
const HERE = `${IN_PLACE}, namespace=~"$namespace"`;
const samples = `sum(rate(prometheus_tsdb_head_samples_appended_total{${IN_PLACE}}[1h]))`;
/** Of blocks that were compacted within a day. */
const bytesPerSample = `sum(rate(prometheus_tsdb_compaction_chunk_size_bytes_sum{${IN_PLACE}}[1d])) / (sum(rate(prometheus_tsdb_compaction_chunk_samples_sum{${IN_PLACE}}[1d])) > 0)`;
const limit = `(sum(prometheus_tsdb_retention_limit_bytes{${IN_PLACE}}) > 0)`;
const daysThatFit = `${limit} / (${samples} * ${bytesPerSample}) / ${DAY}`;
const stored = `sum(prometheus_tsdb_storage_blocks_bytes{${IN_PLACE}})`;
const USED = { cpu: CPU_USED, memory: MEMORY_USED } as const;
type Resource = keyof typeof USED;
const used = (resource: Resource) => `${USED[resource]}{${HERE}}`;
const requested = (resource: Resource) => `${REQUESTED}{${HERE}, resource="${resource}"}`;
const limited = (resource: Resource) => `${LIMITED}{${HERE}, resource="${resource}"}`;

export const capacity: DashboardDefinition = {
    uid: "capacity",
    title: "Platform / Capacity",
    description: "What fills up and when, and what is paid for and not used.",
    tags: ["platform"],
    needs: [],
    content: (context) => ({
        from: "now-7d",
        refresh: "5m",
        variables: [
            ...places("prometheus_tsdb_head_series"),
            valuesOf({
                name: "namespace",
                label: "Namespace",
                series: `container_memory_working_set_bytes{${IN_PLACE}}`,
            }),
        ],
        links: [...linkTo(context, "redis-instance", "Redis")],
        rows: [
            {
                panels: [
                    stat({
                        title: "Series",
                        description:
                            "Series that Prometheus has in memory: its memory grows with them.",
                        unit: "short",
                        queries: [now(`sum(prometheus_tsdb_head_series{${IN_PLACE}})`)],
                        plain: true,
                    }),
                    stat({
                        title: "Samples",
                        description: "Samples per second that Prometheus stores.",
                        unit: "ops",
                        queries: [now(samples)],
                        plain: true,
                    }),
                    stat({
                        title: "Bytes per sample",
                        description: "On disk, of what was compacted within a day.",
                        unit: "bytes",
                        decimals: 2,
                        queries: [now(bytesPerSample)],
                        plain: true,
                        noValue: "not yet",
                    }),
                    stat({
                        title: "Days that fit",
                        description:
                            "Days of metrics that Prometheus' limit of bytes holds at this rate. Fewer than `retention.metrics`: the oldest go before their time.",
                        unit: "suffix: days",
                        decimals: 0,
                        queries: [now(daysThatFit)],
                        plain: true,
                        noValue: "not yet",
                    }),
                    ...elasticsearchDays(context),
                    stat({
                        title: "Fullest volume",
                        description: "Share that is used, of all claims.",
                        unit: "percentunit",
                        decimals: 0,
                        queries: [now(`max(${volumeShare})`)],
                        thresholds: worseFrom([0.85, "orange"], [0.95, "red"]),
                        noValue: "no volumes",
                    }),
                    ...unusedStats(context),
                    ...cost(context),
                    timeseries({
                        title: "Volumes, the fullest",
                        description: "Share of each claim that is used.",
                        unit: "percentunit",
                        min: 0,
                        max: 1,
                        queries: [
                            query(top(volumeShare, 10), "{{namespace}} {{persistentvolumeclaim}}"),
                        ],
                        noValue: "no volumes",
                    }),
                    table({
                        title: "Volumes, the first to be full",
                        description:
                            "Days until each is full, as it filled within the last three. Those that do not fill are not there.",
                        width: 16,
                        queries: [
                            {
                                expr: `bottomk(10, max by (namespace, persistentvolumeclaim) (kubelet_volume_stats_available_bytes{${HERE}}) / (max by (namespace, persistentvolumeclaim) (deriv(kubelet_volume_stats_used_bytes{${HERE}}[3d])) > 0) / ${DAY})`,
                            },
                            {
                                expr: `max by (namespace, persistentvolumeclaim) (kubelet_volume_stats_capacity_bytes{${HERE}})`,
                            },
                        ],
                        labels: { namespace: "Namespace", persistentvolumeclaim: "Claim" },
                        values: [
                            {
                                title: "Full in days",
                                decimals: 1,
                                thresholds: betterFrom([3, "orange"], [14, "green"]),
                            },
                            { title: "Size", unit: "bytes" },
                        ],
                        sort: "Full in days",
                        ascending: true,
                        noValue: "none fills",
                    }),
                ],
            },
            { title: "Requests against use", panels: rightSizing(context) },
            {
                title: "Prometheus",
                panels: [
                    timeseries({
                        title: "Series and samples",
                        description:
                            "Series in memory, by pod: a step is a release with new labels.",
                        unit: "short",
                        queries: [
                            query(
                                top(`max by (pod) (prometheus_tsdb_head_series{${IN_PLACE}})`),
                                "{{pod}}",
                            ),
                        ],
                    }),
                    timeseries({
                        title: "Blocks on disk",
                        description: "Bytes of all blocks, and their limit.",
                        unit: "bytes",
                        queries: [query(stored, "stored"), query(limit, "limit")],
                    }),
                    timeseries({
                        title: "Samples, by job",
                        description:
                            "Samples of a scrape of all targets of each job: what to drop first.",
                        unit: "short",
                        queries: [
                            query(
                                top(
                                    `sum by (job) (scrape_samples_post_metric_relabeling{${IN_PLACE}})`,
                                    10,
                                ),
                                "{{job}}",
                            ),
                        ],
                    }),
                ],
            },
            { title: "Elasticsearch and Redis", panels: stores(context) },
        ],
    }),
};

const volumeShare = `max by (namespace, persistentvolumeclaim) (kubelet_volume_stats_used_bytes{${HERE}}) / max by (namespace, persistentvolumeclaim) (kubelet_volume_stats_capacity_bytes{${HERE}})`;

const elasticsearchLeft = (namespace: string) =>
    `sum(elasticsearch_filesystem_data_available_bytes{${IN_PLACE}, namespace="${namespace}"}) / (-sum(deriv(elasticsearch_filesystem_data_available_bytes{${IN_PLACE}, namespace="${namespace}"}[3d])) > 0) / ${DAY}`;

function elasticsearchDays({ parts, namespaces }: DashboardContext): Panel[] {
    return parts.has("elasticsearch")
        ? [
              stat({
                  title: "Elasticsearch full in",
                  description:
                      "As its disks filled within three days. With retention at work it does not fill.",
                  unit: "suffix: days",
                  decimals: 0,
                  queries: [now(elasticsearchLeft(namespaces.logging))],
                  thresholds: betterFrom([3, "orange"], [14, "green"]),
                  noValue: "does not fill",
              }),
          ]
        : [];
}

function unusedStats({ parts }: DashboardContext): Panel[] {
    const share = (resource: Resource) => `sum(${used(resource)}) / sum(${requested(resource)})`;
    return parts.has("kubeStateMetrics")
        ? [
              stat({
                  title: "CPU used of requests",
                  description:
                      "Share of the CPU that is asked for, and so paid for, which is used.",
                  unit: "percentunit",
                  decimals: 0,
                  queries: [now(share("cpu"))],
                  plain: true,
              }),
              stat({
                  title: "Memory used of requests",
                  description:
                      "Share of the memory that is asked for, and so paid for, which is used.",
                  unit: "percentunit",
                  decimals: 0,
                  queries: [now(share("memory"))],
                  plain: true,
              }),
          ]
        : [];
}

function rightSizing({ parts }: DashboardContext): Panel[] {
    if (!parts.has("kubeStateMetrics")) {
        return [];
    }
    const graph = (resource: Resource, title: string) =>
        timeseries({
            title,
            description: `Of all namespaces that are chosen: what is asked for and what is used.`,
            unit: resource === "cpu" ? "cores" : "bytes",
            queries: [
                query(`sum(${requested(resource)})`, "requested"),
                query(`sum(${limited(resource)})`, "limits"),
                query(`sum(${used(resource)})`, "used"),
            ],
        });
    const unused = (resource: Resource) =>
        `sum by (namespace) (${requested(resource)}) - sum by (namespace) (${used(resource)})`;
    const peak = `max by (namespace, pod, container) (max_over_time(${MEMORY_PEAK}{${HERE}}[1d]))`;
    return [
        graph("cpu", "CPU, requested and used"),
        graph("memory", "Memory, requested and used"),
        table({
            title: "Asked for and not used, by namespace",
            description:
                "What could be given back; less than nothing is used without being asked for.",
            width: 8,
            queries: [{ expr: unused("cpu") }, { expr: unused("memory") }],
            labels: { namespace: "Namespace" },
            values: [
                { title: "CPU", unit: "cores", decimals: 2 },
                { title: "Memory", unit: "bytes" },
            ],
            sort: "Memory",
        }),
        table({
            title: "Containers with the most unused memory",
            description:
                "What each asks for, and the most that it has used within a day: its requests may come down to that.",
            width: 24,
            queries: [
                {
                    expr: top(`max by (namespace, pod, container) (${MEMORY_UNUSED}{${HERE}})`),
                },
                { expr: declaredOf("requests", "memory", HERE) },
                { expr: peak },
            ],
            labels: { namespace: "Namespace", pod: "Pod", container: "Container" },
            values: [
                { title: "Unused", unit: "bytes" },
                { title: "Requested", unit: "bytes" },
                { title: "Most used, 1 day", unit: "bytes" },
            ],
            sort: "Unused",
        }),
    ];
}

/** What the configuration's prices make of requests and volumes. */
function cost({ parts, settings }: DashboardContext): Panel[] {
    const { prices } = settings;
    if (!prices || !parts.has("kubeStateMetrics")) {
        return [];
    }
    const memory = `sum(${requested("memory")}) / ${GIB} * ${prices.memoryGi}`;
    const cpu = `sum(${requested("cpu")}) * ${prices.cpu}`;
    const storage = `(sum(max by (namespace, persistentvolumeclaim) (kube_persistentvolumeclaim_resource_requests_storage_bytes{${HERE}})) or vector(0)) / ${GIB} * ${prices.storageGi}`;
    return [
        stat({
            title: "Cost, a month",
            description:
                "CPU and memory that pods ask for, and volumes, at the prices of the configuration (`dashboards.prices`). No traffic, no control plane, no discount.",
            unit: `currency${prices.currency}`,
            decimals: 0,
            queries: [now(`${cpu} + ${memory} + ${storage}`)],
            plain: true,
        }),
    ];
}

function stores({ parts, namespaces }: DashboardContext): Panel[] {
    const search = `${IN_PLACE}, namespace="${namespaces.logging}"`;
    return [
        ...(parts.has("elasticsearch")
            ? [
                  timeseries({
                      title: "Disks of Elasticsearch",
                      description: "Bytes that are used and available on all nodes.",
                      unit: "bytes" as const,
                      queries: [
                          query(
                              `sum(elasticsearch_filesystem_data_size_bytes{${search}}) - sum(elasticsearch_filesystem_data_available_bytes{${search}})`,
                              "used",
                          ),
                          query(
                              `sum(elasticsearch_filesystem_data_size_bytes{${search}})`,
                              "capacity",
                          ),
                      ],
                  }),
              ]
            : []),
        ...(parts.has("redis")
            ? [
                  timeseries({
                      title: "Memory of Redis",
                      description:
                          "Of all instances in the chosen namespaces: used, and what maxmemory allows.",
                      unit: "bytes" as const,
                      queries: [
                          query(`sum(${REDIS_MEMORY.used}{${HERE}})`, "used"),
                          query(`sum(${REDIS_MEMORY.max}{${HERE}})`, "maxmemory"),
                      ],
                  }),
              ]
            : []),
    ];
}
