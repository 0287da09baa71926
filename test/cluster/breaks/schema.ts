import type { KubeClient, LiveObject } from "../../../lab/cluster/kubeClient";
import type { Place } from "../wiring/places";

/** A schema as the API server publishes it: https://kubernetes.io/docs/concepts/overview/kubernetes-api/#openapi-v3. */
interface Schema {
    readonly $ref?: string;
    readonly allOf?: readonly Schema[];
    readonly type?: string;
    readonly format?: string;
    readonly properties?: Readonly<Record<string, Schema>>;
    readonly additionalProperties?: Schema | boolean;
    readonly items?: Schema;
    readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
    readonly "x-kubernetes-group-version-kind"?: readonly {
        readonly group: string;
        readonly version: string;
        readonly kind: string;
    }[];
}

type Schemas = Readonly<Record<string, Schema>>;

/** What a schema says of an object's places. */
export interface Typed {
    /** Objects whose fields are all declared. */
    readonly closed: readonly Place[];
    /** Texts, numbers and booleans. */
    readonly scalars: readonly Place[];
}

/** The schemas of the kinds that an API server serves, read once for each version of a group. */
export class PublishedSchemas {
    private readonly read = new Map<string, Promise<Schemas>>();

    constructor(private readonly client: KubeClient) {}

    async typed(object: LiveObject): Promise<Typed> {
        const { apiVersion, kind } = object;
        const schemas = await this.schemas(apiVersion);
        const [version = "", group = ""] = apiVersion.split("/").reverse();
        const found = Object.values(schemas).find((each) =>
            each["x-kubernetes-group-version-kind"]?.some(
                (gvk) => gvk.group === group && gvk.version === version && gvk.kind === kind,
            ),
        );
        if (found === undefined) {
            throw new Error(`the API server publishes no schema of ${apiVersion} ${kind}`);
        }
        return typed(schemas, found, { path: [], value: object });
    }

    private schemas(apiVersion: string): Promise<Schemas> {
        const path = apiVersion.includes("/") ? `apis/${apiVersion}` : `api/${apiVersion}`;
        const reading =
            this.read.get(path) ??
            this.client
                .raw(`/openapi/v3/${path}`)
                .then(
                    (text) => (JSON.parse(text) as { components: { schemas: Schemas } }).components,
                )
                .then(({ schemas }) => schemas);
        this.read.set(path, reading);
        return reading;
    }
}

function typed(schemas: Schemas, schema: Schema, place: Place): Typed {
    const { type, properties, additionalProperties, items, ...rest } = resolve(schemas, schema);
    const { value, path } = place;
    if (rest["x-kubernetes-preserve-unknown-fields"]) {
        return { closed: [], scalars: [] };
    }
    if (typeof value !== "object" || value === null) {
        return {
            closed: [],
            scalars: /^(string|integer|boolean)$/.test(type ?? "") ? [place] : [],
        };
    }
    const others = typeof additionalProperties === "object" ? additionalProperties : undefined;
    const below = Object.entries(value).flatMap(([key, each]) => {
        const next = Array.isArray(value) ? items : (properties?.[key] ?? others);
        return next ? [typed(schemas, next, { path: [...path, key], value: each })] : [];
    });
    return {
        closed: [...(properties ? [place] : []), ...below.flatMap(({ closed }) => closed)],
        scalars: below.flatMap(({ scalars }) => scalars),
    };
}

function resolve(schemas: Schemas, schema: Schema): Schema {
    const [inherited] = schema.allOf ?? [];
    const reference = schema.$ref ?? inherited?.$ref;
    const target = reference && schemas[reference.split("/").at(-1) ?? ""];
    return target ? resolve(schemas, target) : schema;
}
