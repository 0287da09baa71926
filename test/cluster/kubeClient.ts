import * as https from "node:https";

/** A live object; fields are what a test reads. */
export interface LiveObject {
    readonly apiVersion: string;
    readonly kind: string;
    readonly metadata: {
        readonly name: string;
        readonly namespace?: string;
        readonly uid?: string;
        readonly resourceVersion?: string;
        readonly generation?: number;
        readonly labels?: Readonly<Record<string, string>>;
        readonly annotations?: Readonly<Record<string, string>>;
        readonly finalizers?: readonly string[];
        readonly deletionTimestamp?: string;
        readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
    };
    readonly [field: string]: unknown;
}

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
interface Answer {
    readonly body: string;
    readonly warnings: readonly string[];
}

interface ResourceKind {
    readonly name: string;
    readonly kind: string;
    readonly namespaced: boolean;
}

/** The Kubernetes API by kinds instead of paths. */
export class KubeClient {
    private readonly kinds = new Map<string, ResourceKind>();
    private readonly agent = new https.Agent({ keepAlive: true, maxSockets: 16 });

    constructor(private readonly access: ApiAccess) {}

    /** Server-side apply as one field manager, with strict validation. Returns the live object. */
    async apply(object: object, manager: string): Promise<LiveObject> {
        return (await this.applyWithWarnings(object, manager)).live;
    }

    /** The same, and what the API server warned of, such as pods below their Pod Security level. */
    async applyWithWarnings(
        object: object,
        manager: string,
    ): Promise<{ readonly live: LiveObject; readonly warnings: readonly string[] }> {
        const { apiVersion, kind, metadata } = object as LiveObject;
        const path = await this.path(apiVersion, kind, metadata.namespace, metadata.name);
        const query = `fieldManager=${manager}&fieldValidation=Strict&force=true`;
        const { body, warnings } = await this.request(
            "PATCH",
            `${path}?${query}`,
            JSON.stringify(object),
            "application/apply-patch+yaml",
        );
        return { live: JSON.parse(body) as LiveObject, warnings };
    }

    async get(
        apiVersion: string,
        kind: string,
        namespace: string,
        name: string,
    ): Promise<LiveObject> {
        return this.json("GET", await this.path(apiVersion, kind, namespace, name));
    }

    /** The same, or undefined when there is none. */
    async find(
        apiVersion: string,
        kind: string,
        namespace: string,
        name: string,
    ): Promise<LiveObject | undefined> {
        return this.get(apiVersion, kind, namespace, name).catch((error: unknown) => {
            if (error instanceof ApiError && error.status === 404) {
                return undefined;
            }
            throw error;
        });
    }

    /** All objects of a kind, of one namespace or of all. */
    async list(apiVersion: string, kind: string, namespace?: string): Promise<LiveObject[]> {
        const path = await this.path(apiVersion, kind, namespace);
        const { items } = await this.json<{ items: LiveObject[] }>("GET", path);
        // Items of a list carry neither.
        return items.map((item) => ({ ...item, apiVersion, kind }));
    }

    /** Makes an object; throws when there is one of its name. */
    async create(object: object): Promise<LiveObject> {
        return this.post(object, "");
    }

    /** Sends an object through validation and admission, without making it. */
    async dryRun(object: object): Promise<LiveObject> {
        return this.post(object, "&dryRun=All");
    }

    /** Deletes an object with what it owns; no error when it is gone already. */
    async delete({ apiVersion, kind, metadata }: LiveObject): Promise<void> {
        const path = await this.path(apiVersion, kind, metadata.namespace, metadata.name);
        await this.json("DELETE", `${path}?propagationPolicy=Background`).catch(
            (error: unknown) => {
                if (!(error instanceof ApiError && error.status === 404)) {
                    throw error;
                }
            },
        );
    }

    /** Merges into an object, or into its status. */
    async patch(object: LiveObject, change: object, subresource = ""): Promise<LiveObject> {
        const { apiVersion, kind, metadata } = object;
        const path = await this.path(apiVersion, kind, metadata.namespace, metadata.name);
        return this.json("PATCH", path + subresource, change, "application/merge-patch+json");
    }

    /** The text at a path such as /readyz. */
    async raw(path: string): Promise<string> {
        return (await this.request("GET", path)).body;
    }

    close(): void {
        this.agent.destroy();
    }

    private async post(object: object, query: string): Promise<LiveObject> {
        const { apiVersion, kind, metadata } = object as LiveObject;
        const path = await this.path(apiVersion, kind, metadata.namespace);
        return this.json("POST", `${path}?fieldValidation=Strict${query}`, object);
    }

    private async path(
        apiVersion: string,
        kind: string,
        namespace?: string,
        name?: string,
    ): Promise<string> {
        const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
        const found = await this.resourceKind(root, kind);
        const inNamespace = found.namespaced && namespace ? `/namespaces/${namespace}` : "";
        return `${root}${inNamespace}/${found.name}${name ? `/${name}` : ""}`;
    }

    /** Kinds come with their CRDs, so an unknown one is looked for again. */
    private async resourceKind(root: string, kind: string): Promise<ResourceKind> {
        const key = `${root} ${kind}`;
        if (!this.kinds.has(key)) {
            const { resources } = await this.json<{ resources: ResourceKind[] }>("GET", root);
            for (const each of resources.filter(({ name }) => !name.includes("/"))) {
                this.kinds.set(`${root} ${each.kind}`, each);
            }
        }
        const found = this.kinds.get(key);
        if (!found) {
            throw new ApiError(404, "NotFound", `the API server knows no ${kind} of ${root}`);
        }
        return found;
    }

    private async json<T = LiveObject>(
        method: string,
        path: string,
        body?: object,
        contentType = "application/json",
    ): Promise<T> {
        const answer = await this.request(method, path, body && JSON.stringify(body), contentType);
        return JSON.parse(answer.body) as T;
    }

    private request(
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
}

function apiError(status: number, what: string, text: string): ApiError {
    try {
        const { message, reason } = JSON.parse(text) as { message: string; reason: string };
        return new ApiError(status, reason, message);
    } catch {
        return new ApiError(status, "", `${what}: ${status} ${text.slice(0, 500)}`);
    }
}
