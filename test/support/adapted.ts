import type { Settings } from "../../lab/program/stackFile";
import type { ProgramRun } from "../../lab/program/program";
import { previewOf } from "../../lab/program/runs";
import { valueAt } from "../../lab/program/objects";

const REGISTRY = "registry.example.com/mirror";
const NODE_AFFINITY = {
    preferredDuringSchedulingIgnoredDuringExecution: [
        {
            weight: 1,
            preference: {
                matchExpressions: [{ key: "example.com/disk", operator: "Exists" }],
            },
        },
    ],
};
const PLACEMENT = {
    nodeSelector: { pool: "observability" },
    tolerations: [
        { key: "dedicated", operator: "Equal", value: "observability", effect: "NoSchedule" },
    ],
    affinity: { nodeAffinity: NODE_AFFINITY },
    priorityClassName: "observability",
};

/** Everything that can be said of all pods at once. */
export const ADAPTED = {
    scheduling: {
        default: { ...PLACEMENT, topologySpread: [{ topologyKey: "example.com/rack" }] },
        // The default leaves out what runs on every node.
        fluentBit: PLACEMENT,
        nodeExporter: PLACEMENT,
    },
    images: { registry: REGISTRY, pullSecrets: ["registry"] },
    commonLabels: { team: "platform" },
    commonAnnotations: { "example.com/owner": "platform" },
};

/** A stack with every kind of pod: each mode of Redis, a robot, backups, snapshots, all streams. */
export function everyPart(change: Settings): Promise<ProgramRun> {
    const size = { memory: "256Mi", storageSize: "1Gi" };
    const backup = { schedule: "30 1 * * *" };
    return previewOf("prod", {
        redis: {
            orders: {
                instances: {
                    single: { mode: "standalone", ...size, backup },
                    pair: { mode: "replication", replicas: 2, ...size },
                    watched: { mode: "sentinel", replicas: 3, ...size },
                    shards: { mode: "cluster", shards: 3, ...size },
                },
            },
        },
        fluentBit: {
            streams: {
                operator: { hourlyVolume: "2Mi" },
                instance: { hourlyVolume: "8Mi" },
                events: { hourlyVolume: "1Mi" },
            },
            bufferSize: "40Gi",
        },
        alerting: {
            runbookBaseUrl: "",
            receivers: { robot: { type: "dingtalk" } },
            routes: { all: { severities: ["critical", "warning", "info"], receivers: ["robot"] } },
        },
        // A login before a page.
        ingress: {
            enabled: true,
            className: "nginx",
            controllerNamespace: "ingress-nginx",
            hosts: { prometheus: "prometheus.example.com" },
            login: {
                issuerUrl: "https://id.example.com",
                clientId: "pages",
                clientSecret: { name: "page-login", key: "client-secret" },
            },
        },
        ...change,
    });
}

/** What a pod has that the configuration may say, wherever its kind keeps it. */
export interface PodFields {
    readonly nodeSelector?: unknown;
    readonly tolerations?: unknown;
    readonly affinity?: unknown;
    readonly priorityClassName?: unknown;
    readonly topologySpreadConstraints?: unknown;
    readonly imagePullSecrets?: unknown;
    readonly metadata?: unknown;
    readonly images: readonly unknown[];
}

/** Everything that a pod may lack. */
export const ASKED = [
    "nodeSelector",
    "tolerations",
    "affinity",
    "priorityClassName",
    "topologySpreadConstraints",
    "imagePullSecrets",
    "images",
    "labels",
    "annotations",
] as const;

/** What of ADAPTED a pod does not have. */
export function ignored(pod: PodFields, except: readonly string[] = []): string[] {
    const has: Readonly<Record<(typeof ASKED)[number], boolean>> = {
        nodeSelector:
            valueAt(pod.nodeSelector, "pool") === "observability" &&
            valueAt(pod.nodeSelector, "kubernetes.io/os") === "linux",
        tolerations: JSON.stringify(pod.tolerations ?? []).includes('"dedicated"'),
        affinity: JSON.stringify(pod.affinity ?? {}).includes("example.com/disk"),
        priorityClassName: pod.priorityClassName === "observability",
        topologySpreadConstraints: spreads(pod.topologySpreadConstraints),
        imagePullSecrets: JSON.stringify(pod.imagePullSecrets) === '[{"name":"registry"}]',
        images: pod.images.length > 0 && pod.images.every((image) => inRegistry(image)),
        labels: valueAt(pod.metadata, "labels", "team") === "platform",
        annotations: valueAt(pod.metadata, "annotations", "example.com/owner") === "platform",
    };
    return ASKED.filter((what) => !has[what] && !except.includes(what));
}

function spreads(constraints: unknown): boolean {
    const [first] = (constraints ?? []) as {
        topologyKey: string;
        labelSelector?: { matchLabels?: object };
    }[];
    return (
        first?.topologyKey === "example.com/rack" &&
        Object.keys(first.labelSelector?.matchLabels ?? {}).length > 0
    );
}

function inRegistry(image: unknown): boolean {
    return String(image).startsWith(`${REGISTRY}/`) && !/\/(quay|docker)\.io\//.test(String(image));
}
