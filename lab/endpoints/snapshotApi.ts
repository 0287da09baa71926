import type { Asked, Reply } from "./elasticStack";

/** An index, in the cluster or in a snapshot. */
export interface HeldIndex {
    documents: number;
    readonly shards: number;
    readonly settings: Readonly<Record<string, unknown>>;
    /** Its data cannot be read. */
    damaged?: boolean;
    /** Shards that a restore made empty in place of their data. */
    emptied?: number;
}

export interface HeldSnapshot {
    readonly policy: string;
    readonly started: Date;
    readonly state: string;
    readonly indices: Map<string, HeldIndex>;
}

/** What of the cluster snapshots and restores are about. */
export interface Restorable {
    readonly indices: Map<string, HeldIndex>;
    /** Of the repository `observability`. */
    readonly snapshots: Map<string, HeldSnapshot>;
}

/** Settings that the log streams' indices have. */
export const STREAM_SETTINGS = {
    "index.lifecycle.name": "observability-logs",
    "index.auto_expand_replicas": "0-1",
    "index.number_of_replicas": 0,
} as const;

/**
 * What a cluster of one node answers about snapshots, restores and indices, as seen of Elasticsearch 9.5.3; undefined
 * when it is asked for something else.
 */
export function answerSnapshots(asked: Asked, held: Restorable): Reply | undefined {
    const { method, path } = asked;
    const [, first = "", second = "", third = "", fourth] = path.split("/");
    const route = `${method} /${path.split("/").at(-1)}`;
    if (first === "_snapshot" && third !== "" && third !== "_verify") {
        if (second !== "observability") {
            return failed(404, "repository_missing_exception", `[${second}] missing`);
        }
        return fourth === "_restore" ? restore(asked, third, held) : list(asked, held);
    }
    if (path === "/_cluster/allocation/explain") {
        return explain(asked, held);
    }
    if (path.startsWith("/_cluster/health/")) {
        const index = held.indices.get(third);
        return index && health(index);
    }
    if (second === "_settings") {
        const prefix = first.replace(/\*$/, "");
        // Restored indices of data streams are hidden.
        const seen = asked.query.get("expand_wildcards") === "all" ? [...held.indices.keys()] : [];
        const found = seen.filter((name) => name.startsWith(prefix));
        return ok(Object.fromEntries(found.map((name) => [name, { settings: {} }])));
    }
    const known = ["GET /_recovery", "GET /_count"].includes(route);
    const removes = method === "DELETE" && second === "" && !first.startsWith("_");
    if (!known && !removes) {
        return undefined;
    }
    if (removes && first.includes("*")) {
        return failed(400, "illegal_argument_exception", "Wildcard expressions are not allowed");
    }
    const index = held.indices.get(first);
    if (!index) {
        return failed(404, "index_not_found_exception", `no such index [${first}]`);
    }
    if (removes) {
        held.indices.delete(first);
        return ok({ acknowledged: true });
    }
    return route === "GET /_count" ? count(index) : recovery(first, index);
}

function list({ query }: Asked, { snapshots }: Restorable): Reply {
    const found = [...snapshots]
        .filter(([, { policy }]) => policy === query.get("slm_policy_filter"))
        .sort(([, a], [, b]) => b.started.getTime() - a.started.getTime())
        .slice(0, Number(query.get("size")));
    return ok({
        snapshots: found.map(([snapshot, { started, state, indices }]) => ({
            snapshot,
            state,
            start_time_in_millis: started.getTime(),
            indices: [...indices.keys()],
            index_details: Object.fromEntries(
                [...indices].map(([name, { shards }]) => [name, { shard_count: shards }]),
            ),
            shards: { total: indices.size, failed: state === "PARTIAL" ? 1 : 0 },
            failures: state === "PARTIAL" ? [{ reason: "node shutdown" }] : [],
        })),
    });
}

function restore({ text }: Asked, snapshot: string, held: Restorable): Reply {
    const { indices, rename_pattern, rename_replacement, ...options } = JSON.parse(text) as {
        readonly indices: string;
        readonly rename_pattern: string;
        readonly rename_replacement: string;
        readonly index_settings: Readonly<Record<string, unknown>>;
        readonly ignore_index_settings: readonly string[];
    };
    const source = held.snapshots.get(snapshot)?.indices.get(indices);
    const name = indices.replace(new RegExp(rename_pattern), rename_replacement);
    if (!source || held.indices.has(name)) {
        const reason = source
            ? `cannot restore index [${name}] because an open index with same name already exists in the cluster`
            : "snapshot does not exist";
        return failed(500, "snapshot_restore_exception", reason);
    }
    const ignored = options.ignore_index_settings.map((each) => each.replace(/\*$/, ""));
    const kept = Object.entries(source.settings).filter(
        ([key]) => !ignored.some((prefix) => key.startsWith(prefix)),
    );
    const settings = { ...Object.fromEntries(kept), ...options.index_settings };
    held.indices.set(name, { ...source, settings });
    return ok({ accepted: true });
}

function health(index: HeldIndex): Reply {
    const copies = Number(index.settings["index.number_of_replicas"] ?? 0) * index.shards;
    const status = index.damaged ? "red" : copies > 0 ? "yellow" : "green";
    const missing = index.damaged ? index.shards : copies;
    const body = { status, initializing_shards: 0, unassigned_shards: missing };
    return { status: status === "green" ? 200 : 408, body };
}

function explain({ text }: Asked, { indices }: Restorable): Reply {
    const { index } = JSON.parse(text) as { readonly index: string };
    if (!indices.get(index)?.damaged) {
        return ok({ index, current_state: "started" });
    }
    const details =
        "failed shard on node [a]: failed recovery\n\tat org.elasticsearch.index.shard\n" +
        "Caused by: IndexShardRecoveryException: failed recovery\n\t... 55 more\n" +
        "Caused by: CorruptIndexException: verification failed (hardware problem?)\n\tat org.lucene";
    return ok({
        index,
        can_allocate: "no",
        unassigned_info: { reason: "ALLOCATION_FAILED", details },
        node_allocation_decisions: [
            { deciders: [{ explanation: "shard has failed to be restored from the snapshot" }] },
        ],
    });
}

function count({ documents }: HeldIndex): Reply {
    return ok({ count: documents, _shards: { total: 1, successful: 1, failed: 0 } });
}

function recovery(name: string, { shards, emptied = 0 }: HeldIndex): Reply {
    const of = (type: string, length: number) =>
        Array.from({ length }, () => ({ type, stage: "DONE", primary: true }));
    const all = [...of("SNAPSHOT", shards - emptied), ...of("EMPTY_STORE", emptied)];
    return ok({ [name]: { shards: all } });
}

function ok(body: object): Reply {
    return { status: 200, body };
}

function failed(status: number, type: string, reason: string): Reply {
    return { status, body: { error: { type, reason }, status } };
}
