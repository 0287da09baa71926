import { identity, Series } from "../bench/ruleSeries";
import { NOW } from "./now";

/**
 * The values of the pictures: a night on which one Redis fills up, and all else is well. The series and their labels are
 * those of world.ts, which are recorded; how large they are is made up here, as a reader must see lines that move.
 */
const HOUR = 3600;
const DAY = 24 * HOUR;
const MI = 2 ** 20;
const GI = 2 ** 30;
/** When the trouble begins: writes to `orders` double, and its memory fills. */
const TROUBLE = NOW - 40 * 60;
/** When `web` gets a new version. */
const ROLLOUT = NOW - 45 * 60;

type Change = (series: Series, phase: number) => Partial<Series> | undefined;

/** A gauge around a value. */
const about =
    (mean: number, swing = 0.08, whole = false): Change =>
    (_, phase) => ({
        shape: (at) => {
            const value = mean * (1 + swing * wave(at, phase));
            return whole ? Math.round(value) : Number(value.toPrecision(6));
        },
    });
const is =
    (value: number): Change =>
    () => ({ value, perSecond: 0 });
const count = (mean: number, swing = 0.15): Change => about(mean, swing, true);
/** A counter that grows by so much a second, and from the trouble on by `then`. */
const grows =
    (perSecond: number, then = perSecond, swing = 0.25): Change =>
    (_, phase) => ({
        shape: (at) => {
            const begun = NOW - 9 * DAY;
            const steady = perSecond * (at - begun + swing * waved(at, phase));
            return Number(
                (steady + (then - perSecond) * Math.max(0, at - TROUBLE)).toPrecision(13),
            );
        },
    });
/** So many seconds after midnight of the last day on which that was, less some. */
const daily =
    (after: number, less = 0): Change =>
    () => ({ shape: (at) => at - ((at - after) % DAY) - less });
/** By a label's value; what is in none of them is left as it is. */
const by =
    (label: string, changes: Readonly<Record<string, Change>>): Change =>
    (series, phase) =>
        changes[series.labels[label] ?? ""]?.(series, phase);

const SLOW = 1700;
const FAST = 430;
const wave = (at: number, phase: number): number =>
    0.6 * Math.sin((2 * Math.PI * at) / SLOW + phase) +
    0.4 * Math.sin((2 * Math.PI * at) / FAST + 3 * phase);
/** The integral of `wave`. */
const waved = (at: number, phase: number): number =>
    -(
        (0.6 * SLOW * Math.cos((2 * Math.PI * at) / SLOW + phase) +
            0.4 * FAST * Math.cos((2 * Math.PI * at) / FAST + 3 * phase)) /
        (2 * Math.PI)
    );

/** Shares of all observations that are within a bucket. */
const WITHIN: Readonly<Record<string, number>> = { "0.1": 0.9, "1": 0.995, "+Inf": 1 };
const buckets =
    (perSecond: number): Change =>
    (series, phase) =>
        grows(perSecond * (WITHIN[series.labels.le ?? ""] ?? 1))(series, phase);

const isOrders = ({ labels }: Series): boolean => labels.pod === "orders-0";
const isMaster = ({ labels: { pod = "" } }: Series): boolean =>
    /^(cache|orders|sessions)-0$|^carts-leader/.test(pod);

/** Commands per second of a pod. */
function commandRate(series: Series): number {
    const { cmd = "" } = series.labels;
    const ofClients = { get: 260, set: 70, incr: 18, hset: 12, lpush: 6, expire: 5 }[cmd];
    // None as often as another: `topk` takes any of equals.
    const others = 0.07 * (1 + letters(cmd) / 1e5);
    return ofClients === undefined ? others : isMaster(series) ? ofClients : ofClients / 40;
}
const commands =
    (of: number, slow = of): Change =>
    (series, phase) => {
        const rate = commandRate(series);
        const busier = isOrders(series) && rate > 1 ? 1.8 : 1;
        return grows(rate * of, rate * busier * (isOrders(series) ? slow : of))(series, phase);
    };
/** What was recorded of a pod's command, of which the buckets are shares. */
const commandKey = ({ labels: { pod = "", cmd = "" } }: Series): string => `${pod} ${cmd}`;

const memory =
    (share: number): Change =>
    (series, phase) => {
        const app = series.labels.app ?? "";
        const mean = { cache: 52, orders: 66, sessions: 38 }[app] ?? 29;
        const full = 93.5;
        return {
            shape: (at) => {
                const rise = app === "orders" ? Math.max(0, at - TROUBLE) / 1500 : 0;
                const used = Math.min(full, mean * (1 + 0.02 * wave(at, phase)) + rise * 27);
                return Math.round(used * MI * share);
            },
        };
    };

/** The first that fits: by the metric. */
const CHANGES: readonly (readonly [RegExp, Change])[] = [
    // Redis.
    [/^redis_memory_used_bytes$/, memory(1)],
    [/^redis_memory_used_dataset_bytes$/, memory(0.9)],
    [/^redis_memory_used_rss_bytes$/, memory(1.14)],
    [/^redis_mem_fragmentation_ratio$/, about(1.14, 0.02)],
    [
        /^redis_evicted_keys_total$/,
        (series, phase) => grows(0, isOrders(series) ? 24 : 0)(series, phase),
    ],
    [/^redis_expired_keys_total$/, grows(0.8)],
    [/^redis_commands_(total|latencies_usec_count)$/, commands(1)],
    [/^redis_commands_duration_seconds_total$/, commands(12e-6, 60e-6)],
    [
        /^redis_commands_processed_total$/,
        (series, phase) =>
            grows(isMaster(series) ? 372 : 12, isOrders(series) ? 670 : undefined)(series, phase),
    ],
    [/^redis_keyspace_hits_total$/, grows(238)],
    // Not in step with the hits: of a constant ratio, only the noise of adding up would be drawn.
    [/^redis_keyspace_misses_total$/, grows(21, 21, 0.1)],
    [/^redis_net_input_bytes_total$/, grows(61e3)],
    [/^redis_net_output_bytes_total$/, grows(240e3)],
    [
        /^redis_cpu_(sys|user)_main_thread/,
        (series, phase) => grows(0.04, isOrders(series) ? 0.16 : 0.04)(series, phase),
    ],
    [/^redis_connected_clients$/, count(42)],
    [/^redis_(db_keys|db_keys_expiring)$/, by("db", { db0: count(118_000, 0.01) })],
    [
        /^redis_slowlog_last_id$/,
        (series, phase) => grows(0, isOrders(series) ? 0.04 : 0)(series, phase),
    ],
    [/^redis_rdb_last_save_timestamp_seconds$/, () => ({ shape: (at) => at - (at % 900) })],
    [/^redis_rdb_changes_since_last_save$/, () => ({ shape: (at) => (at % 900) * 3 })],
    [/^redis_errors_total$/, grows(0.002)],
    [/^redis_sentinel_master_last_ok_ping_reply_seconds$/, about(0.5, 0.6)],
    [/^redisreplication_(replicas_size_current|replicas_size_desired)$/, is(3)],
    [/^redis.*_(skipreconcile|size_mismatch)$/, is(0)],
    // Logs.
    [/^fluentbit_(input_records|output_proc_records)_total$/, grows(45)],
    [/^fluentbit_output_chunk_available_capacity_percent$/, about(97, 0.01)],
    [/^fluentbit_output_latency_seconds_bucket$/, buckets(0.4)],
    [
        /^elasticsearch_cluster_health_status$/,
        by("color", { green: is(1), yellow: is(0), red: is(0) }),
    ],
    [/^elasticsearch_cluster_health_active_shards$/, is(24)],
    [/^elasticsearch_cluster_health_/, is(0)],
    [/^elasticsearch_jvm_memory_max_bytes$/, is(GI)],
    [/^elasticsearch_jvm_memory_used_bytes$/, about(0.52 * GI, 0.3)],
    [
        /^elasticsearch_filesystem_data_available_bytes$/,
        () => ({ shape: (at) => 11 * GI - (at - NOW) * 4e3 }),
    ],
    [/^elasticsearch_filesystem_data_size_bytes$/, is(20 * GI)],
    [
        /^elasticsearch_data_stream_store_size_bytes$/,
        () => ({ shape: (at) => 6.2e9 + (at - NOW) * 4e3 }),
    ],
    [/^elasticsearch_snapshot_stats_number_of_snapshots$/, is(14)],
    // Traces.
    [/^otelcol_(receiver_accepted|exporter_sent)_spans_total$/, grows(182)],
    [/^otelcol_exporter_queue_capacity$/, is(1000)],
    [/^otelcol_exporter_queue_size$/, count(18, 0.6)],
    [/^jaeger_storage_requests_total$/, by("result", { ok: grows(31), err: is(0) })],
    [/^jaeger_storage_latency_seconds_bucket$/, by("result", { ok: buckets(31), err: is(0) })],
    [/^jaeger_storage_bulk_index_(attempts_total|latency_ok_seconds_count)$/, grows(182)],
    [
        /^traces_span_metrics_calls_total$/,
        by("status_code", { STATUS_CODE_OK: grows(40), STATUS_CODE_ERROR: grows(0.1) }),
    ],
    [/^traces_span_metrics_duration_milliseconds_bucket$/, buckets(40)],
    // What runs.
    [/^istio_requests_total$/, by("response_code", { 200: grows(42), 500: grows(0.1) })],
    [
        /^istio_request_duration_milliseconds_bucket$/,
        by("response_code", { 200: buckets(42), 500: buckets(0.1) }),
    ],
    [/^container_memory_working_set_bytes$/, about(148 * MI, 0.06)],
    [/^container_cpu_usage_seconds_total$/, grows(0.09)],
    [
        /^kube_pod_container_resource_limits$/,
        by("resource", { cpu: is(0.5), memory: is(256 * MI) }),
    ],
    [
        /^kube_pod_container_resource_requests$/,
        by("resource", { cpu: is(0.25), memory: is(192 * MI) }),
    ],
    [/^kube_pod_container_status_(restarts_total|waiting_reason)$/, is(0)],
    [/^kube_deployment_status_replicas_(ready|updated)$/, is(3)],
    [/^kube_horizontalpodautoscaler_status_(current|desired)_replicas$/, is(3)],
    [/^kube_horizontalpodautoscaler_spec_min_replicas$/, is(2)],
    [/^kube_horizontalpodautoscaler_spec_max_replicas$/, is(6)],
    [/^kube_horizontalpodautoscaler_spec_target_metric$/, is(70)],
    [/^kube_horizontalpodautoscaler_status_target_metric$/, about(54, 0.2)],
    [/_status_condition$/, by("status", { false: is(0) })],
    [
        /^kube_replicaset_created$/,
        by("replicaset", { "web-1": is(NOW - 6 * DAY), "web-2": is(ROLLOUT) }),
    ],
    [
        /^kube_replicaset_spec_replicas$/,
        by("replicaset", {
            "web-1": () => ({ shape: (at) => (at < ROLLOUT ? 3 : 0) }),
            "web-2": () => ({ shape: (at) => (at < ROLLOUT ? 0 : 3) }),
        }),
    ],
    [
        /^flagger_canary_(status|weight)$/,
        ({ name }) => ({ value: name.endsWith("status") ? 1 : 0, perSecond: 0 }),
    ],
    [/^kube_cronjob_created$/, is(NOW - 40 * DAY)],
    [/^kube_cronjob_next_schedule_time$/, is(NOW + 21 * HOUR)],
    [/^kube_cronjob_status_last_schedule_time$/, daily(0)],
    [/^kube_cronjob_status_last_successful_time$/, daily(95)],
    [/^kube_job_status_start_time$/, daily(95, 95)],
    [/^kube_job_status_completion_time$/, daily(95)],
    [/^kube_persistentvolumeclaim_resource_requests_storage_bytes$/, is(20 * GI)],
    [/^kubelet_volume_stats_capacity_bytes$/, is(20 * GI)],
    [/^kubelet_volume_stats_used_bytes$/, () => ({ shape: (at) => 9 * GI + (at - NOW) * 4e3 })],
    [
        /^kubelet_volume_stats_available_bytes$/,
        () => ({ shape: (at) => 11 * GI - (at - NOW) * 4e3 }),
    ],
    // Flux, and what reconciles.
    [/^gotk_reconcile_duration_seconds_(bucket|count)$/, buckets(0.03)],
    [/^gotk_reconcile_duration_seconds_sum$/, grows(0.01, 0.01, 0.05)],
    [/^controller_runtime_reconcile_time_seconds_bucket$/, buckets(0.4)],
    [
        /^controller_runtime_reconcile_total$/,
        by("result", { success: grows(0.4), error: is(0), result: is(0) }),
    ],
    [/^rest_client_requests_total$/, by("code", { 200: grows(3), 409: grows(0.01), 429: is(0) })],
    [/^workqueue_depth$/, () => ({ shape: (at) => ((at / 30) % 11 === 0 ? 1 : 0) })],
    [/^workqueue_longest_running_processor_seconds$/, about(0.3, 0.9)],
    // Argo CD.
    [/^argocd_app_sync_total$/, by("phase", { Succeeded: grows(6 / HOUR), Failed: is(0) })],
    [/^argocd_app_reconcile_bucket$/, buckets(0.2)],
    [/^argocd_app_k8s_request_total$/, grows(2.4)],
    // Probes.
    [/^probe_duration_seconds$/, about(0.09, 0.4)],
    [
        /^probe_http_duration_seconds$/,
        by("phase", {
            connect: about(0.012, 0.4),
            tls: about(0.024, 0.4),
            processing: about(0.05, 0.5),
        }),
    ],
    [/^probe_http_status_code$/, is(200)],
    [
        /^probe_ssl_earliest_cert_expiry$/,
        by("probe", { shop: is(NOW + 61 * DAY), "server.elasticsearch": is(NOW + 320 * DAY) }),
    ],
    // The monitoring itself.
    [/^prometheus_tsdb_head_series$/, count(48_200, 0.004)],
    [/^prometheus_tsdb_head_samples_appended_total$/, grows(1607, 1607, 0.02)],
    [/^prometheus_tsdb_compaction_chunk_samples_sum$/, grows(1607, 1607, 0.02)],
    [/^prometheus_tsdb_compaction_chunk_size_bytes_sum$/, grows(2170, 2170, 0.02)],
    [/^prometheus_tsdb_retention_limit_bytes$/, is(16 * GI)],
    [
        /^prometheus_tsdb_storage_blocks_bytes$/,
        () => ({ shape: (at) => 2.6 * GI + (at - NOW) * 2170 }),
    ],
    [/^alertmanager_alerts$/, by("state", { active: is(2), suppressed: is(0) })],
    [/^alertmanager_notifications_total$/, grows(0.004)],
    [/^alertmanager_notification_latency_seconds_bucket$/, buckets(0.004)],
    [/^scrape_samples_post_metric_relabeling$/, is(860)],
    [/^kube_node_spec_unschedulable$/, is(0)],
    // Whatever goes wrong nowhere.
    [
        /(failed|error|drop|refused|reject|retries|skipped|role_changes|rebalance|reshard|_err_)/,
        (series) =>
            series.perSecond > 0 || series.name.startsWith("kube_job")
                ? { value: 0, perSecond: 0 }
                : undefined,
    ],
];

/** Resources of Flux, one of which is not ready. */
const FLUX: readonly Readonly<Record<string, string>>[] = [
    { customresource_kind: "GitRepository", name: "platform" },
    { customresource_kind: "Kustomization", name: "platform" },
    { customresource_kind: "Kustomization", name: "web" },
    { customresource_kind: "HelmRelease", name: "payments", ready: "False" },
];

/** Applications of Argo CD, one of which is being rolled out. */
const ARGOCD: readonly Readonly<Record<string, string>>[] = [
    { name: "web" },
    { name: "search", health_status: "Progressing" },
    { name: "mail", autosync_enabled: "false" },
];

/** What is asked: a page, a port, and a server whose certificate is watched. */
const PROBES: readonly Readonly<Record<string, string>>[] = [
    { probe: "shop", instance: "https://shop.example.com" },
    { probe: "db", instance: "db.example.com:5432" },
    { probe: "server.elasticsearch", instance: "elasticsearch-es-http.logging.svc:9200" },
];

/** Targets that alerts miss and world.ts has not. */
const MISSED: readonly Series[] = (
    [
        { job: "jaeger-collector", namespace: "tracing", endpoint: "metrics" },
        { job: "jaeger-collector", namespace: "tracing", endpoint: "span-metrics" },
        { job: "jaeger-query", namespace: "tracing", endpoint: "metrics" },
        { job: "kube-state-metrics", namespace: "monitoring", endpoint: "http" },
        { job: "source-controller", namespace: "flux-system" },
        { job: "kustomize-controller", namespace: "flux-system" },
        { job: "helm-controller", namespace: "flux-system" },
        { job: "notification-controller", namespace: "flux-system" },
        ...PROBES.map((each) => ({ job: "probes", namespace: "monitoring", ...each })),
        { job: "argocd-application-controller", namespace: "argocd" },
        { job: "argocd-server", namespace: "argocd" },
        { job: "argocd-repo-server", namespace: "argocd" },
        { job: "argocd-applicationset-controller", namespace: "argocd" },
    ] as readonly Series["labels"][]
).map((labels) => ({ name: "up", labels, value: 1, perSecond: 0 }));

/** The series of world.ts with these values. */
export function lively(series: readonly Series[]): Series[] {
    const counted = new Map(
        series
            .filter(({ name }) => name === "redis_commands_latencies_usec_count")
            .map((each) => [commandKey(each), each.value]),
    );
    const changeOf = (each: Series): Change | undefined =>
        each.name === "redis_commands_latencies_usec_bucket"
            ? commands(each.value / (counted.get(commandKey(each)) || each.value || 1))
            : CHANGES.find(([name]) => name.test(each.name))?.[1];
    return [...series, ...MISSED]
        .filter(isWanted)
        .flatMap(severalOf)
        .map((each) => {
            const change = changeOf(each);
            // What grows does from a while ago on.
            const begun = { ...each, value: each.value - each.perSecond * (NOW - 9 * DAY) };
            return { ...begun, ...change?.(each, phaseOf(each)) };
        });
}

/** Without the failover of the tests, and what Flux has failed at there. */
function isWanted({ name, labels }: Series): boolean {
    switch (name) {
        case "redis_instance_info":
            return labels.role !== "slave" || labels.pod !== "sessions-0";
        case "gotk_resource_info":
            return labels.ready === "True" && labels.suspended === "false";
        case "argocd_app_info":
            return (
                labels.sync_status === "Synced" &&
                labels.health_status === "Healthy" &&
                labels.autosync_enabled === "true" &&
                labels.phase === "Succeeded"
            );
        // It is there where a phase has failed.
        case "elasticsearch_ilm_index_status":
            return false;
        default:
            return true;
    }
}

/** Where world.ts has one of its kind and a reader sees several. */
function severalOf(series: Series): Series[] {
    const each = (own: readonly Readonly<Record<string, string>>[]) =>
        own.map((labels) => ({ ...series, labels: { ...series.labels, ...labels } }));
    switch (/^(gotk_resource_info|argocd_app_info|probe_)/.exec(series.name)?.[1]) {
        case "gotk_resource_info":
            return fluxResources(series);
        case "argocd_app_info":
            return each(
                ARGOCD.map((own) => ({
                    namespace: "argocd",
                    dest_namespace: "shop",
                    operation: "",
                    project: "default",
                    repo: "https://git.example.com/shop",
                    ...own,
                })),
            );
        case "probe_":
            // Of a port without TLS there is no certificate.
            return each(
                PROBES.filter(({ probe }) =>
                    series.name.startsWith("probe_ssl") ? probe !== "db" : isAsked(probe, series),
                ),
            );
        default:
            return [series];
    }
}

/** Of a server whose certificate is watched, nothing else is stored. */
function isAsked(probe: string | undefined, { name }: Series): boolean {
    return probe === "shop" || (probe === "db" && !name.startsWith("probe_http"));
}

function fluxResources(series: Series): Series[] {
    const labels = without(series.labels, "stalled", "remediated");
    return FLUX.map((own) => ({
        ...series,
        labels: { ...labels, exported_namespace: "shop", revision: "main@sha1:0123456", ...own },
    }));
}

/** Where the waves of a series begin: by its labels, so that what belongs together moves together, at every run alike. */
function phaseOf(series: Series): number {
    const labels = without(series.labels, "le", "cmd");
    const text = identity({ name: "", labels, value: 0, perSecond: 0 });
    return letters(text) / 1000;
}

/** A number below 6283 of a text: the same at every run. */
function letters(text: string): number {
    return [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 6283, 7);
}

function without(
    labels: Series["labels"],
    ...names: readonly string[]
): Readonly<Record<string, string>> {
    return Object.fromEntries(Object.entries(labels).filter(([label]) => !names.includes(label)));
}
