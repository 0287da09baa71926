import { LINUX_NODES } from "../kubernetes/scheduling";
import { IMAGES } from "../versions";

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

/** Fields of every Redis kind but the cluster, which has them per role. */
export function podSpec(): object {
    return {
        podSecurityContext: POD_SECURITY,
        securityContext: CONTAINER_SECURITY,
        nodeSelector: LINUX_NODES,
    };
}

/** Disruption budget and spread over nodes and zones, for the kinds that have them. */
export function availability(app: string): object {
    const spread = (topologyKey: string) => ({
        maxSkew: 1,
        topologyKey,
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: { app } },
    });
    return {
        pdb: { enabled: true, maxUnavailable: 1 },
        topologySpreadConstraints: [
            spread("kubernetes.io/hostname"),
            spread("topology.kubernetes.io/zone"),
        ],
    };
}

/** The exporter sidecar; the operator gives it the address and the password. `variables` are the instance's own. */
export function exporter(
    variables: readonly { readonly name: string; readonly value: string }[] = [],
): object {
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
