import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout } from "node:timers/promises";

import type { ControlPlane } from "../../../lab/cluster/controlPlane";
import type { LiveObject } from "../../../lab/cluster/kubeClient";
import { valueAt } from "../../../lab/program/objects";

const CLASS = "node-folders";
const DEFAULT = "storageclass.kubernetes.io/is-default-class";
const STORAGE_API = "storage.k8s.io/v1";

/** Makes folders of this machine the cluster's default volumes, and provides one for each claim until `stop`. */
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
            const claims = await client.list("v1", "PersistentVolumeClaim");
            for (const claim of claims.filter(
                ({ spec }) => valueAt(spec, "storageClassName") === CLASS,
            )) {
                const { uid = "" } = claim.metadata;
                if (!provided.has(uid)) {
                    provided.add(uid);
                    await client.apply(volume(claim, plane.processes.folder), CLASS);
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
