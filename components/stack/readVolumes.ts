import type {
    AppsV1Api,
    CoreV1Api,
    StorageV1Api,
    V1PersistentVolumeClaim,
} from "@kubernetes/client-node" with { "resolution-mode": "import" };
import * as pulumi from "@pulumi/pulumi";

import { reason } from "./cluster";
import { inTime } from "./clusterIdentity";
import { hasKubeconfig } from "./kubeContexts";
import { DeclaredVolume, differences, FoundClaim, refusedSizes } from "./volumes";

/** The claims of a cluster, the StorageClasses that let claims grow, and what claims may be of. */
export interface FoundVolumes {
    readonly claims: readonly FoundClaim[];
    readonly expandable: ReadonlySet<string>;
    /** `<namespace>/<name>` of each. */
    readonly statefulSets: ReadonlySet<string>;
}

/** Reads them. Throws what the API server says. */
export async function readVolumes(
    core: Pick<CoreV1Api, "listPersistentVolumeClaimForAllNamespaces">,
    storage: Pick<StorageV1Api, "listStorageClass">,
    apps: Pick<AppsV1Api, "listStatefulSetForAllNamespaces">,
): Promise<FoundVolumes> {
    const [claims, classes, sets] = await Promise.all([
        core.listPersistentVolumeClaimForAllNamespaces(),
        storage.listStorageClass(),
        apps.listStatefulSetForAllNamespaces(),
    ]);
    return {
        claims: claims.items.map(foundClaim),
        expandable: new Set(
            classes.items
                .filter(({ allowVolumeExpansion }) => allowVolumeExpansion === true)
                .map(({ metadata }) => metadata?.name ?? ""),
        ),
        statefulSets: new Set(
            sets.items.map(({ metadata }) => `${metadata?.namespace}/${metadata?.name}`),
        ),
    };
}

function foundClaim({ metadata, spec, status }: V1PersistentVolumeClaim): FoundClaim {
    return {
        namespace: metadata?.namespace ?? "",
        name: metadata?.name ?? "",
        storageClass: spec?.storageClassName,
        asked: spec?.resources?.requests?.storage ?? "0",
        has: status?.capacity?.storage,
        waitsForPod:
            status?.conditions?.some(
                ({ type, status: now }) => type === "FileSystemResizePending" && now === "True",
            ) ?? false,
    };
}

/** The same of a context, or why it could not be read. */
export type VolumesOrReason = FoundVolumes | { readonly unreadable: string } | undefined;

/** What the stack's cluster has; undefined for an offline preview. */
export async function readVolumesOf(kubeContext: string): Promise<VolumesOrReason> {
    if (kubeContext === "" || !hasKubeconfig()) {
        return undefined;
    }
    try {
        // Loaded only here: an offline preview does without.
        const { AppsV1Api, CoreV1Api, KubeConfig, StorageV1Api } =
            await import("@kubernetes/client-node");
        const kubeconfig = new KubeConfig();
        kubeconfig.loadFromDefault();
        kubeconfig.setCurrentContext(kubeContext);
        return await inTime(
            readVolumes(
                kubeconfig.makeApiClient(CoreV1Api),
                kubeconfig.makeApiClient(StorageV1Api),
                kubeconfig.makeApiClient(AppsV1Api),
            ),
        );
    } catch (error) {
        return { unreadable: reason(error) };
    }
}

/**
 * Compares sizes with the volumes that are there. Throws a `RunError`, before anything is registered, when one of them
 * shrinks, cannot grow, or is not grown yet where nothing of the update does it. Warns when they cannot be read.
 */
export function checkVolumes(
    volumes: readonly DeclaredVolume[],
    found: VolumesOrReason,
    stack: string,
): void {
    if (found === undefined) {
        return;
    }
    if ("unreadable" in found) {
        void pulumi.log.warn(
            `Nobody compared the sizes of volumes with the configuration's: ${found.unreadable}`,
        );
        return;
    }
    const problems = refusedSizes(differences(volumes, found.claims, found.expandable), stack);
    if (problems.length > 0) {
        const count = problems.length === 1 ? "1 size" : `${problems.length} sizes`;
        throw new pulumi.RunError(
            [
                `Stack "${stack}" has ${count} that its volumes do not follow; nothing was registered.`,
                ...problems.map((each) => `  ${each}`),
                "docs/volumes.md says how each volume grows.",
            ].join("\n"),
        );
    }
}
