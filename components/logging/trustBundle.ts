import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { PART_OF } from "../kubernetes/labels";
import { CA_FILE } from "../kubernetes/trust";

/** The certificate for clients of one namespace, as the ConfigMap key `ca.crt`. */
export function trustBundle(
    name: string,
    namespace: pulumi.Input<string>,
    certificate: pulumi.Input<string>,
    opts: pulumi.CustomResourceOptions,
): k8s.core.v1.ConfigMap {
    return new k8s.core.v1.ConfigMap(
        name,
        {
            metadata: { name: "elasticsearch-ca", namespace, labels: PART_OF },
            data: { [CA_FILE]: certificate },
        },
        opts,
    );
}
