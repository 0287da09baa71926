import * as https from "node:https";

export interface ApiAccess {
    readonly host: string;
    readonly port: number;
    readonly token: string;
    /** PEM of the certificate authority; read at the first request, when the API server has made it. */
    readonly ca: () => string;
    /** Throws when a request cannot work, such as after the API server's end. */
    readonly check: () => void;
}

/** An answer of the API server other than 2xx. */
export class ApiError extends Error {
    constructor(
        readonly status: number,
        readonly reason: string,
        message: string,
    ) {
        super(message);
    }
}

/** What the API server answered: its body, and the warnings of its headers. */
export interface Answer {
    readonly body: string;
    readonly warnings: readonly string[];
}

/** Requests to an API server over connections that are kept. */
export class KubeTransport {
    private readonly agent = new https.Agent({ keepAlive: true, maxSockets: 16 });

    constructor(private readonly access: ApiAccess) {}

    /** Throws an ApiError on an answer other than 2xx, and what `check` of the access throws when no request can work. */
    request(
        method: string,
        path: string,
        body?: string,
        contentType = "application/json",
    ): Promise<Answer> {
        this.access.check();
        const headers = {
            authorization: `Bearer ${this.access.token}`,
            ...(body === undefined ? {} : { "content-type": contentType }),
        };
        return new Promise((resolve, reject) => {
            const fail = (error: Error): void => {
                try {
                    this.access.check();
                    reject(error);
                } catch (cause) {
                    reject(cause instanceof Error ? cause : new Error(String(cause)));
                }
            };
            const request = https.request(
                {
                    ...{ host: this.access.host, port: this.access.port, method, path, headers },
                    ...{ agent: this.agent, ca: this.access.ca(), timeout: 60_000 },
                },
                (response) => {
                    let text = "";
                    response.setEncoding("utf8").on("data", (part: string) => (text += part));
                    response.on("error", fail).on("end", () => {
                        const { statusCode = 0, headersDistinct } = response;
                        if (statusCode >= 200 && statusCode < 300) {
                            resolve({ body: text, warnings: headersDistinct.warning ?? [] });
                        } else {
                            reject(apiError(statusCode, `${method} ${path}`, text));
                        }
                    });
                },
            );
            request.on("timeout", () => request.destroy(new Error(`${method} ${path}: no answer`)));
            // A process that ended is known a moment after its connections broke.
            request.on("error", (error) => setTimeout(() => fail(error), 100));
            request.end(body);
        });
    }

    close(): void {
        this.agent.destroy();
    }
}

function apiError(status: number, what: string, text: string): ApiError {
    try {
        const { message, reason } = JSON.parse(text) as { message: string; reason: string };
        return new ApiError(status, reason, message);
    } catch {
        return new ApiError(status, "", `${what}: ${status} ${text.slice(0, 500)}`);
    }
}
