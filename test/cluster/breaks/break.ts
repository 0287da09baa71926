import type { LiveObject } from "../../../lab/cluster/kubeClient";
import { describeObject } from "../stack";
import { LiveObjects } from "../wiring/liveObjects";
import type { Path, Place } from "../wiring/places";

/** One place of a live object, and the object with that place broken. */
export interface Break {
    readonly object: LiveObject;
    /** The place, and what became of it; for messages. */
    readonly what: string;
    readonly broken: LiveObject;
}

/** A name that nothing has, or a port that nothing listens on. */
export function changed(object: LiveObject, { path, value }: Place): Break {
    const other = typeof value === "number" ? 4 : `broken-${String(value)}`;
    const what = `${path.join(".")}: ${String(value)} -> ${other}`;
    return { object, what, broken: withValue(object, path, other) as LiveObject };
}

export function removed(object: LiveObject, { path }: Place): Break {
    const broken = withValue(object, path, undefined) as LiveObject;
    return { object, what: `${path.join(".")} is removed`, broken };
}

/** A copy with another value at a path; undefined takes the field or the element away. */
export function withValue(value: unknown, [key = "", ...rest]: Path, other: unknown): unknown {
    const next = rest.length > 0 ? withValue((value as Fields)[key], rest, other) : other;
    if (Array.isArray(value)) {
        return value.flatMap((each: unknown, i) =>
            String(i) !== key ? [each] : next === undefined ? [] : [next],
        );
    }
    const copy = { ...(value as Record<string, unknown>) };
    if (next === undefined) {
        delete copy[key];
    } else {
        copy[key] = next;
    }
    return copy;
}

type Fields = Readonly<Record<string, unknown>>;

/** Breaks after which the checks find nothing new that names the broken object. */
export function survivors(
    objects: LiveObjects,
    breaks: readonly Break[],
    check: (objects: LiveObjects, namespace: string) => readonly string[],
): string[] {
    const known = new Map<string, ReadonlySet<string>>();
    return breaks
        .filter(({ object, broken }) => {
            const { namespace = "" } = object.metadata;
            const before = known.get(namespace) ?? new Set(check(objects, namespace));
            known.set(namespace, before);
            const all = objects.all.map((each) => (each === object ? broken : each));
            return !check(new LiveObjects(all), namespace).some(
                (line) => !before.has(line) && names(line, object),
            );
        })
        .map(({ object, what }) => `${describeObject(object)}: ${what}`);
}

function names(line: string, object: LiveObject): boolean {
    return line
        .split(/[\s,;]|:(?=\s|$)/)
        .join(" ")
        .concat(" ")
        .includes(`${describeObject(object)} `);
}
