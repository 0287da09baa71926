import { z } from "zod";

import { customSpec, isMap, specProblems } from "../kubernetes/customSpec";
import type { Capacity } from "../settings/capacity";
import { days } from "../settings/duration";
import { Problem, show } from "../settings/problems";
import { bytes, gibibytes, volumeSize } from "../settings/quantity";
import { amount, memory, pods, volume } from "../settings/scalars";
import { STREAMS } from "./logSchema";
import { ELASTIC_KINDS } from "./specGuards";
import { snapshots } from "./snapshotSettings";

export const elasticsearch = z
    .strictObject({
        nodes: pods()
            .meta({ kind: "number, not 2" })
            .describe("Nodes; one copy of each index when more than one"),
        storageSize: volume.describe("Volume of each node"),
        memory: memory(
            "1Gi",
            "half of it is heap, and Elasticsearch does not start with less",
        ).describe("Request and limit of each node; half is heap"),
        dailyLogVolume: amount.describe(
            "Indexed per day, without copies: (logs x (days + 1) + traces x (days + 1)) x copies must fit into 85 % of the volumes",
        ),
        dailyTraceVolume: amount.describe("The same for spans"),
        snapshots: snapshots
            .meta({ otherwise: "`type: none`" })
            .describe("Where snapshots go: [retention](retention.md)")
            .default({ type: "none" }),
        spec: customSpec
            .describe(
                "What no key says of its custom resource, over ours: [adapting](adapting.md#fields-of-a-custom-resource)",
            )
            .optional(),
    })
    .describe(
        "Nodes, volume, memory, the daily volumes that they are sized for, and where snapshots go",
    );

export type ElasticsearchSettings = z.output<typeof elasticsearch>;

/** The one set of nodes. */
export const NODE_SET = "default";

interface Retention {
    readonly logs: string;
    readonly traces: string;
}

/** What the rules of Elasticsearch read of other parts. */
export interface ElasticsearchNeeds {
    readonly retention: Retention;
}

/** What a stack asks of Elasticsearch that it cannot hold or run. Returns every problem. */
export function elasticsearchProblems(
    settings: ElasticsearchSettings,
    retention: Retention,
): Problem[] {
    return [
        ...volumeProblems(settings, retention),
        ...nodeProblems(settings),
        ...shardProblems(settings, retention),
        ...specProblems("elasticsearch.spec", settings.spec ?? {}, ELASTIC_KINDS.Elasticsearch),
        ...nodeSetProblems(settings),
    ];
}

/** Another set would be nodes without a volume of ours, which nothing counts. */
function nodeSetProblems({ spec = {} }: ElasticsearchSettings): Problem[] {
    const sets: unknown[] = Array.isArray(spec.nodeSets) ? spec.nodeSets : [];
    return sets
        .map((each) => (isMap(each) ? each.name : undefined))
        .filter((name) => name !== undefined && name !== NODE_SET)
        .map((name) => ({
            path: `elasticsearch.spec.nodeSets.${String(name)}`,
            got: "another set of nodes",
            allowed: `name: ${NODE_SET}, the set of this stack; elasticsearch.nodes says how many it has`,
        }));
}

function volumeProblems(settings: ElasticsearchSettings, retention: Retention): Problem[] {
    const { needed, usable, volumeFor } = logVolume(settings, retention);
    return needed <= usable
        ? []
        : [
              {
                  path: "retention.logs",
                  got: show(retention.logs),
                  allowed: `logs for ${retention.logs} and traces for ${retention.traces} need ${gibibytes(needed)} and ${settings.nodes} x elasticsearch.storageSize ${settings.storageSize} leave ${gibibytes(usable)}: shorten it, or set storageSize to ${volumeSize(volumeFor)} or more`,
              },
          ];
}

function nodeProblems({ nodes }: ElasticsearchSettings): Problem[] {
    const problems: Problem[] = [];
    if (nodes === 2) {
        problems.push({
            path: "elasticsearch.nodes",
            got: "2",
            allowed: "1, or 3 and more: two master nodes have no majority when one is lost",
        });
    }
    return problems;
}

function shardProblems({ nodes }: ElasticsearchSettings, { logs }: Retention): Problem[] {
    const { needed, allowed } = logShards(nodes, logs);
    return needed <= allowed
        ? []
        : [
              {
                  path: "retention.logs",
                  got: show(logs),
                  allowed: `an index a day of each stream, for ${logs}, makes ${needed} shards, and ${nodes} nodes take ${allowed}: shorten it, or add nodes`,
              },
          ];
}

/** Below Elasticsearch's low disk watermark (85 %), above which it allocates no more shards to a node. */
const ELASTICSEARCH_FILL = 0.85;

/** Copies of each document beside the primary: one needs a second node, or the index stays yellow. */
export function indexReplicas(nodes: number): number {
    return nodes > 1 ? 1 : 0;
}

/** An index is deleted as a whole, a day after the oldest document in it at the latest. */
const DAYS_OF_AN_INDEX = 1;

/** Elasticsearch: (logs/day x days + traces/day x days) x copies, against all nodes' volumes. */
export function logVolume(
    settings: Pick<
        ElasticsearchSettings,
        "nodes" | "storageSize" | "dailyLogVolume" | "dailyTraceVolume"
    >,
    retention: Retention,
): Capacity {
    const primaries =
        bytes(settings.dailyLogVolume) * (days(retention.logs) + DAYS_OF_AN_INDEX) +
        bytes(settings.dailyTraceVolume) * (days(retention.traces) + DAYS_OF_AN_INDEX);
    const needed = primaries * (1 + indexReplicas(settings.nodes));
    return {
        needed,
        usable: bytes(settings.storageSize) * settings.nodes * ELASTICSEARCH_FILL,
        volumeFor: needed / ELASTICSEARCH_FILL / settings.nodes,
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
    nodes: number,
    retention: string,
): { readonly needed: number; readonly allowed: number } {
    const indices = Object.keys(STREAMS).length * (days(retention) + DAYS_OF_AN_INDEX);
    return {
        needed: indices * (1 + indexReplicas(nodes)),
        allowed: Math.floor(nodes * SHARDS_PER_NODE * (1 - SHARDS_FOR_OTHERS)),
    };
}
