import { Address, askOnce, Connection, ErrorReply, Reply } from "./redisConnection";
import { slotOf } from "./redisSlots";

/** A command about one key. */
export interface KeyCommand {
    readonly key: string;
    readonly words: readonly string[];
}

/** What an application has of an instance. After an error it looks anew for who serves a key; nothing is sent twice. */
export interface Client {
    ask(command: KeyCommand): Promise<Reply>;
    /** The answers in the order of the commands, some at a time. Throws the first error. */
    askAll(commands: readonly KeyCommand[]): Promise<Reply[]>;
    close(): void;
}

/** Commands that are sent together. */
const BATCH = 1000;

/** Which of these keys are not there. */
export async function missing(client: Client, keys: readonly string[]): Promise<string[]> {
    const there = await client.askAll(keys.map((key) => ({ key, words: ["EXISTS", key] })));
    return keys.filter((_, i) => there[i] !== 1);
}

/** A client that one Redis serves: the Service of the master, or whom a Sentinel names. */
export class SingleClient implements Client {
    private connection: Connection | undefined;

    constructor(
        private readonly find: () => Promise<Address>,
        private readonly password: () => string,
    ) {}

    ask({ words }: KeyCommand): Promise<Reply> {
        return this.use((connection) => connection.ask(...words));
    }

    async askAll(commands: readonly KeyCommand[]): Promise<Reply[]> {
        const replies: Reply[] = [];
        for (let from = 0; from < commands.length; from += BATCH) {
            const batch = commands.slice(from, from + BATCH).map(({ words }) => words);
            for (const reply of await this.use((connection) => connection.askAll(batch))) {
                if (reply instanceof ErrorReply) {
                    throw reply;
                }
                replies.push(reply);
            }
        }
        return replies;
    }

    close(): void {
        this.connection?.close();
        this.connection = undefined;
    }

    private async use<T>(ask: (connection: Connection) => Promise<T>): Promise<T> {
        try {
            this.connection ??= await Connection.open(await this.find(), this.password());
            return await ask(this.connection);
        } catch (error) {
            this.close();
            throw error;
        }
    }
}

/** A client of a cluster: it knows the slots, follows `MOVED` and `ASK`, and learns the slots anew after an error. */
export class ClusterClient implements Client {
    private slots: (string | undefined)[] = [];
    private readonly connections = new Map<string, Connection>();

    constructor(
        /** The Service of the leaders. */
        private readonly seed: Address,
        private readonly password: () => string,
    ) {}

    async ask({ key, words }: KeyCommand): Promise<Reply> {
        try {
            return await this.follow(key, words);
        } catch (error) {
            this.slots = [];
            throw error;
        }
    }

    async askAll(commands: readonly KeyCommand[]): Promise<Reply[]> {
        const replies: Reply[] = [];
        for (let from = 0; from < commands.length; from += BATCH) {
            replies.push(...(await this.askBatch(commands.slice(from, from + BATCH))));
        }
        return replies;
    }

    close(): void {
        this.connections.forEach((connection) => connection.close());
        this.connections.clear();
    }

    private async askBatch(commands: readonly KeyCommand[]): Promise<Reply[]> {
        await this.learn();
        const byNode = new Map<string, number[]>();
        commands.forEach(({ key }, i) => {
            const node = this.slots[slotOf(key)] ?? "";
            byNode.set(node, [...(byNode.get(node) ?? []), i]);
        });
        const replies: Reply[] = [];
        for (const [node, indexes] of byNode) {
            const own = indexes.map((i) => commands[i] as KeyCommand);
            const connection = node === "" ? undefined : await this.connect(node);
            const answers = await connection?.askAll(own.map(({ words }) => words));
            for (const [at, i] of indexes.entries()) {
                const answer = answers?.[at];
                replies[i] =
                    answer === undefined || answer instanceof ErrorReply
                        ? await this.ask(own[at] as KeyCommand)
                        : answer;
            }
        }
        return replies;
    }

    private async follow(key: string, words: readonly string[]): Promise<Reply> {
        await this.learn();
        let node = this.slots[slotOf(key)] ?? `${this.seed.host}:${this.seed.port}`;
        let asking = false;
        // A slot that moves is in two places for a moment.
        for (let hop = 0; ; hop++) {
            const connection = await this.connect(node);
            try {
                if (asking) {
                    await connection.ask("ASKING");
                }
                return await connection.ask(...words);
            } catch (error) {
                const [, kind, next] =
                    (error instanceof ErrorReply &&
                        /^(MOVED|ASK) \d+ (\S+)$/.exec(error.message)) ||
                    [];
                if (next === undefined || hop === 5) {
                    throw error;
                }
                asking = kind === "ASK";
                node = next;
                if (!asking) {
                    this.slots[slotOf(key)] = node;
                }
            }
        }
    }

    private async connect(node: string): Promise<Connection> {
        const known = this.connections.get(node);
        if (known?.open) {
            return known;
        }
        const at = node.lastIndexOf(":");
        const address = { host: node.slice(0, at), port: Number(node.slice(at + 1)) };
        const connection = await Connection.open(address, this.password());
        this.connections.set(node, connection);
        return connection;
    }

    /** Asks a node for the slots, when they are not known. */
    private async learn(): Promise<void> {
        if (this.slots.length > 0) {
            return;
        }
        const open = [...this.connections.values()].filter((connection) => connection.open);
        const ask = (connection: Connection) => connection.ask("CLUSTER", "SLOTS");
        const told = await Promise.any([
            ...open.map(ask),
            askOnce(this.seed, this.password(), "CLUSTER", "SLOTS"),
        ]);
        this.slots = [];
        for (const [from, to, [host, port]] of told as unknown as SlotRange[]) {
            for (let slot = from; slot <= to; slot++) {
                this.slots[slot] = `${host}:${port}`;
            }
        }
    }
}

/** First and last slot, then the master and its replicas. */
export type SlotRange = readonly [number, number, readonly [string, number], ...unknown[]];
