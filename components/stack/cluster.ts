import type {
    CoreV1Api,
    KubernetesObjectApi,
    PatchStrategy,
    V1Secret,
} from "@kubernetes/client-node" with {
    "resolution-mode": "import",
};

import { keepConnections } from "./keptConnections";
import { hasKubeconfig } from "./kubeContexts";

/** What names an object in a cluster. */
export interface ObjectReference {
    readonly apiVersion: string;
    readonly kind: string;
    readonly namespace?: string | undefined;
    readonly name: string;
}

/** What of an object tells whose it is. */
export interface FoundObject {
    readonly annotations: Readonly<Record<string, string>>;
    readonly labels: Readonly<Record<string, string>>;
}

/** What a stack itself asks of its cluster, beside what the providers do. */
export interface Cluster {
    /** The UID of kube-system, which is made with the cluster and never changes. */
    uid(): Promise<string | undefined>;
    /** Undefined when there is none, or no such kind. */
    find(reference: ObjectReference): Promise<FoundObject | undefined>;
    /** Sets annotations of an object that is there. */
    annotate(
        reference: ObjectReference,
        annotations: Readonly<Record<string, string>>,
    ): Promise<void>;
    /** The Secrets in which Helm keeps a release's revisions: https://helm.sh/docs/topics/advanced/#storage-backends. */
    helmSecrets(namespace: string, release: string): Promise<V1Secret[]>;
    /** Deletes a Secret; one that is gone already is no error. */
    deleteSecret(namespace: string, name: string): Promise<void>;
}

/**
 * The cluster of a context, with the credentials that the kubeconfig gives, programs that make tokens included.
 * Undefined when nobody names a cluster, or there is no kubeconfig: an offline preview. Nothing is asked of it yet.
 */
export async function connect(kubeContext: string): Promise<Cluster | undefined> {
    if (kubeContext === "" || !hasKubeconfig()) {
        return undefined;
    }
    // Loaded only here: an offline preview does without.
    const client = await import("@kubernetes/client-node");
    const kubeconfig = new client.KubeConfig();
    kubeconfig.loadFromDefault();
    kubeconfig.setCurrentContext(kubeContext);
    keepConnections(kubeconfig);
    return new KubeconfigCluster(
        kubeconfig.makeApiClient(client.CoreV1Api),
        client.KubernetesObjectApi.makeApiClient(kubeconfig),
    );
}

/** The client's name of it is an enumeration, which would have to be loaded for this alone. */
const MERGE_PATCH = "application/merge-patch+json" as PatchStrategy;

class KubeconfigCluster implements Cluster {
    constructor(
        private readonly core: CoreV1Api,
        private readonly objects: KubernetesObjectApi,
    ) {}

    async uid(): Promise<string | undefined> {
        const { metadata } = await this.core.readNamespace({ name: "kube-system" });
        return metadata?.uid;
    }

    async find({
        apiVersion,
        kind,
        namespace,
        name,
    }: ObjectReference): Promise<FoundObject | undefined> {
        const metadata = { name, ...(namespace ? { namespace } : {}) };
        try {
            const found = await this.objects.read({ apiVersion, kind, metadata });
            return {
                annotations: found.metadata?.annotations ?? {},
                labels: found.metadata?.labels ?? {},
            };
        } catch (error) {
            // A kind that its operator has not brought yet: "Unrecognized API version and kind".
            if (isMissing(error) || /^Unrecognized API/.test((error as Error).message)) {
                return undefined;
            }
            throw new Error(
                `${kind} ${namespace ? `${namespace}/` : ""}${name} cannot be read: ${reason(error)}`,
                { cause: error },
            );
        }
    }

    async annotate(
        { apiVersion, kind, namespace, name }: ObjectReference,
        annotations: Readonly<Record<string, string>>,
    ): Promise<void> {
        const metadata = { name, ...(namespace ? { namespace } : {}), annotations };
        const patch = { apiVersion, kind, metadata };
        await this.objects.patch(patch, undefined, undefined, undefined, undefined, MERGE_PATCH);
    }

    async helmSecrets(namespace: string, release: string): Promise<V1Secret[]> {
        const labelSelector = `owner=helm,name=${release}`;
        const { items } = await this.core.listNamespacedSecret({ namespace, labelSelector });
        return items;
    }

    async deleteSecret(namespace: string, name: string): Promise<void> {
        try {
            await this.core.deleteNamespacedSecret({ namespace, name });
        } catch (error) {
            if (!isMissing(error)) {
                throw error;
            }
        }
    }
}

function isMissing(error: unknown): boolean {
    return (error as { readonly code?: unknown }).code === 404;
}

/** One line: the client's errors carry headers and bodies. */
export function reason(error: unknown): string {
    const { message } = error as Error;
    return (message || String(error)).split("\n")[0] ?? "";
}
