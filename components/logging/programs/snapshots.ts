import { Patience, Refusal, Sent, Answer, sendPatiently, Server } from "./client";
import type { DrillPlan } from "./drillPlan";

/** https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-snapshot-get */
export interface Snapshot {
    readonly snapshot: string;
    readonly state: string;
    readonly start_time_in_millis: number;
    readonly indices: readonly string[];
    readonly index_details: Readonly<Record<string, { readonly shard_count: number }>>;
    readonly shards: { readonly total: number; readonly failed: number };
    readonly failures: readonly object[];
}

/** Enough to see past one that is being made. */
const NEWEST = 5;

/** Throws what Elasticsearch answers 500 for at once: what is damaged stays so. */
export async function ask(
    server: Server,
    sent: Sent,
    patience: Patience,
    others: readonly number[] = [],
): Promise<Answer> {
    const answer = await sendPatiently(
        server,
        sent,
        patience,
        ({ status }) => status < 300 || status === 500 || others.includes(status),
    );
    if (answer.status === 500) {
        throw new Refusal(`${sent.method} ${sent.path}: ${answer.body.slice(0, 2000)}`);
    }
    return answer;
}

/** The newest snapshot of a policy. Throws when there is none, or it is old or not complete. */
export async function newestSnapshot(
    server: Server,
    { repository, policy, maxAgeSeconds }: DrillPlan,
    patience: Patience,
): Promise<Snapshot> {
    const order = `sort=start_time&order=desc&size=${NEWEST}`;
    const path = `/_snapshot/${repository}/*?${order}&slm_policy_filter=${policy}&index_details=true`;
    const answer = await ask(server, { method: "GET", path }, patience);
    const { snapshots } = JSON.parse(answer.body) as { readonly snapshots: readonly Snapshot[] };
    const newest = snapshots.find(({ state }) => state !== "IN_PROGRESS");
    if (!newest) {
        throw new Error(`repository ${repository} holds no snapshot of policy ${policy}`);
    }
    const { snapshot, state, shards, failures } = newest;
    const started = new Date(newest.start_time_in_millis);
    const age = Math.floor((Date.now() - started.getTime()) / 1000);
    const what = `the newest snapshot, ${snapshot} of ${started.toISOString()},`;
    if (state !== "SUCCESS") {
        throw new Error(
            `${what} is ${state}: ${shards.failed} of ${shards.total} shards failed: ${JSON.stringify(failures).slice(0, 2000)}`,
        );
    }
    if (age > maxAgeSeconds) {
        throw new Error(`${what} is ${age} s old; allowed: ${maxAgeSeconds} s`);
    }
    console.log(`${what} is ${age} s old and has ${newest.indices.length} indices`);
    return newest;
}

/** One index to try. */
export interface Sample {
    readonly index: string;
    readonly shards: number;
    /** Whether it was written to when the snapshot was made, so that the index of today may have more. */
    readonly open: boolean;
}

/**
 * The newest index of a stream in a snapshot, which was written to then, and the one before it, which nothing is written
 * to any more. Throws when there is none.
 */
export function samples(snapshot: Snapshot, stream: string): Sample[] {
    const backing = new RegExp(`^\\.ds-${stream}-\\d{4}\\.\\d{2}\\.\\d{2}-(\\d+)$`);
    const newest = snapshot.indices
        .map((index) => ({ index, generation: Number(backing.exec(index)?.[1] ?? NaN) }))
        .filter(({ generation }) => !Number.isNaN(generation))
        .sort((a, b) => b.generation - a.generation)
        .slice(0, 2);
    if (newest.length === 0) {
        throw new Error(`snapshot ${snapshot.snapshot} has no index of stream ${stream}`);
    }
    return newest.map(({ index }, at) => ({
        index,
        shards: snapshot.index_details[index]?.shard_count ?? NaN,
        open: at === 0,
    }));
}
