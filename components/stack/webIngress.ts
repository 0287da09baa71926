import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { StackConfig } from "./config";
import type { WebEndpointName } from "./schema";
import { PART_OF } from "../kubernetes/labels";
import { allowIngress, ServiceEndpoint } from "../kubernetes/wiring";
import { PlatformParts, webEndpoints } from "./outputs";

export interface WebIngressArgs {
    readonly host: string;
    readonly endpoint: ServiceEndpoint;
    readonly settings: StackConfig["ingress"];
    readonly annotations: Readonly<Record<string, string>>;
}

/** An Ingress for one endpoint, and the edge that lets the ingress controller in. */
export class WebIngress extends pulumi.ComponentResource {
    constructor(name: string, args: WebIngressArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:WebIngress", name, {}, opts);
        const { host, endpoint, settings } = args;
        const { namespace } = endpoint.workload;
        const { className, tlsSecretName, controllerNamespace } = settings;
        new k8s.networking.v1.Ingress(
            `${name}-ingress`,
            {
                metadata: {
                    name,
                    namespace,
                    labels: PART_OF,
                    // The controller gives it an address, or the wait for one ends with the controller's problem as ours.
                    annotations: { ...args.annotations, "pulumi.com/skipAwait": "true" },
                },
                spec: {
                    ingressClassName: className,
                    ...(tlsSecretName
                        ? { tls: [{ hosts: [host], secretName: tlsSecretName }] }
                        : {}),
                    rules: [
                        {
                            host,
                            http: {
                                paths: [
                                    {
                                        path: "/",
                                        pathType: "Prefix",
                                        backend: {
                                            service: {
                                                name: endpoint.service,
                                                port: { number: endpoint.servicePort },
                                            },
                                        },
                                    },
                                ],
                            },
                        },
                    ],
                },
            },
            { parent: this },
        );
        allowIngress(
            `ingress-controller-to-${name}`,
            { from: [{ namespace: controllerNamespace }], to: [endpoint] },
            { parent: this },
        );
        this.registerOutputs({});
    }
}

/** An Ingress for each endpoint that the configuration gives a host; none when `ingress.enabled` is false. */
export function exposeWebEndpoints(
    config: StackConfig,
    parts: PlatformParts,
    opts: pulumi.ComponentResourceOptions,
): void {
    const { ingress: settings } = config;
    for (const [name, { endpoint }] of Object.entries(webEndpoints(parts))) {
        const host = settings.hosts[name as WebEndpointName];
        const annotations = settings.annotations[name as WebEndpointName] ?? {};
        if (settings.enabled && host) {
            new WebIngress(name, { host, endpoint, settings, annotations }, opts);
        }
    }
}
