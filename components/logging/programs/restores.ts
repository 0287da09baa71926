import { Patience, Refusal, Server } from "./client";
import { reasonOf } from "./environment";
import { checkShards, compare, count, untilGreen } from "./restoreChecks";
import { ask, Sample } from "./snapshots";

/** Milliseconds for a deletion, also when the time for the drill is over. */
const CLEANUP = 120_000;
/** Elasticsearch's words for a restore that was already accepted, whose answer was lost. */
const RESTORED_ALREADY = "open index with same name already exists";

/** Deletes what a run left that was ended from outside. */
export async function removeLeftovers(
    server: Server,
    prefix: string,
    patience: Patience,
): Promise<void> {
    const path = `/${prefix}*/_settings/index.uuid?expand_wildcards=all`;
    const { body } = await ask(server, { method: "GET", path }, patience);
    // By name: Elasticsearch refuses to delete by a pattern.
    for (const index of Object.keys(JSON.parse(body) as object)) {
        console.log(`${index} of an earlier run: deleted`);
        await remove(server, index, patience);
    }
}

interface Source {
    /** Path of the snapshot in Elasticsearch's API. */
    readonly snapshot: string;
    readonly prefix: string;
}

/**
 * Restores an index of a snapshot under another name and without copies, looks at what came, and deletes it again,
 * whatever happened. Returns how many documents came.
 */
export async function tryRestore(
    server: Server,
    { snapshot, prefix }: Source,
    sample: Sample,
    patience: Patience,
): Promise<number> {
    const restored = `${prefix}${sample.index}`;
    const cleanUp = () =>
        remove(server, restored, { deadline: Date.now() + CLEANUP, pause: patience.pause });
    try {
        await restore(server, snapshot, sample.index, restored, patience);
        await untilGreen(server, restored, sample.shards, patience);
        await checkShards(server, restored, sample.shards, patience);
        const documents = (await count(server, restored, patience)) ?? 0;
        await compare(server, sample, documents, patience);
        await cleanUp();
        return documents;
    } catch (error) {
        // Not in the place of the reason.
        await cleanUp().catch((failure: unknown) => console.error(reasonOf(failure)));
        throw new Error(`${sample.index}: ${reasonOf(error)}`, { cause: error });
    }
}

/** https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-snapshot-restore */
async function restore(
    server: Server,
    snapshot: string,
    index: string,
    restored: string,
    patience: Patience,
): Promise<void> {
    const body = JSON.stringify({
        indices: index,
        rename_pattern: ".+",
        rename_replacement: restored,
        include_global_state: false,
        include_aliases: false,
        index_settings: {
            "index.number_of_replicas": 0,
            // It would bring the copies back.
            "index.auto_expand_replicas": false,
        },
        // A lifecycle would begin to work on it.
        ignore_index_settings: ["index.lifecycle.*"],
    });
    const sent = { method: "POST", path: `${snapshot}/_restore`, body };
    await ask(server, sent, patience).catch((error: unknown) => {
        if (!(error instanceof Refusal && error.message.includes(RESTORED_ALREADY))) {
            throw error;
        }
    });
}

async function remove(server: Server, index: string, patience: Patience): Promise<void> {
    await ask(server, { method: "DELETE", path: `/${index}` }, patience, [404]);
}
