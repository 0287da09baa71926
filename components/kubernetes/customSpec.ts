import * as fs from "node:fs";
import * as path from "node:path";

import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

import { Problem, show, suggestion } from "../settings/problems";
import { freeText } from "../settings/scalars";

/** A map of plain values. */
export type SpecMap = Readonly<Record<string, unknown>>;

/**
 * The fields of a spec as its CRD has them: a type, fields of its own, or a list of one, of what the items have. `object` and
 * `array` are what this program does not look into. `npm run spec-fields` writes them.
 */
export type SpecField = string | { readonly [field: string]: SpecField } | readonly [SpecField];
export type SpecFields = Readonly<Record<string, SpecField>>;

/** A place in a spec that something rests on, and what to set instead. `*` is any one key, or any item of a list. */
export type SpecGuards = Readonly<Record<string, string>>;

/** A kind as `specProblems` knows it. */
export interface SpecKind {
    readonly name: string;
    readonly fields: SpecFields;
    readonly guards: SpecGuards;
}

/** Kinds of which the file `specFields.json` of a folder has the fields, with what something rests on. */
export function specKinds<Name extends string>(
    folder: string,
    guards: Readonly<Record<Name, SpecGuards>>,
): Readonly<Record<Name, SpecKind>> {
    const file = path.join(folder, "specFields.json");
    const fields = JSON.parse(fs.readFileSync(file, "utf8")) as Record<Name, SpecFields>;
    const kinds = (Object.keys(guards) as Name[]).map(
        (name) => [name, { name, fields: fields[name], guards: guards[name] }] as const,
    );
    return Object.fromEntries(kinds) as unknown as Record<Name, SpecKind>;
}

/** What the configuration says of a custom resource beside its own keys. */
export const customSpec = z
    .record(freeText("the kind has keys of its own, to which these are compared"), z.unknown())
    .meta({ kind: "fields of the spec" });

/** Keys that decide what a pod may do, wherever they stand. */
export const SECURITY_KEYS =
    /^(securityContext|podSecurityContext|containerSecurityContext|hostNetwork|hostPort|hostPID|hostIPC|hostUsers|privileged)$/;
export const SECURITY = "nothing: the Pod Security level of the namespace rests on it";

/**
 * A spec of ours with what the configuration says of the same kind over it: maps key by key, lists of what has a name by the
 * name, everything else replaced. What something rests on is not among it: see `specProblems`.
 */
export function mergedSpec(ours: unknown, theirs: unknown): unknown {
    if (isMap(ours) && isMap(theirs)) {
        return Object.entries(theirs).reduce<SpecMap>(
            (all, [key, value]) => ({ ...all, [key]: mergedSpec(all[key], value) }),
            ours,
        );
    }
    if (areNamed(ours) && areNamed(theirs)) {
        const added = theirs.filter(({ name }) => !ours.some((each) => each.name === name));
        const merged = ours.map((each) =>
            theirs
                .filter(({ name }) => name === each.name)
                .reduce<unknown>((all, their) => mergedSpec(all, their), each),
        );
        return [...merged, ...added];
    }
    return theirs;
}

/** What of a spec is refused: what something rests on, keys and types that the kind does not have. */
export function specProblems(at: string, spec: SpecMap, kind: SpecKind): Problem[] {
    const guarded = Object.entries(kind.guards).map(([place, instead]) => ({
        at: place.split("."),
        instead,
    }));
    const rested = leafPaths(spec).flatMap(({ path: keys, value }): Problem[] => {
        const security = keys.some((key) => SECURITY_KEYS.test(key));
        // A key of a configuration may be a path by itself: `xpack.security.enabled`.
        const whole = keys.flatMap((key) => key.split("."));
        const instead = security
            ? SECURITY
            : guarded.find(({ at: place }) => isWithin(whole, place) || isWithin(place, whole))
                  ?.instead;
        return instead
            ? [
                  {
                      path: [at, ...keys].join("."),
                      got: show(value),
                      allowed: instead.startsWith("nothing") ? instead : `set ${instead}`,
                  },
              ]
            : [];
    });
    const told = rested.map((each) => each.path);
    return [
        ...rested,
        ...nameProblems(at, spec),
        ...fieldProblems(at, spec, kind.fields, kind.name).filter(
            (each) =>
                !told.some((known) => known === each.path || known.startsWith(`${each.path}.`)),
        ),
    ];
}

/** Lists that are merged by the names of their items: without one, ours would be replaced whole. */
const MERGED = /^(nodeSets|containers|initContainers|volumes|env|sidecars)$/;

function nameProblems(path: string, value: unknown): Problem[] {
    if (!isMap(value)) {
        return Array.isArray(value)
            ? value.flatMap((each: unknown, i) =>
                  nameProblems(`${path}.${itemName(each, i)}`, each),
              )
            : [];
    }
    return Object.entries(value).flatMap(([key, each]) => [
        ...(MERGED.test(key) && !areNamed(each)
            ? [
                  {
                      path: `${path}.${key}`,
                      got: show(each),
                      allowed: "a list of items with a name each, by which they are merged",
                  },
              ]
            : []),
        ...nameProblems(`${path}.${key}`, each),
    ]);
}

function fieldProblems(path: string, value: unknown, field: SpecField, kind: string): Problem[] {
    if (typeof field === "string") {
        const fits = TYPES[field] ?? (() => true);
        return fits(value)
            ? []
            : [{ path, got: show(value), allowed: `what ${kind} takes there: ${field}` }];
    }
    if (isList(field)) {
        return Array.isArray(value)
            ? value.flatMap((each: unknown, i) =>
                  fieldProblems(`${path}.${itemName(each, i)}`, each, field[0], kind),
              )
            : [{ path, got: show(value), allowed: `what ${kind} takes there: array` }];
    }
    if (!isMap(value)) {
        return [{ path, got: show(value), allowed: `what ${kind} takes there: object` }];
    }
    const known = Object.keys(field);
    return Object.entries(value).flatMap(([key, each]) => {
        const next = field[key];
        return next === undefined
            ? [
                  {
                      path: `${path}.${key}`,
                      got: `a key that ${kind} does not have`,
                      allowed: `${suggestion(key, known)}allowed: ${known.join(", ")}`,
                  },
              ]
            : fieldProblems(`${path}.${key}`, each, next, kind);
    });
}

const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
    string: (value) => typeof value === "string",
    boolean: (value) => typeof value === "boolean",
    integer: (value) => Number.isInteger(value),
    number: (value) => typeof value === "number",
    "integer or string": (value) => typeof value === "string" || Number.isInteger(value),
    array: (value) => Array.isArray(value),
    object: isMap,
};

/** Whether a path is a place, or below it; a key that begins with `*` is any that ends as it does. */
export function isWithin(path: readonly string[], place: readonly string[]): boolean {
    return (
        path.length >= place.length &&
        place.every((key, i) =>
            key.startsWith("*") ? path[i]?.endsWith(key.slice(1)) : key === path[i],
        )
    );
}

/** Every value that is no map, with the keys that lead to it. Items of a list that have names are below these. */
export function leafPaths(
    value: unknown,
    path: readonly string[] = [],
): { path: readonly string[]; value: unknown }[] {
    if (isMap(value) && Object.keys(value).length > 0) {
        return Object.entries(value).flatMap(([key, each]) => leafPaths(each, [...path, key]));
    }
    if (Array.isArray(value) && value.length > 0 && value.every(isMap)) {
        return value.flatMap((each, i) => leafPaths(each, [...path, itemName(each, i)]));
    }
    return path.length > 0 ? [{ path, value }] : [];
}

function itemName(item: unknown, index: number): string {
    return isMap(item) && typeof item.name === "string" ? item.name : String(index);
}

function areNamed(value: unknown): value is readonly SpecMap[] {
    return (
        Array.isArray(value) &&
        value.length > 0 &&
        value.every((each) => isMap(each) && typeof each.name === "string")
    );
}

function isList(field: SpecField): field is readonly [SpecField] {
    return Array.isArray(field);
}

export function isMap(value: unknown): value is SpecMap {
    return (
        typeof value === "object" &&
        value !== null &&
        !Array.isArray(value) &&
        !pulumi.Output.isInstance(value)
    );
}
