import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout } from "node:timers/promises";

import type { ControlPlane } from "../controlPlane";
import type { KubeClient, LiveObject } from "../kubeClient";
import { textAt, valueAt } from "../../program/objects";

const CLASS = "node-folders";
const DEFAULT = "storageclass.kubernetes.io/is-default-class";
const STORAGE_API = "storage.k8s.io/v1";

/**
 * Makes folders of this machine the cluster's default volumes; until `stop`, provides one for each claim, and grows it with
 * the claim. All nodes see them.
 */
export async function provideVolumes(plane: ControlPlane): Promise<{ stop(): Promise<void> }> {
    const { client } = plane;
    for (const other of await client.list(STORAGE_API, "StorageClass")) {
        await client.patch(other, { metadata: { annotations: { [DEFAULT]: "false" } } });
    }
    await client.apply(
        {
            apiVersion: STORAGE_API,
            kind: "StorageClass",
            metadata: { name: CLASS, annotations: { [DEFAULT]: "true" } },
            provisioner: "example.com/node-folders",
            allowVolumeExpansion: true,
        },
        CLASS,
    );
    let stopped = false;
    const work = async (): Promise<void> => {
        const provided = new Set<string>();
        while (!stopped) {
            // The API server may be away for a while.
            const claims = await client.list("v1", "PersistentVolumeClaim").catch(() => []);
            for (const claim of claims.filter(
                ({ spec }) => valueAt(spec, "storageClassName") === CLASS,
            )) {
                const { uid = "" } = claim.metadata;
                if (!provided.has(uid)) {
                    provided.add(uid);
                    await client.apply(volume(claim, plane.processes.folder), CLASS);
                } else {
                    await grow(client, claim);
                }
            }
            await setTimeout(300);
        }
    };
    const working = work();
    return {
        stop: () => {
            stopped = true;
            return working;
        },
    };
}

/** In the place of the controller that resizes: a folder has as much room as there is. */
async function grow(client: KubeClient, claim: LiveObject): Promise<void> {
    const asked = textAt(claim.spec, "resources", "requests", "storage");
    const has = valueAt(claim.status, "capacity", "storage");
    if (has === undefined || has === asked) {
        return;
    }
    const name = textAt(claim.spec, "volumeName");
    const volume = await client.get("v1", "PersistentVolume", "", name);
    const capacity = { storage: asked };
    await client.patch(volume, { spec: { capacity } });
    await client.patch(claim, { status: { capacity } }, "/status");
}

function volume({ metadata, spec }: LiveObject, folder: string): object {
    const { uid = "", namespace, name } = metadata;
    const place = path.join(folder, "volumes", uid);
    fs.mkdirSync(place, { recursive: true });
    // The kubelet leaves the owner of such a folder alone, and Redis and Prometheus run as others.
    fs.chmodSync(place, 0o777);
    return {
        apiVersion: "v1",
        kind: "PersistentVolume",
        metadata: { name: `claim-${uid}` },
        spec: {
            accessModes: valueAt(spec, "accessModes"),
            capacity: valueAt(spec, "resources", "requests"),
            storageClassName: CLASS,
            persistentVolumeReclaimPolicy: "Delete",
            claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name, uid },
            hostPath: { path: place },
        },
    };
}
