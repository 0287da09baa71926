import type { LiveObject } from "../../../lab/cluster/kubeClient";
import { valueAt } from "../../../lab/program/objects";
import { admits, Selector } from "../../support/selectors";
import { describeObject } from "../stack";
import { containerPort, containersOf, labelsOf, LiveObjects, portsOf } from "./liveObjects";

interface Endpoint {
    readonly port?: string;
    readonly targetPort?: string | number;
}

/** A pod's port that one endpoint of a monitor makes Prometheus scrape. */
interface ScrapedPort {
    readonly monitor: LiveObject;
    readonly pod: LiveObject;
    readonly port: number;
}

/** What a chain of references leads to, and the hops that break. */
interface Followed {
    readonly scraped: ScrapedPort[];
    readonly broken: string[];
}

const EXPORTER = "redis-exporter";

/**
 * Follows every monitor in our namespaces: its selector, the Service, the port's name, the Service's selector, the
 * pods, the container's port, and the NetworkPolicies between Prometheus and the pod. Returns the hops that break, and
 * Redis exporters that are not scraped exactly once.
 */
export function brokenMonitors(objects: LiveObjects): string[] {
    const followed = objects
        .ours("ServiceMonitor", "PodMonitor")
        .filter((monitor) => !isOfTheCluster(objects, monitor))
        .map((monitor) => followMonitor(objects, monitor));
    const scraped = followed.flatMap((each) => each.scraped);
    return [
        ...followed.flatMap(({ broken }) => broken),
        ...scraped.flatMap((each) => closedToPrometheus(objects, each)),
        ...exportersNotOnce(objects, scraped),
    ];
}

/** Monitors of what the cluster itself runs, such as its DNS, which a control plane alone does not have. */
export function isOfTheCluster(objects: LiveObjects, monitor: LiveObject): boolean {
    const ours = objects.ourNamespaces();
    const others = objects
        .kind("Namespace")
        .map(({ metadata }) => metadata.name)
        .filter((name) => !ours.includes(name));
    return namespacesOf(objects, monitor).every((name) => others.includes(name));
}

/** Where a monitor looks. */
function namespacesOf(objects: LiveObjects, { metadata, spec }: LiveObject): readonly string[] {
    const { any = false, matchNames = [metadata.namespace ?? ""] } = (valueAt(
        spec,
        "namespaceSelector",
    ) ?? {}) as { readonly any?: boolean; readonly matchNames?: readonly string[] };
    return any ? objects.kind("Namespace").map((each) => each.metadata.name) : matchNames;
}

function followMonitor(objects: LiveObjects, monitor: LiveObject): Followed {
    const selector = valueAt(monitor, "spec", "selector") as Selector;
    const namespaces = namespacesOf(objects, monitor);
    const service = monitor.kind === "ServiceMonitor";
    const key = service ? "endpoints" : "podMetricsEndpoints";
    const endpoints = (valueAt(monitor, "spec", key) ?? []) as readonly Endpoint[];
    const kind = service ? "Service" : "Pod";
    const select = (each: Selector): LiveObject[] =>
        namespaces.flatMap((namespace) => objects.selected(kind, namespace, each));
    const dead = alternatives(selector).filter((each) => select(each).length === 0);
    return merge([
        ...dead.map((each) =>
            broken(
                `${describeObject(monitor)}: its selector ${JSON.stringify(each)} matches no ${kind} of ${namespaces.join(", ")}`,
            ),
        ),
        ...select(selector).flatMap((each) =>
            endpoints.map((endpoint) =>
                service
                    ? followService(objects, monitor, each, endpoint)
                    : followPod(monitor, describeObject(monitor), each, endpoint.port ?? ""),
            ),
        ),
    ]);
}

/** A selector that lists values, as one for each value: each is there to select something. */
function alternatives({ matchLabels, matchExpressions = [] }: Selector): Selector[] {
    return matchExpressions.reduce<Selector[]>(
        (all, expression) =>
            all.flatMap((each) =>
                (expression.values ?? [undefined]).map((value) => ({
                    ...each,
                    matchExpressions: [
                        ...(each.matchExpressions ?? []),
                        { ...expression, ...(value === undefined ? {} : { values: [value] }) },
                    ],
                })),
            ),
        [matchLabels ? { matchLabels } : {}],
    );
}

function followService(
    objects: LiveObjects,
    monitor: LiveObject,
    service: LiveObject,
    endpoint: Endpoint,
): Followed {
    const path = `${describeObject(monitor)} -> ${describeObject(service)}`;
    const port = portsOf(service).find(({ name }) => name === endpoint.port);
    if (!port) {
        const names = portsOf(service).map(({ name }) => name);
        return broken(`${path}: it has no port named "${endpoint.port}", only ${names.join(", ")}`);
    }
    const selector = valueAt(service, "spec", "selector") as Readonly<Record<string, string>>;
    const { namespace = "" } = service.metadata;
    const pods = objects.selected("Pod", namespace, { matchLabels: selector });
    if (pods.length === 0) {
        return broken(`${path}: its selector ${JSON.stringify(selector)} matches no pod`);
    }
    return merge(pods.map((pod) => followPod(monitor, path, pod, port.targetPort ?? port.port)));
}

function followPod(
    monitor: LiveObject,
    path: string,
    pod: LiveObject,
    port: string | number,
): Followed {
    const number = containerPort(pod, port);
    return number === undefined
        ? broken(`${path} -> ${describeObject(pod)}: no container has the port ${port}`)
        : { scraped: [{ monitor, pod, port: number }], broken: [] };
}

function closedToPrometheus(objects: LiveObjects, { monitor, pod, port }: ScrapedPort): string[] {
    const policies = policiesOf(objects);
    const prometheus = objects
        .kind("Pod")
        .find((each) => labelsOf(each)["app.kubernetes.io/name"] === "prometheus");
    if (!prometheus) {
        return ["there is no Prometheus pod"];
    }
    return isOnHostNetwork(pod) || admits(policies, podOf(prometheus), podOf(pod), port)
        ? []
        : [
              `${describeObject(monitor)} -> ${describeObject(pod)}: no NetworkPolicy lets ` +
                  `${describeObject(prometheus)} in at port ${port}`,
          ];
}

function exportersNotOnce(objects: LiveObjects, scraped: readonly ScrapedPort[]): string[] {
    return objects
        .ours("Pod")
        .filter((pod) => containersOf(pod).some(({ name }) => name === EXPORTER))
        .flatMap((pod) => {
            const by = scraped.filter((each) => each.pod === pod);
            const names = by.map(({ monitor }) => describeObject(monitor)).join(", ");
            return by.length === 1
                ? []
                : [
                      `${describeObject(pod)}: its exporter is scraped ${by.length} times: by ${names || "nobody"}`,
                  ];
        });
}

/** NetworkPolicies do not reach such a pod. */
export function isOnHostNetwork(pod: LiveObject): boolean {
    return valueAt(pod, "spec", "hostNetwork") === true;
}

/** NetworkPolicies in the form that `admits` takes. */
export function policiesOf(objects: LiveObjects): { namespace: string; manifest: LiveObject }[] {
    return objects
        .kind("NetworkPolicy")
        .map((manifest) => ({ namespace: manifest.metadata.namespace ?? "", manifest }));
}

export function podOf(pod: LiveObject): {
    namespace: string;
    labels: Readonly<Record<string, string>>;
} {
    return { namespace: pod.metadata.namespace ?? "", labels: labelsOf(pod) };
}

function broken(message: string): Followed {
    return { scraped: [], broken: [message] };
}

function merge(all: readonly Followed[]): Followed {
    return {
        scraped: all.flatMap((each) => each.scraped),
        broken: [...new Set(all.flatMap((each) => each.broken))],
    };
}
