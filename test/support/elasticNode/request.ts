import * as https from "node:https";

import { HOST } from "./names";

export interface Caller {
    readonly port: number;
    /** PEM. */
    readonly authority: string;
    readonly user: { readonly username: string; readonly password: string };
    readonly host?: string;
}

export interface Sent {
    readonly method: string;
    readonly path: string;
    readonly body?: object | string;
}

export interface Reply {
    readonly status: number;
    readonly text: string;
}

/** One request over TLS to a name of the node, which leads to the loopback. Rejects when TLS is refused. */
export function request(
    { port, authority, user, host = HOST }: Caller,
    sent: Sent,
): Promise<Reply> {
    const { method, path, body } = sent;
    const lines = typeof body === "string";
    return new Promise((resolve, reject) => {
        const outgoing = https.request(
            {
                host,
                port,
                method,
                path,
                ca: authority,
                auth: `${user.username}:${user.password}`,
                agent: false,
                lookup: (_name, options, callback) =>
                    options.all
                        ? callback(null, [{ address: "127.0.0.1", family: 4 }])
                        : callback(null, "127.0.0.1", 4),
                headers: {
                    "content-type": lines ? "application/x-ndjson" : "application/json",
                },
            },
            (response) => {
                const chunks: Buffer[] = [];
                response.on("data", (chunk: Buffer) => chunks.push(chunk));
                response.on("error", reject);
                response.on("end", () =>
                    resolve({
                        status: response.statusCode ?? 0,
                        text: Buffer.concat(chunks).toString("utf8"),
                    }),
                );
            },
        );
        outgoing.on("error", reject);
        outgoing.end(body === undefined ? undefined : lines ? body : JSON.stringify(body));
    });
}
