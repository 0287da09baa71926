import assert from "node:assert/strict";

import type { ProgramRun, Registration } from "./program";

export type Labels = Readonly<Record<string, string>>;

/** A Kubernetes object as the program registered it. */
export interface KubernetesObject {
    readonly kind: string;
    readonly apiVersion: string;
    readonly name: string;
    /** Undefined for what no namespace holds. */
    readonly namespace: string | undefined;
    readonly labels: Labels;
    readonly manifest: Readonly<Record<string, unknown>>;
    readonly registration: Registration;
}

/** A chart as the program installs it. */
export interface Release {
    readonly chart: string;
    readonly version: string;
    readonly name: string;
    readonly namespace: string | undefined;
    readonly values: Readonly<Record<string, unknown>>;
    readonly registration: Registration;
}

const RELEASE_TYPE = "kubernetes:helm.sh/v3:Release";

export function kubernetesObjects({ registrations }: ProgramRun): KubernetesObject[] {
    return registrations
        .filter(({ type }) => type.startsWith("kubernetes:") && type !== RELEASE_TYPE)
        .map((registration) => {
            const { inputs } = registration;
            return {
                kind: textAt(inputs, "kind"),
                apiVersion: textAt(inputs, "apiVersion"),
                name: textAt(inputs, "metadata", "name"),
                namespace: valueAt(inputs, "metadata", "namespace") as string | undefined,
                labels: (valueAt(inputs, "metadata", "labels") ?? {}) as Labels,
                manifest: inputs,
                registration,
            };
        });
}

/** The custom resources: Kubernetes' own groups have no domain (`apps`), or end with `.k8s.io`. */
export function customResources(run: ProgramRun): KubernetesObject[] {
    return kubernetesObjects(run)
        .filter(({ apiVersion }) => /\.[^/]*\//.test(apiVersion))
        .filter(({ apiVersion }) => !/\.k8s\.io\//.test(apiVersion));
}

export function releases({ registrations }: ProgramRun): Release[] {
    return registrations
        .filter(({ type }) => type === RELEASE_TYPE)
        .map((registration) => ({
            chart: textAt(registration.inputs, "chart"),
            version: textAt(registration.inputs, "version"),
            name: textAt(registration.inputs, "name"),
            namespace: valueAt(registration.inputs, "namespace") as string | undefined,
            values: (valueAt(registration.inputs, "values") ?? {}) as Record<string, unknown>,
            registration,
        }));
}

export function ofKind(run: ProgramRun, ...kinds: readonly string[]): KubernetesObject[] {
    return kubernetesObjects(run).filter(({ kind }) => kinds.includes(kind));
}

/** The one object of this kind and name. */
export function find(run: ProgramRun, kind: string, name: string): KubernetesObject {
    const all = ofKind(run, kind);
    const found = all.filter((object) => object.name === name);
    assert.equal(found.length, 1, `one ${kind} "${name}" in ${all.map((o) => o.name).join(", ")}`);
    return found[0] as KubernetesObject;
}

export function findRelease(run: ProgramRun, name: string): Release {
    const all = releases(run);
    const found = all.find((release) => release.name === name);
    assert.ok(found, `release "${name}" in ${all.map((release) => release.name).join(", ")}`);
    return found;
}

/** `Kind namespace/name`, for messages and comparisons. */
export function label({ kind, namespace, name }: KubernetesObject): string {
    return `${kind} ${namespace ?? ""}/${name}`;
}

/** The value at a path of keys, or undefined when there is none. */
export function valueAt(value: unknown, ...path: readonly string[]): unknown {
    return path.reduce<unknown>(
        (here, key) =>
            typeof here === "object" && here !== null
                ? (here as Record<string, unknown>)[key]
                : undefined,
        value,
    );
}

export function textAt(value: unknown, ...path: readonly string[]): string {
    const text = valueAt(value, ...path);
    assert.equal(typeof text, "string", `a text at ${path.join(".")}`);
    return text as string;
}

export function listAt(value: unknown, ...path: readonly string[]): unknown[] {
    const list = valueAt(value, ...path);
    assert.ok(Array.isArray(list), `a list at ${path.join(".")}`);
    return list as unknown[];
}

/** Every leaf with its path of keys; a list's items have their index as key. */
export function leaves(value: unknown, path: readonly string[] = []): [string[], unknown][] {
    return typeof value === "object" && value !== null
        ? Object.entries(value).flatMap(([key, each]) => leaves(each, [...path, key]))
        : [[[...path], value]];
}
