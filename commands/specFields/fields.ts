import { parse } from "yaml";

import type { SpecField, SpecFields } from "../../components/kubernetes/customSpec";
import type { Schema } from "../../lab/crds";

/** Fields of pods, which other keys of the configuration decide: nothing looks into them. */
const CLOSED = /^(affinity|securityContext|podSecurityContext|podTemplate)$/;
/** The one list of whose items something is known; others are read by the API server alone. */
const OPEN_LISTS = /^nodeSets$/;

/** Fields of the spec of these kinds, by the kind. Throws for a kind that no document has. */
export function specFields(text: string, kinds: readonly string[]): Record<string, SpecFields> {
    // The documents are up to 0.8 MB: only the wanted ones are parsed.
    const documents = text.split(/^---$/m);
    return Object.fromEntries(
        kinds.map((kind) => {
            const found = documents.find((each) =>
                new RegExp(`^ {4}kind: ${kind}$`, "m").test(each),
            );
            if (found === undefined) {
                throw new Error(`no CRD of the kind ${kind}`);
            }
            return [kind, fieldsOf(specSchema(parse(found)))];
        }),
    );
}

function specSchema(crd: unknown): Schema {
    const { spec } = crd as {
        spec: {
            versions: readonly { storage: boolean; schema: { openAPIV3Schema: Schema } }[];
        };
    };
    const stored = spec.versions.find(({ storage }) => storage);
    return stored?.schema.openAPIV3Schema.properties?.spec ?? {};
}

function fieldsOf({ properties = {} }: Schema): SpecFields {
    return Object.fromEntries(
        Object.entries(properties)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([name, schema]) => [name, fieldOf(name, schema)]),
    );
}

function fieldOf(name: string, schema: Schema): SpecField {
    if (schema["x-kubernetes-int-or-string"]) {
        return "integer or string";
    }
    if (schema.type === "array") {
        return OPEN_LISTS.test(name) && schema.items ? [fieldsOf(schema.items)] : "array";
    }
    const open = schema.properties === undefined || CLOSED.test(name);
    return schema.type === "object" && !open ? fieldsOf(schema) : (schema.type ?? "any");
}
