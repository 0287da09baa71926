import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { PART_OF } from "./labels";

/** https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
export const POD_SECURITY_LEVELS = ["restricted", "baseline", "privileged"] as const;
export type PodSecurity = (typeof POD_SECURITY_LEVELS)[number];

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
    /** False where it is somebody else's and must be there: it is neither labelled nor deleted. True when not given. */
    readonly create?: boolean;
    /** Into which pods nothing connects until an edge is opened; every pod of the namespace when not given. */
    readonly deny?: DeniedPods;
}

/** A name for the policy, and whom it selects. */
export type DeniedPods = Readonly<Record<string, k8s.types.input.meta.v1.LabelSelector>>;

/**
 * A namespace with its Pod Security level, into which nothing connects: components open what they need, see
 * kubernetes/wiring.ts. Deleting it deletes the volumes in it, unless `keep` is set.
 */
export class Namespace extends pulumi.ComponentResource {
    /** The name, known once the namespace exists. */
    public readonly name: pulumi.Output<string>;

    constructor(name: string, args: NamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:Namespace", name, args, opts);
        if (args.create === false) {
            this.name = pulumi.output(args.namespace);
        } else {
            this.name = this.make(name, args).metadata.name;
        }
        for (const [policy, podSelector] of Object.entries(args.deny ?? EVERY_POD)) {
            new k8s.networking.v1.NetworkPolicy(
                policy === DENY ? `${name}-default-deny` : `${name}-${policy}`,
                {
                    metadata: { name: policy, namespace: this.name, labels: PART_OF },
                    spec: { podSelector, policyTypes: ["Ingress"] },
                },
                { parent: this },
            );
        }
        this.registerOutputs({ name: this.name });
    }

    private make(name: string, args: NamespaceArgs): k8s.core.v1.Namespace {
        return new k8s.core.v1.Namespace(
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
    }
}

const DENY = "default-deny-ingress";
const EVERY_POD: DeniedPods = { [DENY]: {} };

export function podSecurityLabels(level: PodSecurity): Record<string, string> {
    return {
        "pod-security.kubernetes.io/enforce": level,
        "pod-security.kubernetes.io/warn": level,
        "pod-security.kubernetes.io/audit": "restricted",
    };
}
