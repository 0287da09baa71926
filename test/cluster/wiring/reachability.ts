import { admits, Pod } from "../../support/selectors";
import type { Edge } from "../edges";
import type { LiveObject } from "../kubeClient";
import { containersOf, labelsOf, LiveObjects } from "./liveObjects";
import { isOnHostNetwork, podOf, policiesOf } from "./monitors";

/** Ports that pods listen on and no container declares. */
const UNDECLARED = [6379, 16379, 26379, 9300, 9094];
/** A port on which nothing listens: whoever may reach it may reach every port. */
const UNUSED = 1;

/** Pods that are none of ours. */
const OTHERS: readonly (readonly [string, Pod])[] = [
    ["a stranger", { namespace: "elsewhere", labels: { app: "web" } }],
    ["a client in shop", { namespace: "shop", labels: { app: "web" } }],
];

/** A connection to a TCP port; workloads as `namespace/name`. */
interface Connection {
    readonly from: string;
    readonly to: string;
    readonly port: number;
}

/**
 * How the live NetworkPolicies differ from the edges: connections that an edge needs and they close, and connections
 * into our namespaces that they open and no edge needs.
 */
export function networkDifferences(objects: LiveObjects, edges: readonly Edge[]): string[] {
    const policies = policiesOf(objects);
    const pods = objects.ours("Pod").filter((pod) => !isOnHostNetwork(pod));
    const ports = portsOf(pods);
    const targets = new Map(pods.map((pod) => [workloadOf(pod), podOf(pod)]));
    const sources = [...OTHERS, ...targets];
    return [...targets].flatMap(([to, target]) =>
        sources.flatMap(([from, source]) =>
            ports.flatMap((port) =>
                difference({ from, to, port }, admits(policies, source, target, port), edges),
            ),
        ),
    );
}

function difference(connection: Connection, open: boolean, edges: readonly Edge[]): string[] {
    const { from, to, port } = connection;
    const edge = edges.find(
        (each) => each.from.test(from) && each.to.test(to) && each.ports.includes(port),
    );
    const what = `${from} -> ${to}:${port === UNUSED ? "any port" : port}`;
    if (open && !edge) {
        return [`${what} is open, and no edge of test/cluster/edges.ts needs it`];
    }
    return !open && edge ? [`${what} is closed by the NetworkPolicies, but ${edge.why}`] : [];
}

/** Edges of which one end does not exist, so that nothing proves them. */
export function unusedEdges(objects: LiveObjects, edges: readonly Edge[]): string[] {
    const names = [...objects.ours("Pod").map(workloadOf), ...OTHERS.map(([name]) => name)];
    return edges
        .filter(
            ({ from, to }) =>
                !names.some((name) => from.test(name)) || !names.some((name) => to.test(name)),
        )
        .map(({ why }) => why);
}

function portsOf(pods: readonly LiveObject[]): number[] {
    const declared = pods
        .flatMap(containersOf)
        .flatMap(({ ports = [] }) => ports.map(({ containerPort }) => containerPort));
    return [...new Set([...declared, ...UNDECLARED, UNUSED])].sort((a, b) => a - b);
}

/** `namespace/name` of the StatefulSet, DaemonSet or Deployment that a pod belongs to. */
export function workloadOf(pod: LiveObject): string {
    const { namespace = "", name, ownerReferences = [] } = pod.metadata;
    const owner = ownerReferences.find(({ kind }) => kind !== "Node");
    const hash = labelsOf(pod)["pod-template-hash"];
    const full = owner?.name ?? name;
    return `${namespace}/${hash ? full.replace(`-${hash}`, "") : full}`;
}
