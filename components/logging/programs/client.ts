import * as fs from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import { setTimeout as pause } from "node:timers/promises";

/** One server, with the account and the certificate authority for it. */
export interface Server {
    readonly name: string;
    readonly url: string;
    readonly username: string;
    readonly password: string;
    /** File with the PEM that signs its certificate. */
    readonly caFile: string;
}

export interface Sent {
    readonly method: string;
    readonly path: string;
    readonly body?: string;
    readonly contentType?: string;
}

export interface Answer {
    readonly status: number;
    readonly body: string;
}

/** How long to try again: until `deadline` (milliseconds of `Date.now()`), with so many milliseconds between. */
export interface Patience {
    readonly deadline: number;
    readonly pause: number;
}

const ANSWER_TIMEOUT = 60_000;

/**
 * Statuses that may pass by themselves: a server that starts or is restarted, a change at the same moment, and a user
 * that has not reached every node yet.
 */
const PASSING = [401, 403, 408, 409, 425, 429];

function mayPass(status: number): boolean {
    return status >= 500 || PASSING.includes(status);
}

/** The answer of one request. Rejects when there is none. */
export function send(server: Server, sent: Sent): Promise<Answer> {
    const url = new URL(sent.path, server.url);
    const secure = url.protocol === "https:";
    const options: https.RequestOptions = {
        method: sent.method,
        auth: `${server.username}:${server.password}`,
        timeout: ANSWER_TIMEOUT,
        headers: {
            "content-type": sent.contentType ?? "application/json",
            // Kibana refuses changes without it.
            "kbn-xsrf": "true",
        },
        ...(secure ? { ca: fs.readFileSync(server.caFile) } : {}),
    };
    return new Promise((resolve, reject) => {
        const request = (secure ? https : http).request(url, options, (response) => {
            const chunks: Buffer[] = [];
            response.on("data", (chunk: Buffer) => chunks.push(chunk));
            response.on("error", reject);
            response.on("end", () =>
                resolve({
                    status: response.statusCode ?? 0,
                    body: Buffer.concat(chunks).toString("utf8"),
                }),
            );
        });
        request.on("timeout", () => request.destroy(new Error("no answer in time")));
        request.on("error", reject);
        request.end(sent.body);
    });
}

/** The answer of a request, tried again while the reason may pass. Throws with the server's reason otherwise. */
export async function sendPatiently(
    server: Server,
    sent: Sent,
    patience: Patience,
    accept: (answer: Answer) => boolean = ({ status }) => status >= 200 && status < 300,
): Promise<Answer> {
    const what = `${server.name}: ${sent.method} ${sent.path}`;
    for (let last = ""; ;) {
        let reason: string;
        try {
            const answer = await send(server, sent);
            if (accept(answer)) {
                return answer;
            }
            reason = `status ${answer.status}: ${answer.body.slice(0, 2000)}`;
            if (answer.status >= 300 && !mayPass(answer.status)) {
                throw new Refusal(`${what}: ${reason}`);
            }
        } catch (error) {
            if (error instanceof Refusal) {
                throw error;
            }
            reason = error instanceof Error ? error.message || String(error) : String(error);
        }
        if (reason !== last) {
            console.log(`${what}: ${reason}; trying again`);
            last = reason;
        }
        if (Date.now() + patience.pause > patience.deadline) {
            throw new Error(`${what}: given up, last: ${reason}`);
        }
        await pause(patience.pause);
    }
}

/** A server's answer that asking again would not change. */
export class Refusal extends Error {}
