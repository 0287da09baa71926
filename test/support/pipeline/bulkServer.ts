import * as fs from "node:fs";
import { createServer, Server } from "node:https";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

import type { Certificate } from "./certificate";

export type LogDocument = Readonly<Record<string, unknown>>;

/** One document of a bulk request. */
export interface BulkItem {
    readonly stream: string;
    readonly id: string | undefined;
    readonly document: LogDocument;
}

/** How a request is answered. */
export interface Behaviour {
    /** An HTTP status instead of the bulk answer. */
    readonly status?: number;
    /** Status of an item; 201 when not given. A refused item is not stored. */
    readonly refuse?: (item: BulkItem) => number | undefined;
    /** Store, and hang up without an answer. */
    readonly hangUp?: boolean;
    /** Seconds before the answer. */
    readonly delay?: number;
}

/**
 * Elasticsearch's `_bulk` for data streams over TLS: only `create`, 409 for an id that is there, 401 without the
 * right user. Keeps what it was given, in the order of arrival.
 */
export class BulkServer {
    public readonly documents: BulkItem[] = [];
    /** Items that were there already. */
    public conflicts = 0;
    public requests = 0;
    /** What was wrong with requests, which no test expects. */
    public readonly complaints: string[] = [];
    public behave: (request: number) => Behaviour = () => ({});
    private readonly stored = new Set<string>();
    private server: Server | undefined;

    constructor(
        /** Shown from the next `listen` on. */
        public certificate: Certificate,
        private readonly user: { readonly name: string; readonly password: string },
        public port = 0,
    ) {}

    public async listen(): Promise<void> {
        const { certFile, keyFile } = this.certificate;
        const tls = { cert: fs.readFileSync(certFile), key: fs.readFileSync(keyFile) };
        this.server = createServer(tls, (request, response) => {
            const chunks: Buffer[] = [];
            request.on("data", (chunk: Buffer) => chunks.push(chunk));
            request.on("end", () => {
                const body = Buffer.concat(chunks);
                const zipped = request.headers["content-encoding"] === "gzip";
                const text = (zipped ? gunzipSync(body) : body).toString("utf8");
                const behaviour = this.behave(this.requests++);
                const { status, answer } = this.answer(request, text, behaviour);
                setTimeout(
                    () => {
                        if (behaviour.hangUp) {
                            request.socket.destroy();
                            return;
                        }
                        response.writeHead(status, { "content-type": "application/json" });
                        response.end(answer);
                    },
                    (behaviour.delay ?? 0) * 1000,
                );
            });
        });
        await new Promise<void>((resolve) =>
            this.server?.listen(this.port, "127.0.0.1", () => resolve()),
        );
        this.port = (this.server.address() as AddressInfo).port;
    }

    public async close(): Promise<void> {
        this.server?.closeAllConnections();
        await new Promise((resolve) => this.server?.close(resolve) ?? resolve(undefined));
        this.server = undefined;
    }

    public of(stream: string): LogDocument[] {
        return this.documents
            .filter((item) => item.stream === stream)
            .map(({ document }) => document);
    }

    private answer(
        request: { readonly url?: string; readonly headers: { readonly authorization?: string } },
        body: string,
        behaviour: Behaviour,
    ): { status: number; answer: string } {
        const { name, password } = this.user;
        const basic = `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`;
        if (request.headers.authorization !== basic) {
            return { status: 401, answer: `{"error":"unable to authenticate","status":401}` };
        }
        if (request.url !== "/_bulk") {
            this.complaints.push(`unexpected path ${request.url}`);
            return { status: 404, answer: "{}" };
        }
        if (behaviour.status !== undefined) {
            return { status: behaviour.status, answer: `{"status":${behaviour.status}}` };
        }
        const results = this.items(body).map((item) => this.store(item, behaviour));
        return {
            status: 200,
            answer: JSON.stringify({
                errors: results.some((result) => result.status > 299),
                took: 1,
                items: results.map((create) => ({ create })),
            }),
        };
    }

    private items(body: string): BulkItem[] {
        const lines = body.split("\n").filter((line) => line !== "");
        const items: BulkItem[] = [];
        for (let i = 0; i + 1 < lines.length; i += 2) {
            const action = this.parse(lines[i]) as {
                create?: { _index?: string; _id?: string; _type?: string };
            };
            const document = this.parse(lines[i + 1]) as LogDocument;
            if (!action.create || action.create._type !== undefined) {
                this.complaints.push(`only op_type create may be used: ${lines[i]}`);
            }
            items.push({
                stream: action.create?._index ?? "none",
                id: action.create?._id,
                document,
            });
        }
        return items;
    }

    private parse(line: string | undefined): unknown {
        try {
            return JSON.parse(line ?? "");
        } catch (error) {
            this.complaints.push(`no JSON (${String(error)}): ${(line ?? "").slice(0, 200)}`);
            return {};
        }
    }

    private store(item: BulkItem, behaviour: Behaviour): { status: number; error?: object } {
        const refused = behaviour.refuse?.(item);
        if (refused !== undefined) {
            return { status: refused, error: { type: "refused_by_the_test", reason: "x" } };
        }
        const key = `${item.stream}/${item.id}`;
        if (item.id !== undefined && this.stored.has(key)) {
            this.conflicts++;
            return {
                status: 409,
                error: { type: "version_conflict_engine_exception", reason: "already exists" },
            };
        }
        this.stored.add(key);
        this.documents.push(item);
        return { status: 201 };
    }
}
