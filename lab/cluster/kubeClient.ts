import { ApiAccess, ApiError, KubeTransport } from "./kubeTransport";

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
        readonly ownerReferences?: readonly {
            readonly kind: string;
            readonly name: string;
            readonly controller?: boolean;
        }[];
    };
    readonly [field: string]: unknown;
}

interface ResourceKind {
    readonly name: string;
    readonly kind: string;
    readonly namespaced: boolean;
}

/** The Kubernetes API by kinds instead of paths. */
export class KubeClient {
    private readonly kinds = new Map<string, ResourceKind>();
    private readonly transport: KubeTransport;

    constructor(access: ApiAccess) {
        this.transport = new KubeTransport(access);
    }

    /**
     * Server-side apply as one field manager, with strict validation; a dry run changes nothing. Returns the live object.
     */
    async apply(object: object, manager: string, { dryRun = false } = {}): Promise<LiveObject> {
        return (await this.applyWithWarnings(object, manager, dryRun)).live;
    }

    /** The same, and what the API server warned of, such as pods below their Pod Security level. */
    async applyWithWarnings(
        object: object,
        manager: string,
        dryRun = false,
    ): Promise<{ readonly live: LiveObject; readonly warnings: readonly string[] }> {
        const { apiVersion, kind, metadata } = object as LiveObject;
        const path = await this.path(apiVersion, kind, metadata.namespace, metadata.name);
        const query = `fieldManager=${manager}&fieldValidation=Strict&force=true${dryRun ? "&dryRun=All" : ""}`;
        const { body, warnings } = await this.transport.request(
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

    /** Asks for a pod to go, as a drain does. Throws an ApiError with status 429 while a PodDisruptionBudget holds it. */
    async evict(namespace: string, name: string): Promise<void> {
        const path = await this.path("v1", "Pod", namespace, name);
        await this.json("POST", `${path}/eviction`, {
            apiVersion: "policy/v1",
            kind: "Eviction",
            metadata: { name, namespace },
        });
    }

    /** The text at a path such as /readyz. */
    async raw(path: string): Promise<string> {
        return (await this.transport.request("GET", path)).body;
    }

    close(): void {
        this.transport.close();
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
        const answer = await this.transport.request(
            method,
            path,
            body && JSON.stringify(body),
            contentType,
        );
        return JSON.parse(answer.body) as T;
    }
}
