import * as pulumi from "@pulumi/pulumi";

import { DATA_KINDS } from "../redis/redisSpecs";
import type { Settings } from "./config";
import type { VolumesOrReason, FoundVolumes } from "./readVolumes";
import { Recorded, textIn } from "./recordedState";
import { redisClaims } from "./volumes";

/** A Redis that is to be made where claims of its name are left, so that it starts on what is on them. */
export interface OldData {
    /** Key of the configuration. */
    readonly path: string;
    readonly namespace: string;
    readonly claims: readonly string[];
    /**
     * Whether nobody may have thought of it: the instance was removed from this stack, or has another mode. Otherwise the
     * whole namespace comes back, as after `destroy` with `keepVolumes`.
     */
    readonly unawares: boolean;
}

const REDIS_API = "kubernetes:redis.redis.opstreelabs.in/";
const NAMESPACE = "kubernetes:core/v1:Namespace";

/** What the state does not have and would find data of its name. One that runs is there already, whatever the state has. */
export function oldData(
    redis: Settings["redis"],
    recorded: readonly Recorded[],
    { claims, statefulSets }: FoundVolumes,
): OldData[] {
    const known = recorded
        .filter(({ type }) => type.startsWith(REDIS_API))
        .map(({ type, outputs }) => ({
            kind: type.slice(type.lastIndexOf(":") + 1),
            namespace: textIn(outputs, "metadata", "namespace"),
            name: textIn(outputs, "metadata", "name"),
        }));
    const kept = new Set([
        ...known.map((each) => each.namespace),
        ...recorded
            .filter(({ type }) => type === NAMESPACE)
            .map(({ outputs }) => textIn(outputs, "metadata", "name")),
    ]);
    return Object.entries(redis).flatMap(([namespace, { instances }]) =>
        Object.entries(instances).flatMap(([instance, settings]): OldData[] => {
            const { mode, adoptVolumes, storageSize } = settings;
            const same = known.filter(
                (each) => each.namespace === namespace && each.name === instance,
            );
            const workloads = redisClaims(instance, mode);
            const left = claims.filter(
                (claim) =>
                    claim.namespace === namespace &&
                    workloads.some((each) => each.claims.test(claim.name)),
            );
            const runs = workloads.some(({ workload }) =>
                statefulSets.has(`${namespace}/${workload}`),
            );
            const there =
                same.some(({ kind }) => kind === DATA_KINDS[mode]) || (runs && same.length === 0);
            return adoptVolumes || storageSize === undefined || there || left.length === 0
                ? []
                : [
                      {
                          path: `redis.${namespace}.instances.${instance}`,
                          namespace,
                          claims: left.map(({ name }) => name),
                          unawares: kept.has(namespace),
                      },
                  ];
        }),
    );
}

/**
 * Refuses, with a `RunError` and before anything is registered, a Redis that would start on the data of an earlier one of
 * its name; says so where a whole namespace comes back.
 */
export function checkOldVolumes(
    { redis, stack }: Pick<Settings, "redis"> & { readonly stack: string },
    recorded: readonly Recorded[],
    found: VolumesOrReason,
): void {
    if (found === undefined || "unreadable" in found) {
        return;
    }
    const all = oldData(redis, recorded, found);
    for (const { path, namespace, claims } of all.filter(({ unawares }) => !unawares)) {
        void pulumi.log.warn(
            `${path} starts on what is on the claims of its name in ${namespace}: ${claims.join(", ")}`,
        );
    }
    const refused = all.filter(({ unawares }) => unawares);
    if (refused.length > 0) {
        throw new pulumi.RunError(
            [
                `Stack "${stack}" would start ${refused.length} Redis on data that an earlier one of the name left; nothing was registered.`,
                ...refused.map(
                    ({ path, namespace, claims }) =>
                        `  ${path}: got a name whose claims are still in ${namespace} (${claims.join(", ")}); another name, or \`adoptVolumes: true\` where that data is meant, or no such claims:\n` +
                        `    kubectl delete persistentvolumeclaim --namespace ${namespace} ${claims.join(" ")}`,
                ),
                "docs/changes.md says what stays of a Redis that is removed.",
            ].join("\n"),
        );
    }
}
