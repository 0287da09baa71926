import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { PART_OF } from "../kubernetes/labels";
import { allowIngress, ServiceEndpoint } from "../kubernetes/wiring";
import type { IngressSettings, WebEndpointName } from "./ingressSettings";

export interface WebIngressArgs {
    readonly host: string;
    readonly endpoint: ServiceEndpoint;
    readonly settings: IngressSettings;
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
            {
                from: [
                    ...(controllerNamespace ? [{ namespace: controllerNamespace }] : []),
                    ...settings.sourceRanges.map((cidr) => ({ cidr })),
                ],
                to: [endpoint],
            },
            { parent: this },
        );
        this.registerOutputs({});
    }
}

/** An Ingress for each endpoint that the configuration gives a host; none when `ingress.enabled` is false. */
export function exposeWebEndpoints(
    settings: IngressSettings,
    endpoints: Readonly<Record<WebEndpointName, ServiceEndpoint | undefined>>,
    opts: pulumi.ComponentResourceOptions,
): void {
    for (const name of Object.keys(endpoints) as WebEndpointName[]) {
        const host = settings.hosts[name];
        const annotations = settings.annotations[name] ?? {};
        const endpoint = endpoints[name];
        if (settings.enabled && host && endpoint) {
            new WebIngress(name, { host, endpoint, settings, annotations }, opts);
        }
    }
}

/** The URL from outside of an endpoint that has an Ingress, or undefined when it has none. */
export function externalUrl(
    { enabled, hosts, tlsSecretName }: Pick<IngressSettings, "enabled" | "hosts" | "tlsSecretName">,
    endpoint: WebEndpointName,
): string | undefined {
    const host = hosts[endpoint];
    return enabled && host ? `${tlsSecretName ? "https" : "http"}://${host}` : undefined;
}
