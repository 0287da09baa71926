import type { RedisMode } from "../redis/instanceSettings";
import { backedUp } from "../redis/redisProblems";
import { redisWorkloads } from "../redis/redisNames";
import { bytes } from "../settings/quantity";
import type { Settings } from "./config";

/** Whose size a key of the configuration says, and what makes claims that are there follow it. */
export interface DeclaredVolume {
    readonly what: string;
    readonly namespace: string;
    /** Whole names of its claims. */
    readonly claims: RegExp;
    /** Key of the configuration. */
    readonly path: string;
    readonly size: string;
    /**
     * `up`: the update itself, or an operator that it tells, grows the claims. Otherwise the custom resource of the
     * Prometheus Operator, which changes no claim.
     */
    readonly grownBy: "up" | OperatorResource;
}

export interface OperatorResource {
    readonly kind: "Prometheus" | "Alertmanager";
    readonly name: string;
    /** Of the StatefulSet. */
    readonly statefulSet: string;
}

/** A claim as the cluster has it. */
export interface FoundClaim {
    readonly namespace: string;
    readonly name: string;
    readonly storageClass: string | undefined;
    /** What it asks for, as it is written. */
    readonly asked: string;
    /** What its volume has; undefined while it is not bound. */
    readonly has: string | undefined;
    /** Whether only its file system is left to grow, which happens when a pod next mounts it. */
    readonly waitsForPod: boolean;
}

type Sized = Pick<
    Settings,
    | "cluster"
    | "namespaces"
    | "prometheus"
    | "alertmanager"
    | "grafana"
    | "elasticsearch"
    | "redis"
    | "backup"
>;

const STACK = "kube-prometheus-stack";

/** Every volume whose size stands in the configuration. */
export function declaredVolumes(settings: Sized): DeclaredVolume[] {
    return [
        ...(settings.cluster.role === "owner" ? platformVolumes(settings) : []),
        ...redisVolumes(settings),
        ...backupVolumes(settings),
    ];
}

function platformVolumes(settings: Sized): DeclaredVolume[] {
    const { prometheus, alertmanager, grafana, elasticsearch, namespaces } = settings;
    const operated = (kind: OperatorResource["kind"], size: string): DeclaredVolume => {
        const part = kind.toLowerCase();
        const statefulSet = `${part}-${STACK}-${part}`;
        return {
            what: kind,
            namespace: namespaces.monitoring,
            claims: numbered(`${statefulSet}-db-${statefulSet}`),
            path: `${part}.storageSize`,
            size,
            grownBy: { kind, name: `${STACK}-${part}`, statefulSet },
        };
    };
    return [
        operated("Prometheus", prometheus.storageSize),
        operated("Alertmanager", alertmanager.storageSize),
        {
            what: "Grafana",
            namespace: namespaces.monitoring,
            claims: named(`${STACK}-grafana`),
            path: "grafana.storageSize",
            size: grafana.storageSize,
            grownBy: "up",
        },
        {
            what: "Elasticsearch",
            namespace: namespaces.logging,
            claims: numbered("elasticsearch-data-elasticsearch-es-default"),
            path: "elasticsearch.storageSize",
            size: elasticsearch.storageSize,
            grownBy: "up",
        },
        ...(elasticsearch.snapshots.type === "sharedFileSystem"
            ? [
                  {
                      what: "snapshots of Elasticsearch",
                      namespace: namespaces.logging,
                      claims: named("elasticsearch-snapshots"),
                      path: "elasticsearch.snapshots.storageSize",
                      size: elasticsearch.snapshots.storageSize,
                      grownBy: "up" as const,
                  },
              ]
            : []),
    ];
}

/** Data alone: the volume of a cluster's nodes.conf has a size of our own. */
function redisVolumes({ redis }: Sized): DeclaredVolume[] {
    return Object.entries(redis).flatMap(([namespace, { instances }]) =>
        Object.entries(instances).flatMap(([instance, { mode, storageSize }]) =>
            redisClaims(instance, mode)
                // A cache has no volume.
                .flatMap((each) => (storageSize === undefined ? [] : [{ ...each, storageSize }]))
                .map(({ workload, claims, storageSize: size }): DeclaredVolume => ({
                    what: `Redis ${namespace}/${workload}`,
                    namespace,
                    claims,
                    path: `redis.${namespace}.instances.${instance}.storageSize`,
                    size,
                    grownBy: "up",
                })),
        ),
    );
}

/** The workloads of an instance that hold data, and the names of their claims, with a volume or without. */
export function redisClaims(
    instance: string,
    mode: RedisMode,
): { readonly workload: string; readonly claims: RegExp }[] {
    return (
        redisWorkloads(instance, mode)
            .filter((workload) => mode !== "sentinel" || workload === instance)
            // The operator calls the template as the StatefulSet.
            .map((workload) => ({ workload, claims: numbered(`${workload}-${workload}`) }))
    );
}

function backupVolumes({ backup, redis, cluster, namespaces: names }: Sized): DeclaredVolume[] {
    const { repository } = backup;
    if (repository?.type !== "volume") {
        return [];
    }
    const namespaces = [
        ...(cluster.role === "owner" ? [names.monitoring] : []),
        ...Object.entries(redis)
            .filter(([, { instances }]) => backedUp(instances).length > 0)
            .map(([namespace]) => namespace),
    ];
    return namespaces.map((namespace) => ({
        what: `backups of ${namespace}`,
        namespace,
        claims: named("backups"),
        path: "backup.repository.storageSize",
        size: repository.storageSize,
        grownBy: "up",
    }));
}

function named(name: string): RegExp {
    return new RegExp(`^${name}$`);
}

function numbered(prefix: string): RegExp {
    return new RegExp(`^${prefix}-\\d+$`);
}

/** A claim that is not as the configuration says. */
export interface Difference {
    readonly volume: DeclaredVolume;
    readonly claim: FoundClaim;
    /**
     * `grows`: it asks for less than declared, or has not got it yet; `fixed`: the same, and its StorageClass cannot;
     * `restart`: it grows when a pod next mounts it; `shrinks`: it asks for more than declared, which nothing undoes.
     */
    readonly state: "grows" | "fixed" | "restart" | "shrinks";
}

/** The claims that differ from what is declared. `expandable`: names of the StorageClasses that let claims grow. */
export function differences(
    volumes: readonly DeclaredVolume[],
    claims: readonly FoundClaim[],
    expandable: ReadonlySet<string>,
): Difference[] {
    return volumes.flatMap((volume) =>
        claims
            .filter(({ namespace, name }) => {
                return namespace === volume.namespace && volume.claims.test(name);
            })
            .flatMap((claim): Difference[] => {
                const state = stateOf(volume, claim, expandable);
                return state === undefined ? [] : [{ volume, claim, state }];
            }),
    );
}

function stateOf(
    { size }: DeclaredVolume,
    { asked, has, waitsForPod, storageClass }: FoundClaim,
    expandable: ReadonlySet<string>,
): Difference["state"] | undefined {
    const declared = bytes(size);
    if (bytes(asked) > declared) {
        return "shrinks";
    }
    // One that is not bound yet gets what it asks for, and has not been made of another size.
    const real = has === undefined ? bytes(asked) : bytes(has);
    if (bytes(asked) >= declared && real >= declared) {
        return undefined;
    }
    if (bytes(asked) >= declared && waitsForPod) {
        return "restart";
    }
    return storageClass !== undefined && expandable.has(storageClass) ? "grows" : "fixed";
}

/** How a shrinking, or growing what cannot grow, is done instead. */
export const MOVE = "docs/volumes.md#smaller-or-another-storageclass";

/**
 * What of the differences an update must not begin with: it would stop in the middle, or fill a disk. A line for each
 * volume.
 */
export function refusedSizes(found: readonly Difference[], stack: string): string[] {
    const byVolume = new Map<DeclaredVolume, Difference[]>();
    for (const each of found) {
        byVolume.set(each.volume, [...(byVolume.get(each.volume) ?? []), each]);
    }
    return [...byVolume].flatMap(([{ path, size, grownBy, what }, all]) => {
        const of = (state: Difference["state"]) => all.filter((each) => each.state === state);
        const claims = (some: readonly Difference[]) =>
            some.map(({ claim }) => `${claim.namespace}/${claim.name}`).join(", ");
        const largest = of("shrinks")
            .map(({ claim }) => claim.asked)
            .sort((a, b) => bytes(b) - bytes(a))[0];
        if (largest !== undefined) {
            return [
                `${path}: got ${size}; ${largest} or more, which ${claims(of("shrinks"))} have: no volume shrinks. ${MOVE} says how data moves to a smaller one`,
            ];
        }
        const fixed = of("fixed");
        if (fixed.length > 0) {
            const [{ claim } = fixed[0] as Difference] = fixed;
            return [
                `${path}: got ${size}; ${claim.asked}, since the StorageClass ${claim.storageClass ?? "(none)"} of ${claims(fixed)} lets no claim grow (allowVolumeExpansion). ${MOVE} says how data moves`,
            ];
        }
        const behind = [...of("grows"), ...of("restart")];
        return behind.length > 0 && grownBy !== "up"
            ? [
                  `${path}: got ${size}; ${behind[0]?.claim.has ?? behind[0]?.claim.asked}, which ${claims(behind)} have, until they are grown: ${what} would take its disk for larger than it is. Run \`npm run grow -- ${stack}\``,
              ]
            : [];
    });
}
