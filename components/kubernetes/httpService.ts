import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import type { Labels } from "./labels";
import type { ServiceEndpoint } from "./wiring";

/** On what is ready by something else, which `up` waits for. */
export const SKIP_AWAIT = { annotations: { "pulumi.com/skipAwait": "true" } };

export interface HttpServiceArgs {
    readonly metadata: {
        readonly name: string;
        readonly namespace: pulumi.Input<string>;
        readonly labels: Labels;
    };
    /** Of the pods of a Deployment, whose port is named `http`. */
    readonly podLabels: Labels;
    readonly port: number;
}

/** The Service of one port with HTTP, as those who call it know it. */
export function httpService(
    name: string,
    { metadata, podLabels, port }: HttpServiceArgs,
    opts: pulumi.CustomResourceOptions,
): ServiceEndpoint {
    const service = new k8s.core.v1.Service(
        name,
        {
            // The wait for its pods is the Deployment's.
            metadata: { ...metadata, ...SKIP_AWAIT },
            spec: { selector: podLabels, ports: [{ name: "http", port, targetPort: "http" }] },
        },
        opts,
    );
    return {
        workload: { namespace: metadata.namespace, podLabels },
        port,
        service: service.metadata.name,
        servicePort: port,
        scheme: "http",
    };
}
