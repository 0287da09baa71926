import { valueAt } from "../../lab/program/objects";
import type { Registration } from "../../lab/program/program";
import { chartName, minimumPods, requestsOf, RequestTotals, sum } from "./requests";

/** Something that a component holds, and how many objects it is. */
export interface Held {
    readonly text: string;
    readonly count: number;
}

/** A component right below the stack, with everything that it registers. */
export interface InstalledComponent {
    readonly name: string;
    /** Kubernetes objects and charts. */
    readonly resources: number;
    /** What it holds, the most telling first: charts with their versions, then objects by kind. */
    readonly holds: readonly Held[];
    readonly requests: RequestTotals;
}

/** What is installed: a component each, by name; namespaces are one. */
export function installedComponents(registrations: readonly Registration[]): InstalledComponent[] {
    const byUrn = new Map(registrations.map((each) => [each.urn, each]));
    const minimum = minimumPods(registrations);
    const groups = new Map<string, Registration[]>();
    for (const each of registrations.filter(({ type }) => type.startsWith("kubernetes:"))) {
        const top = topComponent(each, byUrn);
        const name = top.type === NAMESPACE ? "namespaces" : top.name;
        groups.set(name, [...(groups.get(name) ?? []), each]);
    }
    return [...groups]
        .sort(([a], [b]) => a.localeCompare(b))
        .map(([name, members]) => ({
            name,
            resources: members.length,
            holds: name === "namespaces" ? namespaces(members) : holds(name, members),
            requests: sum(members.map((each) => requestsOf(each, minimum))),
        }));
}

const NAMESPACE = "observability:index:Namespace";
const STACK = "pulumi:pulumi:Stack";

function topComponent(
    registration: Registration,
    byUrn: ReadonlyMap<string, Registration>,
): Registration {
    const parent = byUrn.get(registration.parent);
    return parent === undefined || parent.type === STACK
        ? registration
        : topComponent(parent, byUrn);
}

function namespaces(members: readonly Registration[]): Held[] {
    return members
        .filter(({ inputs }) => inputs.kind === "Namespace")
        .map(({ inputs }) => String(valueAt(inputs, "metadata", "name")))
        .sort()
        .map((text) => ({ text, count: 1 }));
}

function holds(component: string, members: readonly Registration[]): Held[] {
    const charts = members
        .filter(({ inputs }) => inputs.chart !== undefined)
        .map(({ inputs }) => [chartName(inputs), String(inputs.version)] as const)
        .map(([chart, version]) => `${chart === component ? "chart" : chart} ${version}`)
        .sort();
    const counts = new Map<string, number>();
    for (const { inputs } of members.filter(({ inputs: { kind } }) => kind !== undefined)) {
        const kind = String(inputs.kind);
        counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    const kinds = [...counts].sort(([a], [b]) => rank(a) - rank(b) || a.localeCompare(b));
    return [
        ...charts.map((text) => ({ text, count: 1 })),
        ...kinds.map(([kind, count]) => ({ text: counted(kind, count), count })),
    ];
}

/** From what a reader looks for to what is there with everything; kinds that are not here, custom resources, come first. */
const ORDINARY = [
    "Deployment",
    "StatefulSet",
    "Job",
    "CronJob",
    "PrometheusRule",
    "Ingress",
    "PersistentVolumeClaim",
    "HorizontalPodAutoscaler",
    "ServiceMonitor",
    "PodMonitor",
    "Service",
    "Secret",
    "ConfigMap",
    "PodDisruptionBudget",
    "ServiceAccount",
    "Role",
    "RoleBinding",
    "ClusterRole",
    "ClusterRoleBinding",
    "NetworkPolicy",
];

function rank(kind: string): number {
    return ORDINARY.indexOf(kind);
}

/** `Deployment`, `2 Deployments`, `3 NetworkPolicies`. */
function counted(kind: string, count: number): string {
    if (count === 1) {
        return kind;
    }
    const plural = kind.endsWith("y") ? `${kind.slice(0, -1)}ies` : `${kind}s`;
    return `${count} ${kind === "Redis" ? kind : plural}`;
}
