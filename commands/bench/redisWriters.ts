import type { Client } from "./redisClients";

const WRITERS = 4;
/** Milliseconds before a failed write is tried again. */
const AGAIN = 20;

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** What the writers saw. */
export interface Seen {
    /** Commands with an error or without an answer, and attempts to connect that failed. */
    readonly failed: number;
    /** Milliseconds between two acknowledged writes of one writer, at most. */
    readonly longest: number;
    /** What the failed ones said, without addresses, and how often. */
    readonly errors: Readonly<Record<string, number>>;
}

/** Clients that write keys of their own one after the other, each again until it is acknowledged. */
export class Writers {
    private readonly counts: number[] = Array.from({ length: WRITERS }, () => 0);
    private readonly lasts: number[] = Array.from({ length: WRITERS }, () => performance.now());
    private readonly errors = new Map<string, number>();
    private failed = 0;
    private longest = 0;
    private stopping = false;
    private readonly ended: Promise<unknown>;

    constructor(
        connect: () => Client,
        /** Milliseconds between two writes of one. */
        private readonly pace: number,
        /** Before each key, such as a hash tag. */
        private readonly prefix = "",
    ) {
        this.ended = Promise.all(this.counts.map((_, writer) => this.write(writer, connect())));
    }

    /** Whether each has had an acknowledged write since a time of `performance.now()`. */
    wroteSince(time: number): boolean {
        return this.lasts.every((last) => last > time);
    }

    /** From here on `seen` counts. */
    begin(): void {
        this.failed = 0;
        this.longest = 0;
        this.errors.clear();
    }

    seen(): Seen {
        const now = performance.now();
        return {
            failed: this.failed,
            // Who still waits has waited.
            longest: Math.max(this.longest, ...this.lasts.map((last) => now - last)),
            errors: Object.fromEntries(this.errors),
        };
    }

    /** Keys of the acknowledged writes. */
    keys(): string[] {
        return this.counts.flatMap((count, writer) =>
            Array.from({ length: count }, (_, i) => this.key(writer, i)),
        );
    }

    async stop(): Promise<void> {
        this.stopping = true;
        await this.ended;
    }

    private async write(writer: number, client: Client): Promise<void> {
        while (!this.stopping) {
            const count = this.counts[writer] ?? 0;
            const name = this.key(writer, count);
            try {
                await client.ask({ key: name, words: ["SET", name, String(count)] });
                const now = performance.now();
                this.longest = Math.max(this.longest, now - (this.lasts[writer] ?? now));
                this.lasts[writer] = now;
                this.counts[writer] = count + 1;
                await pause(this.pace);
            } catch (error) {
                const text = String(error instanceof Error ? error.message : error).replaceAll(
                    /\d+(\.\d+){3}(:\d+)?|:\d+$/g,
                    "ADDRESS",
                );
                this.failed++;
                this.errors.set(text, (this.errors.get(text) ?? 0) + 1);
                await pause(AGAIN);
            }
        }
        client.close();
    }

    private key(writer: number, count: number): string {
        return `${this.prefix}w${writer}:${count}`;
    }
}
