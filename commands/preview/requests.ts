import { parseQuantity } from "../../components/settings/quantity";
import { CHART_PODS, ChartPods } from "../../lab/charts/chartPods";
import { chartFacts } from "../../lab/charts/facts";
import { valueAt } from "../../lab/program/objects";
import type { Registration } from "../../lab/program/program";

/** What pods ask for together: cores, bytes of memory, bytes of volumes. */
export interface Requests {
    readonly pods: number;
    readonly cpu: number;
    readonly memory: number;
    readonly disk: number;
}

/** What stands all the time, what each node has once, and what Jobs ask for while all of them run. */
export interface RequestTotals {
    readonly standing: Requests;
    readonly perNode: Requests;
    readonly jobs: Requests;
}

export const NONE: Requests = { pods: 0, cpu: 0, memory: 0, disk: 0 };
const NOTHING: RequestTotals = { standing: NONE, perNode: NONE, jobs: NONE };

export function sum(all: readonly RequestTotals[]): RequestTotals {
    return all.reduce(
        (total, each) => ({
            standing: add(total.standing, each.standing),
            perNode: add(total.perNode, each.perNode),
            jobs: add(total.jobs, each.jobs),
        }),
        NOTHING,
    );
}

/**
 * What the pods and volumes of a resource ask for: a workload of Kubernetes, a custom resource of the operators that we
 * install, or a chart. Of a Deployment with a HorizontalPodAutoscaler, `minimumPods` tells the pods by its name.
 */
export function requestsOf(
    { inputs, type }: Registration,
    minimumPods: Readonly<Record<string, number>>,
): RequestTotals {
    const spec = valueAt(inputs, "spec");
    const standing = (requests: Requests): RequestTotals => ({ ...NOTHING, standing: requests });
    if (type === RELEASE) {
        return chartRequests(inputs);
    }
    switch (inputs.kind) {
        case "Deployment":
        case "StatefulSet": {
            const name = String(valueAt(inputs, "metadata", "name"));
            const pods = minimumPods[name] ?? numberAt(spec, 1, "replicas");
            return standing(times(pods, podRequests(valueAt(spec, "template", "spec"))));
        }
        case "Job":
            return { ...NOTHING, jobs: podRequests(valueAt(spec, "template", "spec")) };
        case "CronJob": {
            const pod = valueAt(spec, "jobTemplate", "spec", "template", "spec");
            return { ...NOTHING, jobs: podRequests(pod) };
        }
        case "PersistentVolumeClaim":
            return standing({ ...NONE, disk: storage(inputs) });
        case "Elasticsearch":
            return standing(
                listOf(spec, "nodeSets")
                    .map((set) => eckPods(numberAt(set, 1, "count"), set))
                    .reduce(add, NONE),
            );
        case "Kibana":
            return standing(eckPods(numberAt(spec, 1, "count"), spec));
        case "Redis":
            return standing(redisPods(1, spec));
        case "RedisReplication":
        case "RedisSentinel":
            return standing(redisPods(numberAt(spec, 1, "clusterSize"), spec));
        case "RedisCluster": {
            const shards = numberAt(spec, 1, "clusterSize");
            const followers = numberAt(spec, shards, "redisFollower", "replicas");
            const leaders = numberAt(spec, shards, "redisLeader", "replicas");
            return standing(redisPods(leaders + followers, spec));
        }
        default:
            return NOTHING;
    }
}

/** The fewest pods of each workload that a HorizontalPodAutoscaler scales, by the workload's name. */
export function minimumPods(registrations: readonly Registration[]): Record<string, number> {
    return Object.fromEntries(
        registrations
            .filter(({ inputs }) => inputs.kind === "HorizontalPodAutoscaler")
            .map(({ inputs: { spec } }) => [
                String(valueAt(spec, "scaleTargetRef", "name")),
                numberAt(spec, 1, "minReplicas"),
            ]),
    );
}

const RELEASE = "kubernetes:helm.sh/v3:Release";

/** What a chart's pods ask for: what our values say, and where they say nothing, what the chart does by itself. */
function chartRequests(inputs: Registration["inputs"]): RequestTotals {
    const chart = chartName(inputs);
    const defaults = chartFacts()[chart]?.resources ?? {};
    return sum(
        (CHART_PODS[chart] ?? []).map((pod) => {
            const asked = chartPods(pod, inputs.values, defaults);
            return { ...NOTHING, [pod.perNode ? "perNode" : "standing"]: asked };
        }),
    );
}

function chartPods(
    { replicas, containers, disk }: ChartPods,
    values: unknown,
    defaults: Readonly<Record<string, unknown>>,
): Requests {
    const one = containers
        .map((at) => resources(valueAt(values, ...at) ?? defaults[at.join(".")]))
        .reduce(add, NONE);
    const count = replicas ? numberAt(values, 1, ...replicas) : 1;
    const size = disk ? quantity(valueAt(values, ...disk)) : 0;
    return times(count, { ...one, pods: 1, disk: size });
}

/** The chart's name, of a name or of the path of an archive. */
export function chartName({ chart, version }: Registration["inputs"]): string {
    const file = String(chart).split("/").at(-1) ?? "";
    return file.replace(/\.tgz$/, "").replace(`-${String(version)}`, "");
}

/** A pod's requests: its containers' together, or an init container's where that asks for more. */
function podRequests(pod: unknown): Requests {
    const of = (container: unknown): Requests => resources(valueAt(container, "resources"));
    const together = listOf(pod, "containers").map(of).reduce(add, NONE);
    const inits = listOf(pod, "initContainers").map(of);
    return {
        pods: 1,
        disk: 0,
        cpu: Math.max(together.cpu, ...inits.map(({ cpu }) => cpu)),
        memory: Math.max(together.memory, ...inits.map(({ memory }) => memory)),
    };
}

function eckPods(count: number, set: unknown): Requests {
    const claims = listOf(set, "volumeClaimTemplates").map(storage);
    const pod = podRequests(valueAt(set, "podTemplate", "spec"));
    return times(count, { ...pod, disk: claims.reduce((total, size) => total + size, 0) });
}

function redisPods(count: number, spec: unknown): Requests {
    const redis = resources(valueAt(spec, "kubernetesConfig", "resources"));
    const exporter = resources(valueAt(spec, "redisExporter", "resources"));
    const claims = ["volumeClaimTemplate", "nodeConfVolumeClaimTemplate"];
    const sizes = claims.map((claim) => storage(valueAt(spec, "storage", claim)));
    const disk = sizes.reduce((total, size) => total + size, 0);
    return times(count, { ...add(redis, exporter), pods: 1, disk });
}

/** Kubernetes takes a limit without a request for the request. */
function resources(block: unknown): Requests {
    const of = (resource: string): number =>
        quantity(valueAt(block, "requests", resource) ?? valueAt(block, "limits", resource));
    return { ...NONE, cpu: of("cpu"), memory: of("memory") };
}

function storage(claim: unknown): number {
    return quantity(valueAt(claim, "spec", "resources", "requests", "storage"));
}

function quantity(value: unknown): number {
    const text = typeof value === "number" ? String(value) : value;
    return typeof text === "string" ? (parseQuantity(text) ?? 0) : 0;
}

function numberAt(value: unknown, otherwise: number, ...path: readonly string[]): number {
    const found = valueAt(value, ...path);
    return typeof found === "number" ? found : otherwise;
}

function listOf(value: unknown, ...path: readonly string[]): unknown[] {
    const list = valueAt(value, ...path);
    return Array.isArray(list) ? list : [];
}

function add(a: Requests, b: Requests): Requests {
    return {
        pods: a.pods + b.pods,
        cpu: a.cpu + b.cpu,
        memory: a.memory + b.memory,
        disk: a.disk + b.disk,
    };
}

function times(count: number, { pods, cpu, memory, disk }: Requests): Requests {
    return { pods: pods * count, cpu: cpu * count, memory: memory * count, disk: disk * count };
}
