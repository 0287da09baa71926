import type { IncomingMessage } from "node:http";
import * as https from "node:https";
import type { AddressInfo } from "node:net";

import { generate } from "selfsigned";

import { readElastic, writeElastic } from "./elasticApi";
import { answerKibana } from "./kibanaApi";
import { answerSnapshots, Restorable } from "./snapshotApi";

export interface Reply {
    readonly status: number;
    readonly body: string | object;
}

export interface Asked {
    readonly method: string;
    readonly path: string;
    readonly query: URLSearchParams;
    readonly kibanaHeader: boolean;
    readonly contentType: string;
    readonly text: string;
}

/** What a stack holds: documents by path, saved objects by type and id, indices and snapshots by name. */
export interface Held extends Restorable {
    readonly documents: Map<string, unknown>;
    readonly savedObjects: Map<string, Record<string, unknown>>;
}

interface Trouble {
    readonly matches: RegExp;
    left: number;
    readonly reply: Reply | "hang up" | "lose";
}

export const ACCOUNT = { username: "stack-setup", password: "secret" };

/**
 * A stand-in for Elasticsearch and Kibana on this machine, over TLS. It speaks the endpoints that the Job calls, in the
 * shapes of the documentation: settings read back as text, with defaults added; what names something that is not there
 * is refused. `trouble` makes it fail.
 */
export class ElasticStack {
    readonly held: Held = {
        documents: new Map(),
        savedObjects: new Map(),
        indices: new Map(),
        snapshots: new Map(),
    };
    /** Requests that change something, as `METHOD path`. */
    readonly changes: string[] = [];
    /** Changes what is read at a path. */
    readonly tampered = new Map<string, (value: unknown) => unknown>();
    private readonly troubles: Trouble[] = [];

    private constructor(
        readonly url: string,
        /** PEM. */
        readonly certificate: string,
        private readonly server: https.Server,
    ) {}

    static async start(): Promise<ElasticStack> {
        const { private: key, cert } = await generate(
            [{ name: "commonName", value: "localhost" }],
            {
                algorithm: "sha256",
                keyType: "ec",
                extensions: [
                    { name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] },
                ],
            },
        );
        const server = https.createServer({ key, cert }, (incoming, response) => {
            void read(incoming).then((asked) => {
                const reply = stack.answer(asked, incoming.headers.authorization ?? "");
                if (reply === "hang up") {
                    incoming.socket.destroy();
                    return;
                }
                const { status, body } = reply;
                response.writeHead(status, { "content-type": "application/json" });
                response.end(typeof body === "string" ? body : JSON.stringify(body));
            });
        });
        await new Promise<void>((resolve, reject) => {
            server.once("error", reject);
            server.listen(0, "127.0.0.1", resolve);
        });
        const { port } = server.address() as AddressInfo;
        const stack = new ElasticStack(`https://localhost:${port}`, cert, server);
        return stack;
    }

    /** Answers the next requests whose `METHOD path` matches so; `lose` does what is asked, and hangs up. */
    trouble(matches: RegExp, times: number, reply: Trouble["reply"]): void {
        this.troubles.push({ matches, left: times, reply });
    }

    /** Troubles that nobody met. */
    get unmet(): number {
        return this.troubles.reduce((sum, { left }) => sum + left, 0);
    }

    close(): Promise<void> {
        this.server.closeAllConnections();
        return new Promise((resolve) => this.server.close(() => resolve()));
    }

    private answer(asked: Asked, authorization: string): Reply | "hang up" {
        const line = `${asked.method} ${asked.path}`;
        const trouble = this.troubles.find(({ matches, left }) => left > 0 && matches.test(line));
        if (trouble) {
            trouble.left--;
            if (trouble.reply !== "lose") {
                return trouble.reply;
            }
            this.perform(asked, line);
            return "hang up";
        }
        const login = Buffer.from(`${ACCOUNT.username}:${ACCOUNT.password}`).toString("base64");
        if (authorization !== `Basic ${login}`) {
            return { status: 401, body: { error: { type: "security_exception" }, status: 401 } };
        }
        return this.perform(asked, line);
    }

    private perform(asked: Asked, line: string): Reply {
        if (asked.path.startsWith("/api/")) {
            if (asked.path.endsWith("/_import")) {
                this.changes.push(line);
            }
            return answerKibana(asked, this.held);
        }
        const asking = asked.method === "GET";
        const answer = asking ? readElastic : writeElastic;
        const reply = answerSnapshots(asked, this.held) ?? answer(asked, this.held);
        if (reply.status !== 200) {
            return reply;
        }
        if (asking) {
            const tamper = this.tampered.get(asked.path);
            return tamper ? { status: 200, body: tamper(reply.body) as object } : reply;
        }
        if (!/\/(_verify|explain)$/.test(asked.path)) {
            this.changes.push(line);
        }
        return reply;
    }
}

async function read(incoming: IncomingMessage): Promise<Asked> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) {
        chunks.push(chunk as Buffer);
    }
    const { pathname, searchParams } = new URL(incoming.url ?? "/", "https://localhost");
    return {
        method: incoming.method ?? "",
        path: pathname,
        query: searchParams,
        kibanaHeader: incoming.headers["kbn-xsrf"] !== undefined,
        contentType: incoming.headers["content-type"] ?? "",
        text: Buffer.concat(chunks).toString("utf8"),
    };
}
