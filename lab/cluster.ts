import { run } from "./tools/commands";

/** What kubectl gives of an object; fields are what a test reads. */
export interface KubeObject {
    readonly kind: string;
    readonly metadata: {
        readonly name: string;
        readonly namespace?: string;
        readonly labels?: Readonly<Record<string, string>>;
    };
    readonly spec?: Readonly<Record<string, unknown>>;
    readonly status?: Readonly<Record<string, unknown>>;
    readonly data?: Readonly<Record<string, string>>;
}

/** The test cluster, through kubectl and one context. */
export class Cluster {
    constructor(private readonly context: string) {}

    kubectl(...args: readonly string[]): Promise<string> {
        return run("kubectl", ["--context", this.context, ...args]);
    }

    async get(kind: string, namespace: string, selector = ""): Promise<KubeObject[]> {
        const flags = ["-n", namespace, "-o", "json", ...(selector ? ["-l", selector] : [])];
        const { items } = JSON.parse(await this.kubectl("get", kind, ...flags)) as {
            items: KubeObject[];
        };
        return items;
    }

    async getOne(kind: string, namespace: string, name: string): Promise<KubeObject> {
        return JSON.parse(
            await this.kubectl("get", kind, name, "-n", namespace, "-o", "json"),
        ) as KubeObject;
    }

    /** Names of the namespaces that are there and not going. */
    async namespaces(): Promise<string[]> {
        const all = await this.get("namespaces", "default");
        return all
            .filter(({ status }) => status?.phase === "Active")
            .map(({ metadata }) => metadata.name);
    }

    /** The answer of Prometheus' HTTP API, through the API server. */
    async prometheus(query: string): Promise<unknown> {
        const service = "kube-prometheus-stack-prometheus:9090";
        const url = `/api/v1/namespaces/monitoring/services/${service}/proxy/api/v1/${query}`;
        return (JSON.parse(await this.kubectl("get", "--raw", url)) as { data: unknown }).data;
    }
}
