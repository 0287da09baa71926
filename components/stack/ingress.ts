import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { PART_OF } from "../kubernetes/labels";
import { allowIngress, ServiceEndpoint } from "../kubernetes/wiring";
import { guardedPages, IngressSettings, WebEndpointName } from "./ingressSettings";
import { LoginProxy } from "./loginProxy";

export interface WebIngressArgs {
    readonly host: string;
    readonly endpoint: ServiceEndpoint;
    readonly settings: IngressSettings;
    readonly annotations: Readonly<Record<string, string>>;
}

/** An Ingress or an HTTPRoute for one endpoint, and the edge that lets the controller in. */
export class WebIngress extends pulumi.ComponentResource {
    constructor(name: string, args: WebIngressArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:WebIngress", name, {}, opts);
        const { endpoint, settings } = args;
        const { controllerNamespace, gateway } = settings;
        const metadata = {
            name,
            namespace: endpoint.workload.namespace,
            labels: PART_OF,
            // The controller gives it an address, or the wait for one ends with the controller's problem as ours.
            annotations: { ...args.annotations, "pulumi.com/skipAwait": "true" },
        };
        if (gateway) {
            new k8s.apiextensions.CustomResource(
                `${name}-route`,
                {
                    apiVersion: "gateway.networking.k8s.io/v1",
                    kind: "HTTPRoute",
                    metadata,
                    spec: routeSpec(args, gateway),
                },
                { parent: this },
            );
        } else {
            new k8s.networking.v1.Ingress(
                `${name}-ingress`,
                { metadata, spec: webIngressSpec(args) },
                { parent: this },
            );
        }
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

function webIngressSpec({
    host,
    endpoint,
    settings: { className, tlsSecretName },
}: WebIngressArgs): k8s.types.input.networking.v1.IngressSpec {
    const { service: name, servicePort: number } = endpoint;
    const backend = { service: { name, port: { number } } };
    return {
        ingressClassName: className,
        ...(tlsSecretName ? { tls: [{ hosts: [host], secretName: tlsSecretName }] } : {}),
        rules: [{ host, http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }],
    };
}

/** https://gateway-api.sigs.k8s.io/reference/api-spec/main/spec/#httproute */
function routeSpec(
    { host, endpoint }: WebIngressArgs,
    { name, namespace, listener }: NonNullable<IngressSettings["gateway"]>,
): object {
    return {
        parentRefs: [{ name, namespace, ...(listener ? { sectionName: listener } : {}) }],
        hostnames: [host],
        rules: [
            {
                matches: [{ path: { type: "PathPrefix", value: "/" } }],
                backendRefs: [{ name: endpoint.service, port: endpoint.servicePort }],
            },
        ],
    };
}

/** An Ingress for each endpoint that the configuration gives a host; none when `ingress.enabled` is false. */
export function exposeWebEndpoints(
    settings: IngressSettings,
    endpoints: Readonly<Record<WebEndpointName, ServiceEndpoint | undefined>>,
    waitForReady: boolean,
    opts: pulumi.ComponentResourceOptions,
): void {
    const guarded = guardedPages(settings);
    for (const name of Object.keys(endpoints) as WebEndpointName[]) {
        const host = settings.hosts[name];
        const annotations = settings.annotations[name] ?? {};
        const page = endpoints[name];
        if (settings.enabled && host && page) {
            const url = externalUrl(settings, name) ?? "";
            const guard = guarded.includes(name) ? settings.login : undefined;
            const endpoint = guard
                ? new LoginProxy(
                      `login-${name}`,
                      { page: name, endpoint: page, url, settings: guard, waitForReady },
                      opts,
                  ).endpoint
                : page;
            new WebIngress(name, { host, endpoint, settings, annotations }, opts);
        }
    }
}

/** The URL from outside of an endpoint that has an Ingress, or undefined when it has none. */
export function externalUrl(
    {
        enabled,
        hosts,
        tlsSecretName,
        gateway,
    }: Pick<IngressSettings, "enabled" | "hosts" | "tlsSecretName" | "gateway">,
    endpoint: WebEndpointName,
): string | undefined {
    const host = hosts[endpoint];
    const secure = gateway ? gateway.https : tlsSecretName !== "";
    return enabled && host ? `${secure ? "https" : "http"}://${host}` : undefined;
}
