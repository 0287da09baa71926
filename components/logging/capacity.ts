import { days, seconds } from "../settings/duration";
import { bytes } from "../settings/quantity";
import { STREAMS } from "./logSchema";
import type { Settings } from "../stack/schema";

/** What a retention needs, what the volumes leave for it, and the size of a volume that would do; in bytes. */
export interface Capacity {
    readonly needed: number;
    readonly usable: number;
    readonly volumeFor: number;
}

/**
 * Bytes per sample: the upper end of "1-2 bytes per sample" in
 * https://prometheus.io/docs/prometheus/latest/storage/#operational-aspects.
 */
const BYTES_PER_SAMPLE = 2;

/** The share of the volume for blocks: retentionSize does not count the WAL and a compaction's copy. */
const PROMETHEUS_FILL = 0.85;

/** Below Elasticsearch's low disk watermark (85 %), above which it allocates no more shards to a node. */
const ELASTICSEARCH_FILL = 0.85;

/** Prometheus: retention x series / interval x bytes per sample, against the volume. */
export function prometheusVolume(
    prometheus: Pick<Settings["prometheus"], "expectedSeries" | "scrapeInterval" | "storageSize">,
    retention: Pick<Settings["retention"], "metrics">,
): Capacity {
    const samplesPerSecond = prometheus.expectedSeries / seconds(prometheus.scrapeInterval);
    const needed = seconds(retention.metrics) * samplesPerSecond * BYTES_PER_SAMPLE;
    return {
        needed,
        usable: bytes(prometheus.storageSize) * PROMETHEUS_FILL,
        volumeFor: needed / PROMETHEUS_FILL,
    };
}

/** Copies of each document beside the primary: one needs a second node, or the index stays yellow. */
export function indexReplicas(nodes: number): number {
    return nodes > 1 ? 1 : 0;
}

/** An index is deleted as a whole, a day after the oldest document in it at the latest. */
const DAYS_OF_AN_INDEX = 1;

/** Elasticsearch: (logs/day x days + traces/day x days) x copies, against all nodes' volumes. */
export function logVolume(
    elasticsearch: Pick<
        Settings["elasticsearch"],
        "nodes" | "storageSize" | "dailyLogVolume" | "dailyTraceVolume"
    >,
    retention: Pick<Settings["retention"], "logs" | "traces">,
): Capacity {
    const primaries =
        bytes(elasticsearch.dailyLogVolume) * (days(retention.logs) + DAYS_OF_AN_INDEX) +
        bytes(elasticsearch.dailyTraceVolume) * (days(retention.traces) + DAYS_OF_AN_INDEX);
    const needed = primaries * (1 + indexReplicas(elasticsearch.nodes));
    return {
        needed,
        usable: bytes(elasticsearch.storageSize) * elasticsearch.nodes * ELASTICSEARCH_FILL,
        volumeFor: needed / ELASTICSEARCH_FILL / elasticsearch.nodes,
    };
}

/**
 * Below the 50 GB that a shard should not exceed, with room for a day above the average.
 * https://www.elastic.co/docs/deploy-manage/production-guidance/optimize-performance/size-shards
 */
const BYTES_PER_SHARD = 30 * 2 ** 30;

/** Primary shards of an index that gets `volume` before the next one is begun. */
export function shardsPerIndex(volume: string): number {
    return Math.max(1, Math.ceil(bytes(volume) / BYTES_PER_SHARD));
}

/** `cluster.max_shards_per_node`: https://www.elastic.co/docs/reference/elasticsearch/configuration-reference/miscellaneous-cluster-settings. */
const SHARDS_PER_NODE = 1000;
/** For Kibana's, Jaeger's and the system's own indices, and indices that are full before their day is over. */
const SHARDS_FOR_OTHERS = 0.2;

/** Shards of the logs' daily indices with their copies, and how many the nodes leave for them. */
export function logShards(
    { nodes }: Pick<Settings["elasticsearch"], "nodes">,
    retention: Pick<Settings["retention"], "logs">,
): { readonly needed: number; readonly allowed: number } {
    const indices = Object.keys(STREAMS).length * (days(retention.logs) + DAYS_OF_AN_INDEX);
    return {
        needed: indices * (1 + indexReplicas(nodes)),
        allowed: Math.floor(nodes * SHARDS_PER_NODE * (1 - SHARDS_FOR_OTHERS)),
    };
}
