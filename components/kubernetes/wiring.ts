import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { Labels, PART_OF } from "./labels";

/**
 * Who talks to whom. A component gets the object of what it talks to, reads the address from it, and opens the
 * NetworkPolicy edge from the same object, so that an address without its edge cannot be written.
 */

/** A set of pods; without labels, every pod of the namespace. */
export interface Workload {
    readonly namespace: pulumi.Input<string>;
    readonly podLabels?: pulumi.Input<Labels>;
    /** Somebody else's: a policy for them would close what others opened, so none is made. */
    readonly foreign?: true;
    /** A label that all of them carry, each with a value of its own. */
    readonly podLabelKey?: string;
}

/** A TCP port on which pods listen (the container's port, which is what a NetworkPolicy sees). */
export interface Listener {
    readonly workload: Workload;
    readonly port: number;
}

/** The same by the name that the pods give the port, which a NetworkPolicy knows too. */
export interface NamedListener {
    readonly workload: Workload;
    readonly port: number | string;
}

/** A port behind a Service. */
export interface ServiceEndpoint extends Listener {
    readonly service: pulumi.Input<string>;
    readonly servicePort: number;
    readonly scheme: "http" | "https";
}

/** Callers that are no pods, by a range of their addresses: load balancers, nodes, the API server. */
export interface Range {
    readonly cidr: string;
}

/** `anywhere` is for callers that nothing names: the API server without its ranges, and pods of all namespaces. */
export type Source = Workload | Range | "anywhere";

/** What comes from these ranges; from everywhere where none is known. */
export function fromRanges(cidrs: readonly string[]): Source[] {
    return cidrs.length > 0 ? cidrs.map((cidr) => ({ cidr })) : ["anywhere"];
}

export interface Edge {
    readonly from: readonly Source[];
    /** Listeners of one workload. */
    readonly to: readonly [NamedListener, ...NamedListener[]];
    /** Protocols of each port; TCP when not given. */
    readonly protocols?: readonly ("TCP" | "UDP")[];
}

/** Opens an edge: a NetworkPolicy in the namespace of the listener. */
export function allowIngress(
    name: string,
    edge: Edge,
    opts: pulumi.CustomResourceOptions,
): k8s.networking.v1.NetworkPolicy {
    return new k8s.networking.v1.NetworkPolicy(
        name,
        {
            metadata: { name, namespace: edge.to[0].workload.namespace, labels: PART_OF },
            spec: ingressSpec(edge),
        },
        opts,
    );
}

export function ingressSpec(edge: Edge): k8s.types.input.networking.v1.NetworkPolicySpec {
    const anywhere = edge.from.includes("anywhere");
    const from = edge.from.filter((source): source is Workload | Range => source !== "anywhere");
    return {
        podSelector: podSelector(edge.to[0].workload) ?? {},
        policyTypes: ["Ingress"],
        ingress: [
            {
                ...(anywhere ? {} : { from: from.map(peer) }),
                ports: edge.to.flatMap(({ port }) =>
                    (edge.protocols ?? ["TCP"]).map((protocol) => ({ port, protocol })),
                ),
            },
        ],
    };
}

function peer(source: Workload | Range): k8s.types.input.networking.v1.NetworkPolicyPeer {
    return "cidr" in source ? { ipBlock: { cidr: source.cidr } } : podPeer(source);
}

function podPeer(workload: Workload): k8s.types.input.networking.v1.NetworkPolicyPeer {
    const pods = podSelector(workload);
    return {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": workload.namespace } },
        ...(pods ? { podSelector: pods } : {}),
    };
}

/** Undefined for every pod of the namespace. */
function podSelector({
    podLabels,
    podLabelKey,
}: Workload): k8s.types.input.meta.v1.LabelSelector | undefined {
    if (podLabels === undefined && podLabelKey === undefined) {
        return undefined;
    }
    return {
        ...(podLabels ? { matchLabels: podLabels } : {}),
        ...(podLabelKey ? { matchExpressions: [{ key: podLabelKey, operator: "Exists" }] } : {}),
    };
}

/** `service.namespace.svc:port`, as pods of the cluster reach it. */
export function address(endpoint: ServiceEndpoint): pulumi.Output<string> {
    return pulumi.interpolate`${endpoint.service}.${endpoint.workload.namespace}.svc:${endpoint.servicePort}`;
}

/** The URL in the cluster. */
export function clusterUrl(endpoint: ServiceEndpoint): pulumi.Output<string> {
    return pulumi.interpolate`${endpoint.scheme}://${address(endpoint)}`;
}
