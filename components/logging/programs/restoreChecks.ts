import type { Patience, Server } from "./client";
import { ask, Sample } from "./snapshots";

/** Seconds that Elasticsearch itself waits for an index before it answers. */
const WAIT = 10;

/** Throws when an index is not green in time, or never will be. */
export async function untilGreen(
    server: Server,
    index: string,
    shards: number,
    patience: Patience,
): Promise<void> {
    for (;;) {
        const path = `/_cluster/health/${index}?wait_for_status=green&timeout=${WAIT}s`;
        // 408 is its answer when the time is over.
        const answer = await ask(server, { method: "GET", path }, patience, [408]);
        const health = JSON.parse(answer.body) as Readonly<Record<string, unknown>>;
        if (answer.status !== 408 && health.status === "green") {
            return;
        }
        for (let shard = 0; health.initializing_shards === 0 && shard < shards; shard++) {
            await explain(server, index, shard, patience);
        }
        if (Date.now() > patience.deadline) {
            throw new Error(`is not green in time: ${answer.body}`);
        }
    }
}

/** https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-cluster-allocation-explain */
interface Explanation {
    readonly can_allocate?: string;
    readonly unassigned_info?: { readonly details?: string };
    readonly node_allocation_decisions?: readonly {
        readonly deciders?: readonly { readonly explanation: string }[];
    }[];
}

/** Throws Elasticsearch's reason when a shard will not be restored, whether its data is damaged or no disk takes it. */
async function explain(
    server: Server,
    index: string,
    shard: number,
    patience: Patience,
): Promise<void> {
    const path = "/_cluster/allocation/explain";
    const body = JSON.stringify({ index, shard, primary: true });
    const answer = await ask(server, { method: "POST", path, body }, patience);
    const explanation = JSON.parse(answer.body) as Explanation;
    if (explanation.can_allocate !== "no") {
        return;
    }
    const { unassigned_info, node_allocation_decisions = [] } = explanation;
    // The last one is the reason of the others; the rest is a stack trace.
    const causes = unassigned_info?.details?.match(/^Caused by: .*$/gm)?.slice(-1);
    const deciders = node_allocation_decisions.flatMap((node) => node.deciders ?? []);
    const reasons = causes ?? deciders.map((each) => each.explanation);
    throw new Error(`shard ${shard} is not restored: ${reasons.join("; ").slice(0, 2000)}`);
}

/** https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-indices-recovery */
interface Recovery {
    readonly type: string;
    readonly stage: string;
    readonly primary: boolean;
}

/** Throws when a shard did not come from the snapshot: it may be there and empty. */
export async function checkShards(
    server: Server,
    index: string,
    expected: number,
    patience: Patience,
): Promise<void> {
    const { body } = await ask(server, { method: "GET", path: `/${index}/_recovery` }, patience);
    const answer = JSON.parse(body) as Readonly<Record<string, { readonly shards: Recovery[] }>>;
    const done = (answer[index]?.shards ?? []).filter(
        ({ type, stage, primary }) => primary && type === "SNAPSHOT" && stage === "DONE",
    );
    if (done.length !== expected) {
        throw new Error(`${done.length} of ${expected} shards came from the snapshot: ${body}`);
    }
}

/** Documents only come: an index that nothing is written to any more has as many as in the snapshot. */
export async function compare(
    server: Server,
    { index, open }: Sample,
    restored: number,
    patience: Patience,
): Promise<void> {
    const now = await count(server, index, patience);
    const good = now === undefined || (open ? restored <= now : restored === now);
    if (!good) {
        throw new Error(`${restored} documents were restored, and the index has ${now}`);
    }
    const known = now === undefined ? "the index is deleted since" : `the index has ${now}`;
    console.log(`${index}: ${restored} documents were restored; ${known}`);
}

/** Documents of an index, or undefined when there is no such index. */
export async function count(
    server: Server,
    index: string,
    patience: Patience,
): Promise<number | undefined> {
    const sent = { method: "GET", path: `/${index}/_count` };
    const answer = await ask(server, sent, patience, [404]);
    if (answer.status === 404) {
        return undefined;
    }
    const { count: documents, _shards: shards } = JSON.parse(answer.body) as {
        readonly count: number;
        readonly _shards: { readonly failed: number };
    };
    if (shards.failed > 0) {
        throw new Error(`${index} cannot be counted: ${answer.body}`);
    }
    return documents;
}
