import * as net from "node:net";

/** An answer of Redis, as its protocol has it (RESP2). */
export type Reply = string | number | null | readonly Reply[];

/** An answer that is an error, such as `NOREPLICAS Not enough good replicas to write.` */
export class ErrorReply extends Error {}

/** Milliseconds to connect, and for an answer, as docs/redis advises. */
const PATIENCE = 1000;

/** A connection to a Redis or Sentinel on loopback, one command at a time: no library that tries again by itself. */
export class Connection {
    private received = "";
    private waiting:
        | { resolve: (reply: Reply) => void; reject: (error: Error) => void; timer: NodeJS.Timeout }
        | undefined;

    private constructor(private readonly socket: net.Socket) {
        socket.setNoDelay();
        socket.setEncoding("latin1");
        socket.on("data", (text: string) => this.read(text));
        socket.on("error", (error) => this.fail(error));
        socket.on("close", () => this.fail(new Error("the connection was closed")));
    }

    static async open(port: number, password?: string): Promise<Connection> {
        const socket = net.connect(port, "127.0.0.1");
        await new Promise<void>((resolve, reject) => {
            const timer = setTimeout(() => {
                socket.destroy();
                reject(new Error(`no connection to port ${port} in ${PATIENCE} ms`));
            }, PATIENCE);
            socket.once("error", reject);
            socket.once("connect", resolve);
            socket.once("close", () => clearTimeout(timer));
            socket.once("connect", () => clearTimeout(timer));
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
        return new Promise((resolve, reject) => {
            if (this.socket.destroyed) {
                reject(new Error("the connection is closed"));
                return;
            }
            const timer = setTimeout(
                () => this.fail(new Error(`no answer in ${PATIENCE} ms`)),
                PATIENCE,
            );
            this.waiting = { resolve, reject, timer };
            const words = command.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
            this.socket.write(`*${command.length}\r\n${words.join("")}`);
        });
    }

    close(): void {
        this.socket.destroy();
    }

    private read(text: string): void {
        this.received += text;
        const parsed = parseReply(this.received, 0);
        if (parsed === undefined) {
            return;
        }
        this.received = this.received.slice(parsed.end);
        const { waiting } = this;
        this.waiting = undefined;
        clearTimeout(waiting?.timer);
        if (parsed.reply instanceof ErrorReply) {
            waiting?.reject(parsed.reply);
        } else {
            waiting?.resolve(parsed.reply);
        }
    }

    private fail(error: Error): void {
        const { waiting } = this;
        this.waiting = undefined;
        clearTimeout(waiting?.timer);
        this.socket.destroy();
        waiting?.reject(error);
    }
}

/** Asks one command over a connection of its own. */
export async function askOnce(
    port: number,
    password: string | undefined,
    ...command: readonly string[]
): Promise<Reply> {
    const connection = await Connection.open(port, password);
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
