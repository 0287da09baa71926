import type { LiveObject } from "../../../lab/cluster/kubeClient";
import { valueAt } from "../../../lab/program/objects";
import { Selector, selects } from "../../support/selectors";
import { describeObject } from "../stack";
import {
    containerPort,
    containersOf,
    labelsOf,
    LiveObjects,
    portsOf,
    UNDECLARED,
} from "./liveObjects";
import { places } from "./places";

/**
 * Selectors of Services, NetworkPolicies, disruption budgets, autoscalers and of pods' places that lead to nothing, ports
 * that no container has, and metrics that cannot be had. Each message names the object and the hop.
 */
export function brokenSelectors(objects: LiveObjects): string[] {
    return [
        ...objects.ours("Service").flatMap((service) => brokenService(objects, service)),
        ...objects.ours("Ingress").flatMap((ingress) => brokenIngress(objects, ingress)),
        ...objects.ours("HTTPRoute").flatMap((route) => brokenRoute(objects, route)),
        ...objects.ours("NetworkPolicy").flatMap((policy) => brokenPolicy(objects, policy)),
        ...objects.ours("PodDisruptionBudget").flatMap((budget) => {
            const selector = valueAt(budget, "spec", "selector") as Selector;
            return noPods(
                objects,
                budget,
                budget.metadata.namespace ?? "",
                selector,
                "its selector",
            );
        }),
        ...objects.ours("HorizontalPodAutoscaler").flatMap((hpa) => brokenScaling(objects, hpa)),
        ...objects.ours(...PLACING).flatMap((each) => brokenPlacement(objects, each)),
    ];
}

/** Kinds that say which pods stay apart, over nodes or zones. */
export const PLACING = [
    ...["Deployment", "StatefulSet", "DaemonSet", "Prometheus", "Alertmanager", "Elasticsearch"],
    ...["Kibana", "Redis", "RedisReplication", "RedisSentinel", "RedisCluster"],
];

/** Spread constraints and (anti-)affinities of no pod do nothing. */
function brokenPlacement(objects: LiveObjects, object: LiveObject): string[] {
    const { namespace = "" } = object.metadata;
    return places(object.spec, ["spec"])
        .filter(({ path }) => path.at(-1) === "labelSelector")
        .flatMap(({ path, value }) =>
            noPods(objects, object, namespace, value as Selector, `its ${path.join(".")}`),
        );
}

function brokenService(objects: LiveObjects, service: LiveObject): string[] {
    const matchLabels = valueAt(service, "spec", "selector") as Selector["matchLabels"];
    const { namespace = "" } = service.metadata;
    if (!matchLabels || Object.keys(matchLabels).length === 0) {
        return [];
    }
    const pods = objects.selected("Pod", namespace, { matchLabels });
    if (pods.length === 0) {
        return noPods(objects, service, namespace, { matchLabels }, "its selector");
    }
    return portsOf(service).flatMap(({ port, targetPort = port }) =>
        pods.some((pod) => containerPort(pod, targetPort) !== undefined) ||
        UNDECLARED.some((each) => each === targetPort)
            ? []
            : [`${describeObject(service)}: no container of its pods has the port ${targetPort}`],
    );
}

interface Backend {
    readonly service: { readonly name: string; readonly port: { readonly number?: number } };
}

function brokenIngress(objects: LiveObjects, ingress: LiveObject): string[] {
    const rules = (valueAt(ingress, "spec", "rules") ?? []) as object[];
    const backends = rules
        .flatMap((rule) => (valueAt(rule, "http", "paths") ?? []) as { backend: Backend }[])
        .map(({ backend }) => backend.service);
    return backends.flatMap(({ name, port }) => noService(objects, ingress, name, port.number));
}

function brokenRoute(objects: LiveObjects, route: LiveObject): string[] {
    const rules = (valueAt(route, "spec", "rules") ?? []) as object[];
    return rules
        .flatMap((rule) => (valueAt(rule, "backendRefs") ?? []) as { name: string; port: number }[])
        .flatMap(({ name, port }) => noService(objects, route, name, port));
}

/** A page whose Service, or its port, is not there. */
function noService(objects: LiveObjects, page: LiveObject, name: string, port?: number): string[] {
    const service = objects.find("Service", page.metadata.namespace ?? "", name);
    return service && portsOf(service).some((each) => each.port === port)
        ? []
        : [`${describeObject(page)}: there is no Service ${name} with port ${port}`];
}

interface Rule {
    readonly from?: readonly {
        readonly namespaceSelector?: Selector;
        readonly podSelector?: Selector;
    }[];
}

/** Namespaces that are not here are those of clients, which come later. */
function brokenPolicy(objects: LiveObjects, policy: LiveObject): string[] {
    const { namespace = "" } = policy.metadata;
    const target = valueAt(policy, "spec", "podSelector") as Selector;
    const rules = (valueAt(policy, "spec", "ingress") ?? []) as readonly Rule[];
    const peers = rules.flatMap(({ from = [] }) => from);
    return [
        // The one that closes a namespace selects every pod, and also closes one without pods.
        ...(selectsAll(target)
            ? []
            : noPods(objects, policy, namespace, target, "its podSelector")),
        ...peers.flatMap(({ namespaceSelector, podSelector = {} }) =>
            namespacesOf(objects, namespace, namespaceSelector).flatMap((each) =>
                noPods(objects, policy, each, podSelector, "a peer of it"),
            ),
        ),
    ];
}

function namespacesOf(objects: LiveObjects, own: string, selector?: Selector): string[] {
    return selector === undefined
        ? [own]
        : objects
              .kind("Namespace")
              .filter((each) => selects(selector, labelsOf(each)))
              .map(({ metadata }) => metadata.name);
}

function noPods(
    objects: LiveObjects,
    object: LiveObject,
    namespace: string,
    selector: Selector,
    what: string,
): string[] {
    return objects.selected("Pod", namespace, selector).length > 0
        ? []
        : [
              `${describeObject(object)}: ${what} ${JSON.stringify(selector)} matches no pod of ${namespace}`,
          ];
}

function selectsAll({ matchLabels = {}, matchExpressions = [] }: Selector): boolean {
    return Object.keys(matchLabels).length + matchExpressions.length === 0;
}

interface Metric {
    readonly type: string;
    readonly resource?: { readonly name: string };
    readonly external?: { readonly metric: { readonly name: string } };
    readonly object?: { readonly metric: { readonly name: string } };
    readonly pods?: { readonly metric: { readonly name: string } };
}

function brokenScaling(objects: LiveObjects, hpa: LiveObject): string[] {
    const { namespace = "" } = hpa.metadata;
    const { kind, name } = valueAt(hpa, "spec", "scaleTargetRef") as { kind: string; name: string };
    const target = objects.find(kind, namespace, name);
    const from = describeObject(hpa);
    if (!target) {
        return [`${from}: its target ${kind} ${namespace}/${name} is not there`];
    }
    const metrics = (valueAt(hpa, "spec", "metrics") ?? []) as readonly Metric[];
    return metrics.flatMap((metric) => {
        const custom = (metric.external ?? metric.object ?? metric.pods)?.metric.name;
        return custom === undefined
            ? unrequested(from, target, metric.resource?.name ?? "")
            : unserved(objects, from, custom);
    });
}

/** A share of what is requested cannot be computed without a request. */
function unrequested(from: string, target: LiveObject, resource: string): string[] {
    const template = valueAt(target, "spec", "template");
    return containersOf(template)
        .filter(({ resources }) => resources?.requests?.[resource] === undefined)
        .map(
            ({ name }) =>
                `${from}: container ${name} of ${describeObject(target)} requests no ${resource}`,
        );
}

/** The adapter serves what a rule of its ConfigMap names. */
function unserved(objects: LiveObjects, from: string, metric: string): string[] {
    const name = new RegExp(`\\b${metric}\\b`);
    const served = objects
        .kind("ConfigMap")
        .filter(({ metadata }) => metadata.name.startsWith("prometheus-adapter"))
        .some(({ data }) => name.test(JSON.stringify(data)));
    return served ? [] : [`${from}: no rule of prometheus-adapter serves its metric ${metric}`];
}
