import { createServer, IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import type { z } from "zod";

import { Inbox } from "./inbox";

export const LOOPBACK = "127.0.0.1";

export interface Request {
    readonly method: string;
    readonly path: string;
    readonly query: URLSearchParams;
    readonly headers: IncomingHttpHeaders;
    readonly text: string;
}

export interface Answer {
    readonly status: number;
    /** An object is sent as JSON. */
    readonly body: string | object;
}

/** What a service makes of a request. */
export interface Verdict<T> {
    readonly answer: Answer;
    /** The message, when the service takes it. */
    readonly message?: T;
    /** Why the service does not take it; neither for a request that carries no message. */
    readonly refusal?: string;
}

/** A stand-in for a service on this machine, which takes and refuses what the service is documented to. */
export class HttpEndpoint<T> extends Inbox<T> {
    private failures: Answer[] = [];

    private constructor(
        /** `http://HOST:PORT`. */
        readonly origin: string,
        private readonly stop: () => Promise<void>,
    ) {
        super();
    }

    /** Listens on a free port of an address of this machine; pods of a cluster need one that is not the loopback. */
    static async start<T>(
        judge: (request: Request) => Verdict<T>,
        host = LOOPBACK,
    ): Promise<HttpEndpoint<T>> {
        const server = createServer((request, response) => {
            void endpoint.answer(request, judge).then(({ status, body }) => {
                const json = typeof body === "object";
                response.writeHead(status, {
                    "content-type": json ? "application/json" : "text/plain",
                });
                response.end(json ? JSON.stringify(body) : body);
            });
        });
        await new Promise<void>((resolve, reject) => {
            server.once("error", reject);
            server.listen(0, host, resolve);
        });
        const { port } = server.address() as AddressInfo;
        const endpoint = new HttpEndpoint<T>(`http://${host}:${port}`, () => {
            server.closeAllConnections();
            return new Promise((resolve) => server.close(() => resolve()));
        });
        return endpoint;
    }

    /** Answers the next requests so, whatever they hold. */
    failNext(times: number, answer: Answer = { status: 500, body: "internal error" }): void {
        this.failures = Array<Answer>(times).fill(answer);
    }

    close(): Promise<void> {
        return this.stop();
    }

    private async answer(
        incoming: IncomingMessage,
        judge: (request: Request) => Verdict<T>,
    ): Promise<Answer> {
        const request = await read(incoming);
        this.attempts++;
        await sleep(this.delay);
        const failure = this.failures.shift();
        if (failure) {
            return failure;
        }
        const { answer, message, refusal } = judge(request);
        if (message !== undefined) {
            this.accept(message);
        } else if (refusal !== undefined) {
            this.refuse(refusal);
        }
        return answer;
    }
}

async function read(incoming: IncomingMessage): Promise<Request> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) {
        chunks.push(chunk as Buffer);
    }
    const { pathname, searchParams } = new URL(incoming.url ?? "/", "http://localhost");
    return {
        method: incoming.method ?? "",
        path: pathname,
        query: searchParams,
        headers: incoming.headers,
        text: Buffer.concat(chunks).toString("utf8"),
    };
}

/** The JSON body of a POST in a shape, or why it is none. */
export function bodyOf<S extends z.ZodType>(
    request: Request,
    shape: S,
): { readonly message: z.output<S> } | { readonly problem: string } {
    if (request.method !== "POST") {
        return { problem: `a ${request.method} instead of a POST` };
    }
    if (!request.headers["content-type"]?.startsWith("application/json")) {
        return { problem: `the content type ${request.headers["content-type"]}` };
    }
    let body: unknown;
    try {
        body = JSON.parse(request.text);
    } catch {
        return { problem: `no JSON: ${request.text}` };
    }
    const parsed = shape.safeParse(body);
    return parsed.success
        ? { message: parsed.data }
        : {
              problem: parsed.error.issues
                  .map(({ path, message }) => `${path.join(".")}: ${message}`)
                  .join("; "),
          };
}

/** What services count: a Chinese character is three bytes. */
export function byteLength(text: string): number {
    return Buffer.byteLength(text, "utf8");
}
