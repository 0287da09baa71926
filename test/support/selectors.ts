import { KubernetesObject, Labels, listAt, valueAt } from "../../lab/program/objects";

/** A label selector as Kubernetes reads it; an empty one matches everything. */
export interface Selector {
    readonly matchLabels?: Labels;
    readonly matchExpressions?: readonly {
        readonly key: string;
        readonly operator: string;
        readonly values?: readonly string[];
    }[];
}

export interface Pod {
    readonly namespace: string;
    readonly labels: Labels;
}

export function selects(selector: Selector, labels: Labels): boolean {
    return (
        Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value) &&
        (selector.matchExpressions ?? []).every(({ key, operator, values = [] }) => {
            switch (operator) {
                case "In":
                    return labels[key] !== undefined && values.includes(labels[key]);
                case "Exists":
                    return labels[key] !== undefined;
                default:
                    throw new Error(`the selector's operator ${operator} is not simulated; add it`);
            }
        })
    );
}

interface Peer {
    readonly namespaceSelector?: Selector;
    readonly podSelector?: Selector;
}

/** A port number of TCP, or one of another protocol. */
export type Port = number | `${number}/${string}`;

export interface IngressRule {
    readonly from?: readonly Peer[];
    readonly ports?: readonly { readonly port: number; readonly protocol?: string }[];
}

export function portWithProtocol(port: number, protocol = "TCP"): Port {
    return protocol === "TCP" ? port : `${port}/${protocol}`;
}

/**
 * Whether NetworkPolicies let a connection in, as
 * https://kubernetes.io/docs/concepts/services-networking/network-policies/ defines it.
 */
export function admits(
    policies: readonly Pick<KubernetesObject, "namespace" | "manifest">[],
    from: Pod,
    to: Pod,
    port: Port,
): boolean {
    const selecting = policies.filter(
        ({ namespace, manifest }) =>
            namespace === to.namespace &&
            selects(valueAt(manifest, "spec", "podSelector") as Selector, to.labels),
    );
    return (
        selecting.length === 0 ||
        selecting
            .flatMap(({ manifest }) =>
                valueAt(manifest, "spec", "ingress") === undefined
                    ? []
                    : (listAt(manifest, "spec", "ingress") as IngressRule[]),
            )
            .some((rule) => opens(rule, from, to.namespace, port))
    );
}

/** An empty list is as none: it opens all. */
function opens(rule: IngressRule, from: Pod, namespace: string, port: Port): boolean {
    const { ports = [], from: peers = [] } = rule;
    const portOpen = ports.some((each) => portWithProtocol(each.port, each.protocol) === port);
    const peerOpen = peers.some(({ namespaceSelector, podSelector }) => {
        const sameNamespace = namespaceSelector === undefined && from.namespace === namespace;
        const namespaceLabels = { "kubernetes.io/metadata.name": from.namespace };
        return (
            (sameNamespace || selects(namespaceSelector ?? NOTHING, namespaceLabels)) &&
            selects(podSelector ?? {}, from.labels)
        );
    });
    return (ports.length === 0 || portOpen) && (peers.length === 0 || peerOpen);
}

const NOTHING: Selector = { matchExpressions: [{ key: "nothing", operator: "Exists" }] };
