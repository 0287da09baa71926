import { Connection } from "./redisConnection";
import { Instance, PASSWORD, TAG } from "./redisServers";

const WRITERS = 4;
/** Milliseconds between two writes of one, and before a failed one is tried again. */
const PACE = 1;
const AGAIN = 20;
/** Keys that one question asks for. */
const BATCH = 500;

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** What the writers saw. */
export interface Seen {
    readonly acknowledged: number;
    /** Commands with an error or without an answer, and attempts to connect that failed. */
    readonly failed: number;
    /** Milliseconds between two acknowledged writes of one writer, at most. */
    readonly longest: number;
}

/**
 * Clients that write keys of their own one after the other, each again until it is acknowledged, and ask anew who is
 * master after an error.
 */
export class Writers {
    private readonly counts: number[] = Array.from({ length: WRITERS }, () => 0);
    private readonly lasts: number[] = Array.from({ length: WRITERS }, () => performance.now());
    private failed = 0;
    private longest = 0;
    private stopping = false;
    private readonly ended: Promise<unknown>;

    constructor(private readonly instance: Instance) {
        this.ended = Promise.all(this.counts.map((_, writer) => this.write(writer)));
    }

    /** Whether each has had an acknowledged write since a time of `performance.now()`. */
    wroteSince(time: number): boolean {
        return this.lasts.every((last) => last > time);
    }

    /** From here on, `failed` and `longest` count. */
    begin(): void {
        this.failed = 0;
        this.longest = 0;
    }

    async stop(): Promise<Seen> {
        this.stopping = true;
        await this.ended;
        return {
            acknowledged: this.counts.reduce((sum, count) => sum + count, 0),
            failed: this.failed,
            longest: this.longest,
        };
    }

    /** How many acknowledged writes the master of now does not have. */
    async lost(): Promise<number> {
        const connection = await Connection.open(await this.instance.find(), PASSWORD);
        let lost = 0;
        for (const [writer, count] of this.counts.entries()) {
            for (let from = 0; from < count; from += BATCH) {
                const keys = Array.from({ length: Math.min(BATCH, count - from) }, (_, i) =>
                    key(writer, from + i),
                );
                lost += keys.length - Number(await connection.ask("EXISTS", ...keys));
            }
        }
        connection.close();
        return lost;
    }

    private async write(writer: number): Promise<void> {
        let connection: Connection | undefined;
        while (!this.stopping) {
            const count = this.counts[writer] ?? 0;
            try {
                connection ??= await Connection.open(await this.instance.find(), PASSWORD);
                await connection.ask("SET", key(writer, count), String(count));
                const now = performance.now();
                this.longest = Math.max(this.longest, now - (this.lasts[writer] ?? now));
                this.lasts[writer] = now;
                this.counts[writer] = count + 1;
                await pause(PACE);
            } catch {
                this.failed++;
                connection?.close();
                connection = undefined;
                await pause(AGAIN);
            }
        }
        connection?.close();
    }
}

function key(writer: number, count: number): string {
    return `${TAG}:${writer}:${count}`;
}
