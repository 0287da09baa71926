import { z } from "zod";

import { labels, priorityClassName, tolerations } from "../kubernetes/placement";
import { LINUX_NODES } from "../kubernetes/scheduling";
import { Problem, show } from "../settings/problems";
import { bytes, parseQuantity } from "../settings/quantity";
import { cpu, pods as podCount, whole } from "../settings/scalars";
import { IMAGES } from "../versions";
import type { RedisInstanceSettings } from "./instanceSettings";
import { directives } from "./redisConfig";

export const EXPORTER_PORT = 9121;
/** On every pod that the operator makes of a Redis, with the kind of its setup. */
export const OPERATOR_LABEL = "redis_setup_type";

/**
 * Pulumi's own annotations on the resource would reach the pod template, and a changed one restart Redis.
 * https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/
 */
export const IGNORED_ANNOTATIONS: readonly string[] = [
    "pulumi.com/waitFor",
    "pulumi.com/timeoutSeconds",
    "pulumi.com/skipAwait",
    "pulumi.com/patchForce",
    "pulumi.com/patchFieldManager",
    "redis.opstreelabs.in/recreate-statefulset",
    "redis.opstreelabs.in/recreate-statefulset-strategy",
];

/**
 * The operator grows the claims of a grown `storageSize`, and may make the StatefulSet anew around its running pods: the
 * size in its template cannot change, and a pod that is added later would get the old one.
 */
export const GROWS: Readonly<Record<string, string>> = {
    "redis.opstreelabs.in/recreate-statefulset": "true",
    "redis.opstreelabs.in/recreate-statefulset-strategy": "orphan",
};

export const POD_SECURITY = {
    runAsNonRoot: true,
    runAsUser: 1000,
    fsGroup: 1000,
    seccompProfile: { type: "RuntimeDefault" },
} as const;

export const CONTAINER_SECURITY = {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
} as const;

const spread = z.enum(["preferred", "required"]);

/** A day: what waits for longer waits for ever, such as the drain of a node. */
const LONGEST_WAIT = 86_400;

/** What an instance says of its pods; what it does not say is Kubernetes' or ours. */
export const podSettings = z.strictObject({
    cpuLimit: cpu.describe("CPU that a Redis may use at most").optional(),
    maxUnavailable: podCount(1, "with 0, no node could be drained")
        .meta({ otherwise: "`1`" })
        .describe("Pods of a workload that maintenance may take at once")
        .optional(),
    zones: spread
        .meta({ otherwise: "default `preferred`" })
        .describe("Whether pods are spread over zones, or not started at all")
        .optional(),
    nodes: spread
        .meta({ otherwise: "default `preferred`" })
        .describe("The same over nodes")
        .optional(),
    terminationGracePeriodSeconds: whole(1, LONGEST_WAIT)
        .meta({ otherwise: "`30`, or what a snapshot takes where it alone keeps the data" })
        .describe("Seconds that Redis has to save before it is killed")
        .optional(),
    minReadySeconds: whole(0, LONGEST_WAIT)
        .meta({ otherwise: "`60` with `replication` and `sentinel`, else `0`" })
        .describe("Seconds that a restarted pod must be ready before the next one restarts")
        .optional(),
    updates: z
        .enum(["RollingUpdate", "OnDelete"])
        .meta({ otherwise: "default `RollingUpdate`" })
        .describe("Whether pods restart by themselves for a change, or when somebody deletes them")
        .optional(),
    priorityClassName: priorityClassName.optional(),
    nodeSelector: labels.describe("Labels of the nodes that they may be on").optional(),
    tolerations: tolerations.describe("Taints of nodes that they bear").optional(),
});

type Pods = NonNullable<RedisInstanceSettings["pods"]>;

/** Fields of every Redis kind but the cluster, which has some of them per role. */
export function podSpec(settings: RedisInstanceSettings): object {
    return {
        podSecurityContext: POD_SECURITY,
        ...priority(settings.pods),
        ...rolePodSpec(settings),
    };
}

/** What a cluster has per role. */
export function rolePodSpec({ pods = {} }: RedisInstanceSettings): object {
    return {
        securityContext: CONTAINER_SECURITY,
        nodeSelector: { ...LINUX_NODES, ...pods.nodeSelector },
        ...(pods.tolerations ? { tolerations: pods.tolerations } : {}),
    };
}

export function priority({ priorityClassName }: Pods = {}): object {
    return priorityClassName ? { priorityClassName } : {};
}

/**
 * Seconds until a restarted replica surely has its master, and Sentinels know it: it starts as a master of its own, the operator
 * looks each 30 s, a Sentinel asks the master each 10 s, and anew when the operator has reset it. A master that goes before has
 * nobody who could take over, or leaves a replica behind that follows a Redis that is gone.
 */
const UNTIL_LINKED = 60;

/** Seconds that a restarted pod of Redis must be ready before the next one goes, where nothing else is said. */
export function readyFor({ mode }: RedisInstanceSettings): number | undefined {
    return mode === "replication" || mode === "sentinel" ? UNTIL_LINKED : undefined;
}

/** How pods are replaced: the highest ordinal first and one at a time, or by hand. */
export function updates(
    { updates: type, minReadySeconds: said }: Pods = {},
    otherwise?: number,
): object {
    const minReadySeconds = said ?? otherwise;
    return {
        ...(type ? { updateStrategy: { type } } : {}),
        ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
    };
}

/** Seconds for each gibibyte of memory that a snapshot on the way down may take. */
const SAVE_SECONDS_PER_GIBIBYTE = 60;

/**
 * What Redis has before it is killed. The append-only file is on the disk before a snapshot is begun; where it is off,
 * and snapshots are on, the last one must be written.
 */
export function termination(settings: RedisInstanceSettings): object {
    const said = new Map(directives(settings));
    const snapshotOnly = said.get("appendonly") === "no" && said.get("save") !== "";
    const saving = Math.ceil(30 + (bytes(settings.memory) / 2 ** 30) * SAVE_SECONDS_PER_GIBIBYTE);
    const grace =
        settings.pods?.terminationGracePeriodSeconds ?? (snapshotOnly ? saving : undefined);
    return grace === undefined ? {} : { terminationGracePeriodSeconds: grace };
}

/** Disruption budget and spread over nodes and zones, for the kinds that have them. */
export function availability(app: string, pods: Pods = {}): object {
    const over = (topologyKey: string, how: "preferred" | "required" = "preferred") => ({
        maxSkew: 1,
        topologyKey,
        whenUnsatisfiable: how === "required" ? "DoNotSchedule" : "ScheduleAnyway",
        labelSelector: { matchLabels: { app } },
    });
    return {
        pdb: { enabled: true, maxUnavailable: pods.maxUnavailable ?? 1 },
        topologySpreadConstraints: [
            over("kubernetes.io/hostname", pods.nodes),
            over("topology.kubernetes.io/zone", pods.zones),
        ],
    };
}

/** What is wrong in an instance's pods; `path` is the instance's. */
export function podProblems(path: string, settings: RedisInstanceSettings): Problem[] {
    const { pods = {}, mode } = settings;
    const at = (key: keyof Pods): string => `${path}.pods.${key}`;
    const count =
        "replicas" in settings ? settings.replicas : "shards" in settings ? settings.shards : 1;
    const single = (["maxUnavailable", "zones", "nodes"] as const).filter(
        (key) => mode === "standalone" && pods[key] !== undefined,
    );
    const { cpuLimit } = pods;
    return [
        ...(cpuLimit !== undefined &&
        (parseQuantity(cpuLimit) ?? 0) < (parseQuantity(settings.cpu) ?? 0)
            ? [
                  {
                      path: at("cpuLimit"),
                      got: show(cpuLimit),
                      allowed: `cpu (${settings.cpu}) or more: Kubernetes refuses a pod that asks for more than its limit`,
                  },
              ]
            : []),
        ...single.map((key) => ({
            path: at(key),
            got: show(pods[key]),
            allowed: "nothing with mode standalone, whose one pod is neither spread nor held back",
        })),
        ...(mode !== "standalone" && (pods.maxUnavailable ?? 1) >= count
            ? [
                  {
                      path: at("maxUnavailable"),
                      got: show(pods.maxUnavailable),
                      allowed: `fewer than the ${count} pods of a workload: all could be taken at once`,
                  },
              ]
            : []),
    ];
}

/** The exporter sidecar; the operator gives it the address and the password. `variables` are the instance's own. */
export function exporter(variables: readonly object[] = []): object {
    return {
        enabled: true,
        image: IMAGES.redisExporter,
        imagePullPolicy: "IfNotPresent",
        port: EXPORTER_PORT,
        resources: {
            requests: { cpu: "50m", memory: "64Mi" },
            limits: { cpu: "100m", memory: "128Mi" },
        },
        env: [{ name: "REDIS_EXPORTER_INCL_SYSTEM_METRICS", value: "true" }, ...variables],
        securityContext: CONTAINER_SECURITY,
    };
}

/** A volume claim template. */
export function claim(size: string, storageClass: string): object {
    return {
        spec: {
            accessModes: ["ReadWriteOnce"],
            ...(storageClass ? { storageClassName: storageClass } : {}),
            resources: { requests: { storage: size } },
        },
    };
}
