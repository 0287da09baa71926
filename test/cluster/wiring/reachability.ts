import type { LiveObject } from "../../../lab/cluster/kubeClient";
import { valueAt } from "../../../lab/program/objects";
import {
    admits,
    IngressRule,
    Pod,
    Port,
    portWithProtocol,
    Selector,
    selects,
} from "../../support/selectors";
import type { Edge } from "../edges";
import { describeObject } from "../stack";
import { containersOf, labelsOf, LiveObjects, UNDECLARED } from "./liveObjects";
import { isOnHostNetwork, podOf, policiesOf } from "./monitors";

/** A port on which nothing listens: whoever may reach it may reach every port. */
const UNUSED = 1;

/** Pods that are none of ours. */
const OTHERS: readonly (readonly [string, Pod])[] = [
    ["a stranger", { namespace: "elsewhere", labels: { app: "web" } }],
    ["a client in shop", { namespace: "shop", labels: { app: "web" } }],
];

/** Who may try to connect: every workload, and others beside them and elsewhere. */
function sourcesOf(objects: LiveObjects): (readonly [string, Pod])[] {
    const beside = objects
        .ourNamespaces()
        .map((namespace) => [`${namespace}/a stranger`, { namespace, labels: {} }] as const);
    return [...OTHERS, ...beside, ...workloadsOf(objects)];
}

/**
 * How the live NetworkPolicies differ from the edges: connections that an edge needs and they close, and connections
 * into our namespaces, or into some of them, that they open and no edge needs.
 */
export function networkDifferences(
    objects: LiveObjects,
    edges: readonly Edge[],
    namespaces: readonly string[] = objects.ourNamespaces(),
): string[] {
    const policies = policiesOf(objects);
    const workloads = workloadsOf(objects);
    const ports = portsOf(objects.ours("Pod"));
    const sources = sourcesOf(objects);
    const targets = [...workloads].filter(([, { namespace }]) => namespaces.includes(namespace));
    return targets.flatMap(([to, target]) => {
        const own = policies.filter((policy) => selectsPod(policy, target));
        return sources.flatMap(([from, source]) => {
            const possible = edges.filter((each) => each.from.test(from) && each.to.test(to));
            return ports.flatMap((port) => {
                const edge = possible.find((each) => each.ports.includes(port));
                const open = (by: readonly Policy[]): boolean => admits(by, source, target, port);
                if (open(own) === (edge !== undefined)) {
                    return [];
                }
                const what = `${from} -> ${to}:${port === UNUSED ? "any port" : port}`;
                const opening = namesOf(own.filter((each) => open([each])));
                return edge
                    ? [`${what} is closed by ${namesOf(own)}, but ${edge.why}`]
                    : [
                          `${what} is opened by ${opening || "the want of a NetworkPolicy"}, and no edge of test/cluster/edges.ts needs it`,
                      ];
            });
        });
    });
}

/** What a policy alone opens between the pods that there are, and for others, at the ports that it names. */
export function openedBy(objects: LiveObjects, manifest: LiveObject): string[] {
    const policy = { namespace: manifest.metadata.namespace ?? "", manifest };
    const rules = (valueAt(manifest, "spec", "ingress") ?? []) as readonly IngressRule[];
    const ports = rules
        .flatMap((rule) => rule.ports ?? [])
        .map(({ port, protocol }) => portWithProtocol(port, protocol));
    return [...workloadsOf(objects)]
        .filter(([, target]) => selectsPod(policy, target))
        .flatMap(([to, target]) => [
            to,
            ...sourcesOf(objects).flatMap(([from, source]) =>
                [...ports, UNUSED]
                    .filter((port) => admits([policy], source, target, port))
                    .map((port) => `${from} -> ${to}:${port}`),
            ),
        ]);
}

type Policy = ReturnType<typeof policiesOf>[number];

function selectsPod({ namespace, manifest }: Policy, pod: Pod): boolean {
    const selector = valueAt(manifest, "spec", "podSelector") as Selector;
    return namespace === pod.namespace && selects(selector, pod.labels);
}

function namesOf(policies: readonly Policy[]): string {
    return policies.map(({ manifest }) => describeObject(manifest)).join(", ");
}

/** Pods that policies reach, one of each workload. */
function workloadsOf(objects: LiveObjects): ReadonlyMap<string, Pod> {
    const pods = objects.ours("Pod").filter((pod) => !isOnHostNetwork(pod));
    return new Map(pods.map((pod) => [workloadOf(pod), podOf(pod)]));
}

/** Edges of which one end does not exist, so that nothing proves them. */
export function unusedEdges(objects: LiveObjects, edges: readonly Edge[]): string[] {
    const names = [
        ...objects.ours("Pod").map(workloadOf),
        ...sourcesOf(objects).map(([name]) => name),
    ];
    return edges
        .filter(
            ({ from, to }) =>
                !names.some((name) => from.test(name)) || !names.some((name) => to.test(name)),
        )
        .map(({ why }) => why);
}

function portsOf(pods: readonly LiveObject[]): Port[] {
    const declared = pods
        .flatMap(containersOf)
        .flatMap(({ ports = [] }) =>
            ports.map(({ containerPort, protocol }) => portWithProtocol(containerPort, protocol)),
        );
    return [...new Set([...declared, ...UNDECLARED, UNUSED])];
}

/** `namespace/name` of the StatefulSet, DaemonSet or Deployment that a pod belongs to. */
export function workloadOf(pod: LiveObject): string {
    const { namespace = "", name, ownerReferences = [] } = pod.metadata;
    const owner = ownerReferences.find(({ kind }) => kind !== "Node");
    const hash = labelsOf(pod)["pod-template-hash"];
    const full = owner?.name ?? name;
    return `${namespace}/${hash ? full.replace(`-${hash}`, "") : full}`;
}
