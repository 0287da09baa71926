import type {
    AppsV1Api,
    CoreV1Api,
    CustomObjectsApi,
    KubeConfig,
    StorageV1Api,
    V1StatefulSet,
} from "@kubernetes/client-node" with { "resolution-mode": "import" };

import { bytes } from "../../components/settings/quantity";
import { FoundVolumes, readVolumes } from "../../components/stack/readVolumes";
import {
    DeclaredVolume,
    Difference,
    differences,
    OperatorResource,
} from "../../components/stack/volumes";
import { GrowPlan, growPlan } from "./plan";

const GROUP = { group: "monitoring.coreos.com", version: "v1" };

/** The client: a module of ECMAScript, so that it has to be awaited. */
// eslint-disable-next-line @typescript-eslint/explicit-module-boundary-types -- the module has no name for its type
export const loadClient = () => import("@kubernetes/client-node");

type Client = Awaited<ReturnType<typeof loadClient>>;

/** For a volume; cloud providers take minutes. */
const PATIENCE_SECONDS = 900;

/** Grows the claims of a cluster to what is declared. Read-only until `run`. */
export class Grower {
    private readonly core: CoreV1Api;
    private readonly apps: AppsV1Api;
    private readonly storage: StorageV1Api;
    private readonly custom: CustomObjectsApi;
    private readonly merge: ReturnType<Client["setHeaderOptions"]>;

    constructor(
        client: Client,
        kubeconfig: KubeConfig,
        private readonly volumes: readonly DeclaredVolume[],
        private readonly say: (line: string) => void,
        private readonly patience = PATIENCE_SECONDS,
        private readonly pause = 2000,
    ) {
        this.core = kubeconfig.makeApiClient(client.CoreV1Api);
        this.apps = kubeconfig.makeApiClient(client.AppsV1Api);
        this.storage = kubeconfig.makeApiClient(client.StorageV1Api);
        this.custom = kubeconfig.makeApiClient(client.CustomObjectsApi);
        this.merge = client.setHeaderOptions("Content-Type", client.PatchStrategy.MergePatch);
    }

    /** What would be done. */
    async plan(): Promise<GrowPlan> {
        return growPlan(await this.differences());
    }

    /**
     * Does it, one volume after the other. What was begun and interrupted is gone on with when it is run again. Throws
     * when a claim does not grow in time.
     */
    async run(): Promise<void> {
        const { grow } = await this.plan();
        const volumes = this.volumes.filter(
            (volume) =>
                volume.grownBy !== "up" && grow.some((each) => each.volume.path === volume.path),
        );
        for (const volume of volumes) {
            await this.growOperated(
                volume,
                grow.filter((each) => each.volume.path === volume.path),
            );
        }
        await this.restartPods();
    }

    private async differences(): Promise<Difference[]> {
        const { claims, expandable }: FoundVolumes = await readVolumes(
            this.core,
            this.storage,
            this.apps,
        );
        return differences(this.volumes, claims, expandable);
    }

    /**
     * https://prometheus-operator.dev/docs/platform/storage/#resizing-volumes: the operator stands still while claims
     * and template change; with the template changed alone, it would stop every pod at once to make the StatefulSet anew.
     */
    private async growOperated(volume: DeclaredVolume, all: readonly Difference[]): Promise<void> {
        const resource = volume.grownBy as OperatorResource;
        const { namespace, size } = volume;
        await this.patchResource(namespace, resource, { spec: { paused: true } });
        try {
            for (const { claim } of all) {
                this.say(`${namespace}/${claim.name}: asks for ${size}`);
                await this.core.patchNamespacedPersistentVolumeClaim(
                    {
                        name: claim.name,
                        namespace,
                        body: { spec: { resources: { requests: { storage: size } } } },
                    },
                    this.merge,
                );
            }
            await this.waitForClaims(volume);
            await this.patchResource(namespace, resource, {
                spec: {
                    storage: {
                        volumeClaimTemplate: {
                            spec: { resources: { requests: { storage: size } } },
                        },
                    },
                },
            });
            this.say(`${namespace}/${resource.statefulSet}: made anew around its pods`);
            await this.apps.deleteNamespacedStatefulSet({
                name: resource.statefulSet,
                namespace,
                propagationPolicy: "Orphan",
            });
        } finally {
            await this.patchResource(namespace, resource, { spec: { paused: false } });
        }
        await this.until(`StatefulSet ${resource.statefulSet} with ${size}`, async () => {
            const found = await this.statefulSet(namespace, resource.statefulSet);
            return found !== undefined && templateSize(found) === size;
        });
    }

    /** Until the volumes are as large as asked, and at most their file systems wait for a pod. */
    private waitForClaims(volume: DeclaredVolume): Promise<void> {
        return this.until(`the claims of ${volume.what} of ${volume.size}`, async () => {
            const all = await this.differences();
            return all.every(
                (each) => each.volume.path !== volume.path || each.state === "restart",
            );
        });
    }

    /** One after the other: the next one only when the volume of the one before has grown. */
    private async restartPods(): Promise<void> {
        for (const { volume, claim } of (await this.plan()).restart) {
            const pods = await this.core.listNamespacedPod({ namespace: claim.namespace });
            const users = pods.items.filter((pod) =>
                pod.spec?.volumes?.some(
                    (each) => each.persistentVolumeClaim?.claimName === claim.name,
                ),
            );
            if (users.length === 0) {
                this.say(
                    `${claim.namespace}/${claim.name}: its file system grows when a pod next mounts it`,
                );
                continue;
            }
            for (const { metadata } of users) {
                this.say(`${claim.namespace}/${claim.name}: pod ${metadata?.name} starts again`);
                await this.core.deleteNamespacedPod({
                    name: metadata?.name ?? "",
                    namespace: claim.namespace,
                });
            }
            await this.until(`${claim.name} of ${volume.size}`, async () => {
                const { status } = await this.core.readNamespacedPersistentVolumeClaim({
                    name: claim.name,
                    namespace: claim.namespace,
                });
                return bytes(status?.capacity?.storage ?? "0") >= bytes(volume.size);
            });
        }
    }

    private async patchResource(
        namespace: string,
        { kind, name }: OperatorResource,
        body: object,
    ): Promise<void> {
        const plural = `${kind.toLowerCase()}${kind === "Prometheus" ? "es" : "s"}`;
        await this.custom.patchNamespacedCustomObject(
            { ...GROUP, namespace, plural, name, body },
            this.merge,
        );
    }

    private async statefulSet(namespace: string, name: string): Promise<V1StatefulSet | undefined> {
        const { items } = await this.apps.listNamespacedStatefulSet({
            namespace,
            fieldSelector: `metadata.name=${name}`,
        });
        return items[0];
    }

    private async until(what: string, done: () => Promise<boolean>): Promise<void> {
        for (const end = Date.now() + this.patience * 1000; !(await done());) {
            if (Date.now() > end) {
                throw new Error(
                    `${what}: not there after ${this.patience} s. Look with \`kubectl describe\`; running it again goes on from here.`,
                );
            }
            await new Promise((resolve) => setTimeout(resolve, this.pause));
        }
    }
}

function templateSize({ metadata, spec }: V1StatefulSet): string | undefined {
    return metadata?.deletionTimestamp
        ? undefined
        : spec?.volumeClaimTemplates?.[0]?.spec?.resources?.requests?.storage;
}
