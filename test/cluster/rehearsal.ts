import { isDeepStrictEqual } from "node:util";

import type { LiveObject } from "../../lab/cluster/kubeClient";
import { valueAt } from "../../lab/program/objects";
import type { Registration } from "../../lab/program/program";
import { describeObject } from "./stack";
import type { LiveObjects } from "./wiring/liveObjects";

/** Kinds that hold data, or whose owner does. */
const STATEFUL = [
    ...["Redis", "RedisReplication", "RedisSentinel", "RedisCluster", "Elasticsearch"],
    ...["Prometheus", "Alertmanager", "StatefulSet", "PersistentVolumeClaim"],
];

/** Objects that hold data and that an upgrade deleted, replaced, or gave another volume. */
export function lostState(before: LiveObjects, after: LiveObjects): string[] {
    return before.ours(...STATEFUL).flatMap((old) => {
        const { kind, metadata } = old;
        const now = after.find(kind, metadata.namespace ?? "", metadata.name);
        const what = describeObject(old);
        if (!now) {
            return [`${what} would be deleted with its data`];
        }
        if (now.metadata.uid !== metadata.uid) {
            return [`${what} would be replaced: it is another object now`];
        }
        return changedClaims(old, now).map((path) => `${what}: its volume changes at ${path}`);
    });
}

/** A size may grow; name, class and access modes of a volume cannot change. */
function changedClaims(old: LiveObject, now: LiveObject): string[] {
    const [before, after] = [claims(old.spec, "spec"), claims(now.spec, "spec")];
    return [...before.keys()].filter(
        (path) => !isDeepStrictEqual(before.get(path), after.get(path)),
    );
}

/** What cannot change of each volume claim in a spec, by its path. */
function claims(value: unknown, path: string): Map<string, unknown> {
    if (typeof value !== "object" || value === null) {
        return new Map();
    }
    const { accessModes, storageClassName } = value as Readonly<Record<string, unknown>>;
    const own = accessModes && valueAt(value, "resources", "requests", "storage");
    return new Map([
        ...(own ? [[path, { accessModes, storageClassName }] as const] : []),
        ...Object.entries(value).flatMap(([key, each]) => [...claims(each, `${path}.${key}`)]),
    ]);
}

/**
 * Custom resources that hold data and that the program registers under another name or parent than before, without an
 * alias: the engine would delete them and make them anew.
 */
export function renamedState(
    before: readonly Registration[],
    after: readonly Registration[],
): string[] {
    const kept = (old: Registration): boolean =>
        after.some(
            ({ urn, aliases = [] }) =>
                urn === old.urn || aliases.some((alias) => alias === old.urn || alias === old.name),
        );
    return before
        .filter(({ type }) => STATEFUL.some((kind) => type.endsWith(`:${kind}`)))
        .filter((old) => !kept(old))
        .map(({ urn }) => `${urn} is not registered any more: an alias is missing`);
}

/** Resources of before that the program does not register any more. */
export function dropped(
    before: readonly Registration[],
    after: readonly Registration[],
): Registration[] {
    const urns = new Set(after.map(({ urn }) => urn));
    return before.filter(({ urn, retainOnDelete }) => !urns.has(urn) && !retainOnDelete);
}
