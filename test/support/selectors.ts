import type { KubernetesObject, Labels } from "./objects";
import { listAt, valueAt } from "./objects";

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

interface IngressRule {
    readonly from?: readonly Peer[];
    readonly ports?: readonly { readonly port: number; readonly protocol?: string }[];
}

/**
 * Whether NetworkPolicies let a TCP connection in, as
 * https://kubernetes.io/docs/concepts/services-networking/network-policies/ defines it.
 */
export function admits(
    policies: readonly Pick<KubernetesObject, "namespace" | "manifest">[],
    from: Pod,
    to: Pod,
    port: number,
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

function opens(rule: IngressRule, from: Pod, namespace: string, port: number): boolean {
    const portOpen = rule.ports?.some(
        (each) => each.port === port && (each.protocol ?? "TCP") === "TCP",
    );
    const peerOpen = rule.from?.some(({ namespaceSelector, podSelector }) => {
        const sameNamespace = namespaceSelector === undefined && from.namespace === namespace;
        const namespaceLabels = { "kubernetes.io/metadata.name": from.namespace };
        return (
            (sameNamespace || selects(namespaceSelector ?? NOTHING, namespaceLabels)) &&
            selects(podSelector ?? {}, from.labels)
        );
    });
    return (portOpen ?? true) && (peerOpen ?? true);
}

const NOTHING: Selector = { matchExpressions: [{ key: "nothing", operator: "Exists" }] };
