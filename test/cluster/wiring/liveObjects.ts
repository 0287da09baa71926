import { KubeClient, LiveObject } from "../../../lab/cluster/kubeClient";
import { ApiError } from "../../../lab/cluster/kubeTransport";
import { Labels, valueAt } from "../../../lab/program/objects";
import { Port, Selector, selects } from "../../support/selectors";

/** Kinds that take part in the wiring. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
    v1: ["Namespace", "Service", "Pod", "Secret", "ConfigMap", "PersistentVolumeClaim"],
    "apps/v1": ["Deployment", "StatefulSet", "DaemonSet"],
    "batch/v1": ["Job", "CronJob"],
    "networking.k8s.io/v1": ["NetworkPolicy", "Ingress"],
    "gateway.networking.k8s.io/v1": ["HTTPRoute"],
    "policy/v1": ["PodDisruptionBudget"],
    "autoscaling/v2": ["HorizontalPodAutoscaler"],
    "monitoring.coreos.com/v1": [
        "ServiceMonitor",
        "PodMonitor",
        "PrometheusRule",
        "Prometheus",
        "Alertmanager",
    ],
    "redis.redis.opstreelabs.in/v1beta2": [
        "Redis",
        "RedisReplication",
        "RedisSentinel",
        "RedisCluster",
    ],
    "elasticsearch.k8s.elastic.co/v1": ["Elasticsearch"],
    "kibana.k8s.elastic.co/v1": ["Kibana"],
};

/** Objects of a cluster at one moment, to follow references in. */
export class LiveObjects {
    constructor(public readonly all: readonly LiveObject[]) {}

    kind(...kinds: readonly string[]): LiveObject[] {
        return this.all.filter(({ kind }) => kinds.includes(kind));
    }

    in(namespace: string, kind: string): LiveObject[] {
        return this.kind(kind).filter(({ metadata }) => metadata.namespace === namespace);
    }

    find(kind: string, namespace: string, name: string): LiveObject | undefined {
        return this.in(namespace, kind).find(({ metadata }) => metadata.name === name);
    }

    /** Pods and Services alike, by their labels. */
    selected(kind: string, namespace: string, selector: Selector): LiveObject[] {
        return this.in(namespace, kind).filter((object) => selects(selector, labelsOf(object)));
    }

    /** Names of the namespaces that the program made. */
    ourNamespaces(): string[] {
        return this.kind("Namespace")
            .filter((each) => labelsOf(each)["app.kubernetes.io/part-of"] === "observability")
            .map(({ metadata }) => metadata.name);
    }

    /** Objects of a kind in the program's namespaces, also those that operators and charts made there. */
    ours(...kinds: readonly string[]): LiveObject[] {
        const namespaces = this.ourNamespaces();
        return this.kind(...kinds).filter(({ metadata }) =>
            namespaces.includes(metadata.namespace ?? ""),
        );
    }
}

/** Reads everything that takes part in the wiring; kinds whose CRD is not there have no objects. */
export async function readLiveObjects(client: KubeClient): Promise<LiveObjects> {
    const wanted = Object.entries(KINDS).flatMap(([version, kinds]) =>
        kinds.map((kind) =>
            client.list(version, kind).catch((error: unknown) => {
                if (error instanceof ApiError && error.status === 404) {
                    return [];
                }
                throw error;
            }),
        ),
    );
    return new LiveObjects((await Promise.all(wanted)).flat());
}

export function labelsOf({ metadata }: LiveObject): Labels {
    return metadata.labels ?? {};
}

export interface Container {
    readonly name: string;
    readonly ports?: readonly {
        readonly name?: string;
        readonly containerPort: number;
        readonly protocol?: string;
    }[];
    readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
}

/** Containers of a pod, or of a pod template's spec. */
export function containersOf(pod: unknown): readonly Container[] {
    return (valueAt(pod, "spec", "containers") ?? []) as readonly Container[];
}

/** Ports that pods listen on and no container declares. */
export const UNDECLARED: readonly Port[] = [6379, 16379, 26379, 9300, 9094, "9094/UDP"];

export interface ServicePort {
    readonly name?: string;
    readonly port: number;
    readonly targetPort?: number | string;
}

export function portsOf(service: LiveObject): readonly ServicePort[] {
    return (valueAt(service, "spec", "ports") ?? []) as readonly ServicePort[];
}

/** The number that a pod listens on for a port's name or number, or undefined when no container declares it. */
export function containerPort(pod: LiveObject, port: number | string): number | undefined {
    return containersOf(pod)
        .flatMap(({ ports = [] }) => ports)
        .find((each) => each.name === port || each.containerPort === port)?.containerPort;
}
