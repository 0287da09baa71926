import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { PART_OF } from "./labels";

/** https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
export type PodSecurity = "restricted" | "privileged";

export interface NamespaceArgs {
    /** The namespace's name. */
    readonly namespace: string;
    /** The Pod Security level that is enforced. */
    readonly podSecurity: PodSecurity;
    /** Why the level is not `restricted`; recorded on the namespace. */
    readonly exceptionReason?: string;
    /** Leave the namespace, and with it its volumes, in the cluster when the stack is destroyed. */
    readonly keep?: boolean;
    readonly protect?: boolean;
}

/**
 * A namespace with its Pod Security level, into which nothing connects: components open what they need, see
 * kubernetes/wiring.ts. Deleting it deletes the volumes in it, unless `keep` is set.
 */
export class Namespace extends pulumi.ComponentResource {
    /** The name, known once the namespace exists. */
    public readonly name: pulumi.Output<string>;

    constructor(name: string, args: NamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:Namespace", name, args, opts);
        const namespace = new k8s.core.v1.Namespace(
            name,
            {
                metadata: {
                    name: args.namespace,
                    labels: { ...PART_OF, ...podSecurityLabels(args.podSecurity) },
                    ...(args.exceptionReason
                        ? {
                              annotations: {
                                  "observability/pod-security-exception": args.exceptionReason,
                              },
                          }
                        : {}),
                },
            },
            { parent: this, protect: args.protect ?? false, retainOnDelete: args.keep ?? false },
        );
        new k8s.networking.v1.NetworkPolicy(
            `${name}-default-deny`,
            {
                metadata: {
                    name: "default-deny-ingress",
                    namespace: namespace.metadata.name,
                    labels: PART_OF,
                },
                spec: { podSelector: {}, policyTypes: ["Ingress"] },
            },
            { parent: this },
        );
        this.name = namespace.metadata.name;
        this.registerOutputs({ name: this.name });
    }
}

export function podSecurityLabels(level: PodSecurity): Record<string, string> {
    return {
        "pod-security.kubernetes.io/enforce": level,
        "pod-security.kubernetes.io/warn": level,
        "pod-security.kubernetes.io/audit": "restricted",
    };
}
