import { NAMESPACES } from "../../../components/stack/namespaceNames";
import { AlertCase, firing, quiet } from "../alertCase";
import {
    cgroupSeries,
    containerSeries,
    cpuLimit,
    memoryLimit,
    stateSeries,
    workingSet,
} from "../clusterSeries";
import { from, Phase, Series, series, Value } from "../timeline";
import { BACKUP_NAMESPACE } from "./backup";

/* What only a rule that is almost right gets wrong: `npm run test:mutation` has found these. */

type Labels = Readonly<Record<string, string>>;
type History = Value | readonly Phase[];
const climb = (perMinute: number): Value => ({ from: 0, perMinute });

/** The labels of an alert; a target has its job too. */
const AGENT = { namespace: NAMESPACES.logging, pod: "fluent-bit-a" };
const output = (metric: string, over: History): Series =>
    series(`fluentbit_output_${metric}`, { job: "fluent-bit", ...AGENT, name: "instance" }, over);

const fluentBitCases = [
    quiet("FluentBitBufferNearlyFull", "exactly 80 % of the buffer are taken", {
        series: [output("chunk_available_capacity_percent", 20)],
        until: "1h",
    }),
    ...["dropped_records_total", "retries_failed_total", "errors_total"].map((counter) =>
        firing("FluentBitRecordsLost", `${counter} rises by one`, {
            series: [output(counter, from("10m", 101, 100))],
            severity: "critical",
            at: "11m",
            alerts: [
                {
                    labels: { ...AGENT, name: "instance", counter },
                    summary: "Fluent Bit logging/fluent-bit-a loses logs",
                    description: `${counter} of the output instance of logging/fluent-bit-a has risen by 1 within 10 minutes: these logs are gone for good.`,
                },
            ],
        }),
    ),
];

const elasticsearch = (metric: string, labels: Labels, over: History): Series =>
    series(
        `elasticsearch_${metric}`,
        { job: "elasticsearch-exporter", namespace: NAMESPACES.logging, ...labels },
        over,
    );
const disk = (available: number): Series[] => [
    elasticsearch("filesystem_data_available_bytes", { name: "a", mount: "/" }, available),
    elasticsearch("filesystem_data_size_bytes", { name: "a", mount: "/" }, 1000),
];

const elasticsearchCases = [
    quiet("ElasticsearchDiskLow", "exactly 85 % of a disk is used", {
        series: disk(150),
        until: "1h",
    }),
    quiet("ElasticsearchDiskFull", "exactly 90 % of a disk is used", {
        series: disk(100),
        until: "1h",
    }),
    firing("ElasticsearchIlmFailed", "it is stopped, and says that it is", {
        series: [
            elasticsearch("ilm_status", { operation_mode: "RUNNING" }, 0),
            elasticsearch("ilm_status", { operation_mode: "STOPPED" }, 1),
        ],
        severity: "warning",
        at: "15m",
        alerts: [
            {
                labels: { namespace: NAMESPACES.logging },
                summary: "Elasticsearch does not delete old logs",
                description:
                    "Index lifecycle management has been stopped, or stands in an error at 0 indices, for 15m: nothing is rolled over or deleted there, and the disks fill.",
            },
        ],
    }),
];

const COLLECTOR = { namespace: NAMESPACES.tracing, pod: "jaeger-collector-a" };
const queue = (size: number, capacity: number): Series[] =>
    Object.entries({ size, capacity }).map(([name, value]) =>
        series(`otelcol_exporter_queue_${name}`, { ...COLLECTOR, exporter: "x" }, value),
    );
const storage = (metric: string, perMinute: number, labels: Labels = {}): Series =>
    series(`jaeger_storage_${metric}_total`, { ...COLLECTOR, ...labels }, climb(perMinute));

const jaegerCases = [
    quiet("JaegerQueueNearlyFull", "there is no queue, and one batch on its way", {
        series: queue(1, 0),
        until: "1h",
    }),
    quiet("JaegerStorageFailing", "exactly 5 % fail", {
        series: [
            storage("requests", 1, { operation: "o", result: "err" }),
            storage("requests", 19, { operation: "o", result: "ok" }),
            storage("bulk_index_errors", 1),
            storage("bulk_index_attempts", 20),
        ],
        until: "1h",
    }),
];

function istio(code: string, perMinute: number, reporter = "destination"): Series {
    const service = {
        destination_service_namespace: "shop",
        destination_service_name: "web",
    };
    const pod = { job: "envoy-stats", namespace: "shop", pod: `${reporter}-0` };
    const labels = { ...pod, ...service, reporter, response_code: code };
    return series("istio_requests_total", labels, climb(perMinute));
}

const istioCases = [
    quiet("IstioHighErrorRate", "exactly 5 % of the answers are errors", {
        series: [istio("503", 3), istio("200", 57)],
        until: "1h",
    }),
    firing("IstioHighErrorRate", "the caller's sidecar counts good answers a second time", {
        series: [istio("503", 6), istio("200", 54), istio("200", 600, "source")],
        severity: "warning",
        at: "330s",
        alerts: [
            {
                labels: {
                    namespace: "shop",
                    destination_service_namespace: "shop",
                    destination_service_name: "web",
                },
                summary: "shop/web answers with errors",
                description: "10% of the answers of shop/web have been 5xx for 5m, more than 5 %.",
            },
        ],
    }),
];

const WEB = { namespace: "shop", pod: "web-0", container: "web" };
const CPU = "container_cpu_usage_seconds_total";
const MEMORY = "container_memory_working_set_bytes";

const containerCases = [
    firing("HighCPUUsage", "the container has a limit of memory as well", {
        series: [
            containerSeries(CPU, WEB, { from: 100, perMinute: 57 }),
            cpuLimit(WEB, 1),
            memoryLimit(WEB, 1_000_000),
        ],
        severity: "warning",
        at: "1170s",
        alerts: [
            {
                labels: WEB,
                summary: "shop/web-0 (web) is close to its CPU limit",
                description:
                    "shop/web-0 (web) has used 95% of its CPU limit for 15m and is being throttled.",
            },
        ],
    }),
    quiet("HighCPUUsage", "exactly 90 % of the limit is used", {
        series: [containerSeries(CPU, WEB, climb(54)), cpuLimit(WEB, 1)],
        until: "1h",
    }),
    quiet("HighCPUUsage", "the limit is shown as 0", {
        series: [containerSeries(CPU, WEB, climb(54)), cpuLimit(WEB, 0)],
        until: "1h",
    }),
    quiet("HighMemoryUsage", "cAdvisor shows the container a second time, by its cgroup alone", {
        series: [
            workingSet(WEB, 500),
            cgroupSeries(MEMORY, WEB, 990, WEB.container),
            memoryLimit(WEB, 1000),
        ],
        until: "1h",
    }),
];

const AUTOSCALER = { namespace: "shop", horizontalpodautoscaler: "web" };
const scalingCases = [
    firing("HorizontalPodAutoscalerInactive", "one pod is wanted, and its metrics are missing", {
        series: [
            stateSeries(
                "kube_horizontalpodautoscaler_status_condition",
                { ...AUTOSCALER, condition: "ScalingActive", status: "false" },
                1,
            ),
            stateSeries("kube_horizontalpodautoscaler_status_desired_replicas", AUTOSCALER, 1),
        ],
        severity: "warning",
        at: "15m",
        alerts: [
            {
                labels: AUTOSCALER,
                summary: "shop/web does not scale",
                description:
                    "The autoscaler shop/web has had no metrics to decide by for 15m: the number of pods stays as it is, whatever the load.",
            },
        ],
    }),
];

/** A CronJob whose last run and last success were at these seconds. */
function cronJob(
    namespace: string,
    cronjob: string,
    scheduled: number,
    succeeded: number,
): Series[] {
    const times = {
        created: -100_000,
        status_active: 0,
        status_last_schedule_time: scheduled,
        status_last_successful_time: succeeded,
    };
    return Object.entries(times).map(([metric, value]) =>
        stateSeries(`kube_cronjob_${metric}`, { namespace, cronjob }, value),
    );
}

const backupCases = [
    ...(["BackupFailed", "BackupTooOld", "RestoreDrillFailed", "RestoreDrillTooOld"] as const).map(
        (alert) =>
            quiet(alert, "a CronJob that is no backup has never succeeded", {
                series: [BACKUP_NAMESPACE, NAMESPACES.logging].flatMap((namespace) =>
                    cronJob(namespace, "report", 600, -90_000),
                ),
                until: "4h",
            }),
    ),
    ...(
        [
            ["BackupFailed", BACKUP_NAMESPACE, "backup-cache"],
            ["RestoreDrillFailed", BACKUP_NAMESPACE, "drill-cache"],
            ["RestoreDrillFailed", NAMESPACES.logging, "drill-elasticsearch"],
        ] as const
    ).map(([alert, namespace, cronjob]) =>
        quiet(alert, `${cronjob} was done in a second`, {
            series: cronJob(namespace, cronjob, 600, 600),
            until: "1h",
        }),
    ),
];

/** Edges of the rules on the platform and on workloads. */
export const platformEdgeCases: readonly AlertCase[] = [
    ...fluentBitCases,
    ...elasticsearchCases,
    ...jaegerCases,
    ...istioCases,
    ...containerCases,
    ...scalingCases,
    ...backupCases,
];
