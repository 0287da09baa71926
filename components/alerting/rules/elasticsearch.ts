import { seconds } from "../../settings/duration";
import { DASHBOARDS } from "../dashboardLinks";
import type { RuleGroup } from "../prometheusRule";
import { STARTUP } from "./startup";
import type { AlertSettings } from "./settings";
import { percent } from "./texts";

const NODE = "{{ $labels.namespace }}/{{ $labels.name }}";

/** Share of the fullest disk of a node that is used. */
const DISK_SHARE = "namespace_name:elasticsearch_filesystem_data_used:ratio";

/**
 * Alerts on Elasticsearch, from elasticsearch_exporter (https://github.com/prometheus-community/elasticsearch_exporter).
 * Its label `cluster` is dropped: on an alert it would stand in place of the name of the Kubernetes cluster.
 */
export function elasticsearchRules(namespace: string, settings: AlertSettings): RuleGroup {
    const ns = `namespace="${namespace}"`;
    const health = (color: string) =>
        `max by (namespace) (elasticsearch_cluster_health_status{${ns}, color="${color}"}) == 1`;
    const dashboard = DASHBOARDS.logs;
    const { ElasticsearchDiskLow, ElasticsearchDiskFull, ElasticsearchHeapHigh } = settings;
    const { ElasticsearchRejections, ElasticsearchIlmFailed } = settings;
    const exporter = (at = "") => `max(up{${ns}, job="elasticsearch-exporter"}${at})`;
    return {
        name: "elasticsearch",
        rules: [
            {
                record: DISK_SHARE,
                expr: `1 - min by (namespace, name) (elasticsearch_filesystem_data_available_bytes{${ns}} / elasticsearch_filesystem_data_size_bytes{${ns}})`,
            },
            {
                alert: "ElasticsearchUnreachable",
                // The exporter answers even then, without these series; when it is away itself, nobody knows. A first start
                // takes minutes, and nobody waits for it.
                expr: `absent(elasticsearch_cluster_health_status{${ns}}) and on () (${exporter()} == 1) and on () (${exporter(` offset ${STARTUP}`)} or count(last_over_time(elasticsearch_cluster_health_status{${ns}}[${STARTUP}])))`,
                labels: { namespace },
                summary: "Elasticsearch does not answer",
                description: `Nothing has been known of Elasticsearch for ${settings.ElasticsearchUnreachable.for}: it does not answer its exporter. Logs wait on the nodes, and spans are lost.`,
                dashboard,
            },
            {
                alert: "ElasticsearchRed",
                expr: health("red"),
                summary: "Elasticsearch is red",
                description: `A primary shard of Elasticsearch has been missing for ${settings.ElasticsearchRed.for}: part of the data cannot be read, and writes to it fail.`,
                dashboard,
            },
            {
                alert: "ElasticsearchYellow",
                expr: health("yellow"),
                summary: "Elasticsearch is yellow",
                description: `A copy of a shard has been missing for ${settings.ElasticsearchYellow.for}: the loss of one more node may be a loss of data.`,
                dashboard,
            },
            {
                alert: "ElasticsearchDiskLow",
                expr: `${DISK_SHARE} > ${ElasticsearchDiskLow.share}`,
                summary: `The disk of Elasticsearch ${NODE} gets full`,
                description: `{{ $value | humanizePercentage }} of the disk of ${NODE} is used, for ${ElasticsearchDiskLow.for} more than ${percent(ElasticsearchDiskLow.share)}: from 85 % on it gets no new shards.`,
                dashboard,
            },
            {
                alert: "ElasticsearchDiskFull",
                expr: `${DISK_SHARE} > ${ElasticsearchDiskFull.share}`,
                summary: `The disk of Elasticsearch ${NODE} is nearly full`,
                description: `{{ $value | humanizePercentage }} of the disk of ${NODE} is used, for ${ElasticsearchDiskFull.for} more than ${percent(ElasticsearchDiskFull.share)}: from 95 % on every write is refused.`,
                dashboard,
            },
            {
                alert: "ElasticsearchHeapHigh",
                expr: `max by (namespace, name) (elasticsearch_jvm_memory_used_bytes{${ns}, area="heap"} / (elasticsearch_jvm_memory_max_bytes{${ns}, area="heap"} > 0)) > ${ElasticsearchHeapHigh.share}`,
                summary: `The heap of Elasticsearch ${NODE} is nearly full`,
                description: `${NODE} has used {{ $value | humanizePercentage }} of its heap for ${ElasticsearchHeapHigh.for}: it collects garbage all the time, and refuses requests next.`,
                dashboard,
            },
            {
                alert: "ElasticsearchRejections",
                expr: `sum by (namespace, name, type) (rate(elasticsearch_thread_pool_rejected_count{${ns}, type=~"write|search"}[5m])) > ${ElasticsearchRejections.perSecond}`,
                summary: `Elasticsearch ${NODE} rejects {{ $labels.type }} requests`,
                description: `${NODE} has rejected {{ $value | printf "%.2f" }} {{ $labels.type }} requests per second for ${ElasticsearchRejections.for}: it cannot keep up.`,
                dashboard,
            },
            {
                alert: "ElasticsearchIlmFailed",
                expr: `count by (namespace) (elasticsearch_ilm_index_status{${ns}, step="ERROR"}) > 0 or max by (namespace) (elasticsearch_ilm_status{${ns}, operation_mode="RUNNING"}) == 0`,
                summary: "Elasticsearch does not delete old logs",
                description: `Index lifecycle management has been stopped, or stands in an error at {{ $value }} indices, for ${ElasticsearchIlmFailed.for}: nothing is rolled over or deleted there, and the disks fill.`,
                dashboard,
            },
        ],
    };
}

/** What is looked at over days. */
const SNAPSHOT_INTERVAL = "5m";
/** A repository that nobody has seen for longer was taken away on purpose. */
const MEMORY = "7d";

/** Alerts on snapshots. A repository that cannot be read has no series at all. */
export function snapshotRules(namespace: string, settings: AlertSettings): RuleGroup {
    const ns = `namespace="${namespace}"`;
    const { ElasticsearchSnapshotOld, ElasticsearchSnapshotMissing } = settings;
    const newest = `elasticsearch_snapshot_stats_latest_snapshot_timestamp_seconds{${ns}}`;
    const byRepository = "by (namespace, repository)";
    const dashboard = DASHBOARDS.logs;
    return {
        name: "elasticsearch-snapshots",
        interval: SNAPSHOT_INTERVAL,
        rules: [
            {
                alert: "ElasticsearchSnapshotFailed",
                expr: `sum by (namespace, policy) (increase(elasticsearch_slm_stats_snapshots_failed_total{${ns}}[1h])) > 0`,
                summary: "A snapshot of Elasticsearch has failed",
                description:
                    "A snapshot of the policy {{ $labels.policy }} has failed within the last hour. The next one is tried at its time; what is deleted until then is in no snapshot.",
                dashboard,
            },
            {
                alert: "ElasticsearchSnapshotOld",
                // Without any snapshot it is 0: ElasticsearchSnapshotMissing tells.
                expr: `time() - (max ${byRepository} (${newest}) != 0) > ${seconds(ElasticsearchSnapshotOld.age)}`,
                summary: "The newest snapshot of Elasticsearch is old",
                description: `The newest snapshot in the repository {{ $labels.repository }} is {{ $value | humanizeDuration }} old, and may be ${ElasticsearchSnapshotOld.age}: that much would be lost with the disks.`,
                dashboard,
            },
            {
                alert: "ElasticsearchSnapshotMissing",
                expr: `max ${byRepository} (max_over_time(${newest}[${ElasticsearchSnapshotMissing.age}])) == 0 and max ${byRepository} (${newest} offset ${ElasticsearchSnapshotMissing.age})`,
                summary: "There is no snapshot of Elasticsearch",
                description: `The repository {{ $labels.repository }} has been there for ${ElasticsearchSnapshotMissing.age}, and has never had a snapshot: all would be lost with the disks.`,
                dashboard,
            },
            {
                alert: "ElasticsearchRepositoryLost",
                expr: `max ${byRepository} (last_over_time(${newest}[${MEMORY}])) unless max ${byRepository} (${newest}) and on () max(elasticsearch_cluster_health_status{${ns}})`,
                summary: "The snapshot repository of Elasticsearch cannot be read",
                description: `Elasticsearch answers, and has not read the repository {{ $labels.repository }} for ${settings.ElasticsearchRepositoryLost.for}: its bucket or its credentials are gone, and no snapshot is taken.`,
                dashboard,
            },
        ],
    };
}
