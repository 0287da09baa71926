import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { certificatesOf } from "../settings/scalars";
import { contentHash } from "./contentHash";
import { PART_OF } from "./labels";

/** File with all certificates of an authority, in the ConfigMap and where it is mounted. */
export const CA_FILE = "ca.crt";

/** A ConfigMap with the certificates that pods trust. */
export interface Trust {
    readonly configMap: pulumi.Output<string>;
    /** Changes with the certificates: on pods that read them at their start, it starts them again. */
    readonly hash: string;
}

/** Certificates, given as PEM, for the pods of one namespace: all as `ca.crt`. Leaves nothing. */
export function trust(
    name: string,
    args: {
        /** Of the ConfigMap. */
        readonly configMap: string;
        readonly namespace: pulumi.Input<string>;
        readonly pem: string;
    },
    opts: pulumi.CustomResourceOptions,
): Trust {
    const pem = certificatesOf(args.pem).join("");
    const { metadata } = new k8s.core.v1.ConfigMap(
        name,
        {
            metadata: { name: args.configMap, namespace: args.namespace, labels: PART_OF },
            data: { [CA_FILE]: pem },
        },
        opts,
    );
    return { configMap: metadata.name, hash: contentHash(pem) };
}
