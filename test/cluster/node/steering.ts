import { SIMULATED_NODE } from "../../../lab/cluster/controlPlane";
import type { LiveObject } from "../../../lab/cluster/kubeClient";
import { NODE_NAME } from "../../../lab/cluster/node/realNode";
import { valueAt } from "../../../lab/program/objects";

const NAME = "pods-by-their-images";
const API = "admissionregistration.k8s.io/v1";

/**
 * Sends each pod to the kind of node that can have it: the real one when all its images are made here, a simulated one
 * otherwise. A DaemonSet has chosen the node already; what Jobs talk to is simulated, and so are they. A
 * MutatingAdmissionPolicy leaves the objects of the program as they are.
 */
export function steering(repositories: readonly string[]): object[] {
    const made = `[${repositories.map((each) => `"${each}:"`).join(", ")}]`;
    const isMade = `${made}.exists(made, container.image.startsWith(made))`;
    const owners = "object.metadata.?ownerReferences.orValue([])";
    const target = (labels: Readonly<Record<string, string>>): string =>
        `{${Object.entries(labels)
            .map(([key, value]) => `"${key}": "${value}"`)
            .join(", ")}}`;
    const containers = ["containers", "initContainers"]
        .map((list) => `object.spec.?${list}.orValue([]).all(container, ${isMade})`)
        .join(" && ");
    return [
        {
            apiVersion: API,
            kind: "MutatingAdmissionPolicy",
            metadata: { name: NAME },
            spec: {
                failurePolicy: "Fail",
                reinvocationPolicy: "Never",
                matchConstraints: {
                    resourceRules: [
                        {
                            ...{ apiGroups: [""], apiVersions: ["v1"] },
                            ...{ operations: ["CREATE"], resources: ["pods"] },
                        },
                    ],
                },
                matchConditions: [
                    {
                        name: "has-no-node-yet",
                        expression: `${owners}.all(owner, owner.kind != "DaemonSet")`,
                    },
                ],
                variables: [
                    {
                        name: "runs",
                        expression: `${owners}.all(owner, owner.kind != "Job") && ${containers}`,
                    },
                ],
                mutations: [
                    {
                        patchType: "JSONPatch",
                        jsonPatch: {
                            expression:
                                `[JSONPatch{op: "add", path: "/spec/nodeSelector", value: variables.runs ? ` +
                                `${target({ "kubernetes.io/hostname": NODE_NAME })} : ${target(SIMULATED_NODE)}}]`,
                        },
                    },
                ],
            },
        },
        {
            apiVersion: API,
            kind: "MutatingAdmissionPolicyBinding",
            metadata: { name: NAME },
            spec: { policyName: NAME },
        },
    ];
}

/** Whether the policy sent a pod to the real node. */
export function isSentToNode(pod: LiveObject): boolean {
    return valueAt(pod, "spec", "nodeSelector", "kubernetes.io/hostname") === NODE_NAME;
}

/** A pod that no node has an image for; when it comes back with a node's label, the policy is in force. */
export const PROBE = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "steering-probe", namespace: "default" },
    spec: { containers: [{ name: "probe", image: "example.com/probe:1" }] },
};
