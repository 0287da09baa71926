import { parse } from "yaml";

import type { Schema } from "../../lab/crds";
import { factFile, factFiles } from "../../lab/facts";

interface Crd {
    readonly spec: {
        readonly group: string;
        readonly names: { readonly kind: string };
        readonly versions: readonly {
            readonly name: string;
            readonly schema: { readonly openAPIV3Schema: Schema };
        }[];
    };
}

const parsed = new Map<string, Schema | undefined>();

/** The schema of a kind, or undefined when no CRD at hand has it. */
export function crdSchema(apiVersion: string, kind: string): Schema | undefined {
    const key = `${apiVersion}/${kind}`;
    if (!parsed.has(key)) {
        parsed.set(key, readSchema(apiVersion, kind));
    }
    return parsed.get(key);
}

function readSchema(apiVersion: string, kind: string): Schema | undefined {
    // The documents are up to 0.8 MB: only the wanted one is parsed.
    const documents = factFiles("crds")
        .flatMap((file) => factFile(`crds/${file}`)?.split(/^---$/m) ?? [])
        .filter((document) => new RegExp(`^ {4}kind: ${kind}$`, "m").test(document));
    for (const document of documents) {
        const { spec } = parse(document) as Crd;
        const version = spec.versions.find(({ name }) => `${spec.group}/${name}` === apiVersion);
        if (version && spec.names.kind === kind) {
            return version.schema.openAPIV3Schema;
        }
    }
    return undefined;
}

/** Where a value breaks a schema: the API server refuses such an object, or drops the field silently. */
export function violations(value: unknown, schema: Schema, path: string): string[] {
    if (schema["x-kubernetes-int-or-string"]) {
        const fits = typeof value === "string" || Number.isInteger(value);
        return fits ? [] : [`${path}: ${show(value)} is neither a number nor a text`];
    }
    if (schema.type !== undefined && !hasType(value, schema.type)) {
        return [`${path}: ${show(value)} is not of type ${schema.type}`];
    }
    if (Array.isArray(value)) {
        const { items = {} } = schema;
        return [
            ...limit(value.length < (schema.minItems ?? 0), `${path}: fewer items than allowed`),
            ...value.flatMap((each, i) => violations(each, items, `${path}[${i}]`)),
        ];
    }
    return typeof value === "object" && value !== null
        ? objectViolations(value as Record<string, unknown>, schema, path)
        : scalarViolations(value, schema, path);
}

function objectViolations(
    value: Readonly<Record<string, unknown>>,
    schema: Schema,
    path: string,
): string[] {
    const { properties = {}, additionalProperties, required = [] } = schema;
    const open = schema["x-kubernetes-preserve-unknown-fields"] || additionalProperties === true;
    return [
        ...required.filter((key) => !(key in value)).map((key) => `${path}.${key}: is missing`),
        ...Object.entries(value).flatMap(([key, each]) => {
            const known =
                properties[key] ??
                (typeof additionalProperties === "object" ? additionalProperties : undefined);
            if (known) {
                return violations(each, known, `${path}.${key}`);
            }
            return open ? [] : [`${path}.${key}: is an unknown field`];
        }),
    ];
}

function scalarViolations(value: unknown, schema: Schema, path: string): string[] {
    const said = `${path}: ${show(value)}`;
    const { pattern, minimum = -Infinity, maximum = Infinity, minLength = 0 } = schema;
    return [
        ...limit(schema.enum?.includes(value) === false, `${said} is none of ${show(schema.enum)}`),
        ...(typeof value === "string"
            ? [
                  ...limit(value.length < minLength, `${said} is too short`),
                  ...limit(
                      pattern !== undefined && !new RegExp(pattern).test(value),
                      `${said} does not match ${pattern}`,
                  ),
              ]
            : []),
        ...(typeof value === "number"
            ? limit(value < minimum || value > maximum, `${said} is out of ${minimum}..${maximum}`)
            : []),
    ];
}

function limit(broken: boolean, message: string): string[] {
    return broken ? [message] : [];
}

function hasType(value: unknown, type: string): boolean {
    switch (type) {
        case "array":
            return Array.isArray(value);
        case "object":
            return typeof value === "object" && value !== null && !Array.isArray(value);
        case "integer":
            return Number.isInteger(value);
        default:
            return typeof value === type;
    }
}

function show(value: unknown): string {
    return JSON.stringify(value) ?? "nothing";
}
