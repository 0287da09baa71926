import * as net from "node:net";
import * as tls from "node:tls";

/** An answer of Redis, as its protocol has it (RESP2). */
export type Reply = string | number | null | readonly Reply[];

/** An answer that is an error, such as `NOREPLICAS Not enough good replicas to write.` */
export class ErrorReply extends Error {}

/** Milliseconds to connect, and for an answer, as docs/redis advises. */
const PATIENCE = 1000;

/** Where a Redis or a Sentinel listens. */
export interface Address {
    readonly host: string;
    readonly port: number;
    /** The authority that a client knows, as PEM, and the name that the certificate must have. */
    readonly tls?: { readonly ca: string; readonly servername: string };
}

interface Waiting {
    readonly resolve: (reply: Reply) => void;
    readonly reject: (error: Error) => void;
    readonly timer: NodeJS.Timeout;
}

/** A connection to a Redis or Sentinel: no library that tries again by itself. A number is a port of loopback. */
export class Connection {
    private received = "";
    private readonly waiting: Waiting[] = [];

    private constructor(private readonly socket: net.Socket) {
        socket.setNoDelay();
        socket.setEncoding("latin1");
        socket.on("data", (text: string) => this.read(text));
        socket.on("error", (error) => this.fail(error));
        socket.on("close", () => this.fail(new Error("the connection was closed")));
    }

    static async open(at: number | Address, password?: string): Promise<Connection> {
        const {
            host,
            port,
            tls: secured,
        }: Address = typeof at === "number" ? { host: "127.0.0.1", port: at } : at;
        const socket = secured
            ? tls.connect({ host, port, ...secured })
            : net.connect({ host, port });
        await new Promise<void>((resolve, reject) => {
            const timer = setTimeout(() => {
                socket.destroy();
                reject(new Error(`no connection to ${host}:${port} in ${PATIENCE} ms`));
            }, PATIENCE);
            socket.once("error", reject);
            socket.once(secured ? "secureConnect" : "connect", () => {
                clearTimeout(timer);
                resolve();
            });
            socket.once("close", () => clearTimeout(timer));
        });
        const connection = new Connection(socket);
        if (password !== undefined) {
            try {
                await connection.ask("AUTH", password);
            } catch (error) {
                connection.close();
                throw error;
            }
        }
        return connection;
    }

    /** The answer; throws an ErrorReply, or where none comes in time. The connection is of no use after the latter. */
    ask(...command: readonly string[]): Promise<Reply> {
        return this.send([command])[0] as Promise<Reply>;
    }

    /** The answers to commands that are sent together; those with an error are ErrorReplies. Throws where one does not come. */
    askAll(commands: readonly (readonly string[])[]): Promise<(Reply | ErrorReply)[]> {
        const caught = (error: unknown): ErrorReply => {
            if (error instanceof ErrorReply) {
                return error;
            }
            throw error;
        };
        return Promise.all(this.send(commands).map((answer) => answer.catch(caught)));
    }

    get open(): boolean {
        return !this.socket.destroyed;
    }

    close(): void {
        this.socket.destroy();
    }

    private send(commands: readonly (readonly string[])[]): Promise<Reply>[] {
        if (this.socket.destroyed) {
            return commands.map(() => Promise.reject(new Error("the connection is closed")));
        }
        const answers = commands.map(
            () =>
                new Promise<Reply>((resolve, reject) => {
                    const timer = setTimeout(
                        () => this.fail(new Error(`no answer in ${PATIENCE} ms`)),
                        PATIENCE,
                    );
                    this.waiting.push({ resolve, reject, timer });
                }),
        );
        const text = commands.map((command) => {
            const words = command.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
            return `*${command.length}\r\n${words.join("")}`;
        });
        this.socket.write(text.join(""));
        return answers;
    }

    private read(text: string): void {
        this.received += text;
        let at = 0;
        for (
            let parsed = parseReply(this.received, at);
            parsed !== undefined;
            parsed = parseReply(this.received, at)
        ) {
            at = parsed.end;
            const waiting = this.waiting.shift();
            clearTimeout(waiting?.timer);
            if (parsed.reply instanceof ErrorReply) {
                waiting?.reject(parsed.reply);
            } else {
                waiting?.resolve(parsed.reply);
            }
        }
        this.received = this.received.slice(at);
    }

    private fail(error: Error): void {
        const all = this.waiting.splice(0);
        this.socket.destroy();
        for (const { reject, timer } of all) {
            clearTimeout(timer);
            reject(error);
        }
    }
}

/** Asks one command over a connection of its own. */
export async function askOnce(
    at: number | Address,
    password: string | undefined,
    ...command: readonly string[]
): Promise<Reply> {
    const connection = await Connection.open(at, password);
    try {
        return await connection.ask(...command);
    } finally {
        connection.close();
    }
}

interface Parsed {
    readonly reply: Reply | ErrorReply;
    readonly end: number;
}

/** The answer that begins at a place, or undefined while a part of it has not come. */
export function parseReply(text: string, at: number): Parsed | undefined {
    const lineEnd = text.indexOf("\r\n", at);
    if (lineEnd < 0) {
        return undefined;
    }
    const line = text.slice(at + 1, lineEnd);
    const end = lineEnd + 2;
    switch (text[at]) {
        case "+":
            return { reply: line, end };
        case "-":
            return { reply: new ErrorReply(line), end };
        case ":":
            return { reply: Number(line), end };
        case "$":
            return parseBulk(text, end, Number(line));
        case "*":
            return parseArray(text, end, Number(line));
        default:
            return { reply: new ErrorReply(`no answer of Redis: ${line}`), end };
    }
}

function parseBulk(text: string, at: number, length: number): Parsed | undefined {
    if (length < 0) {
        return { reply: null, end: at };
    }
    const end = at + length + 2;
    return text.length < end ? undefined : { reply: text.slice(at, at + length), end };
}

function parseArray(text: string, at: number, length: number): Parsed | undefined {
    const replies: Reply[] = [];
    let end = at;
    for (let i = 0; i < length; i++) {
        const parsed = parseReply(text, end);
        if (parsed === undefined) {
            return undefined;
        }
        replies.push(parsed.reply instanceof ErrorReply ? parsed.reply.message : parsed.reply);
        end = parsed.end;
    }
    return { reply: length < 0 ? null : replies, end };
}
