import { z } from "zod";

/** A key for a reader of docs/configuration.md. */
export interface Row {
    /** `redis.<namespace>.team`. */
    readonly path: string;
    /** What may stand there, and what holds when nothing does. */
    readonly type: string;
    readonly description: string;
}

interface Field {
    readonly schema: z.ZodType;
    readonly meta: z.GlobalMeta;
    readonly optional: boolean;
    /** As JSON; undefined without one. */
    readonly fallback: string | undefined;
}

/** A schema without what is wrapped around it, and what the wrappers say. */
export function fieldOf(schema: z.ZodType): Field {
    const own = z.globalRegistry.get(schema) ?? {};
    if (
        schema instanceof z.ZodDefault ||
        schema instanceof z.ZodPrefault ||
        schema instanceof z.ZodOptional
    ) {
        const inner = fieldOf(schema.unwrap() as z.ZodType);
        return {
            schema: inner.schema,
            meta: { ...inner.meta, ...own },
            optional: true,
            fallback:
                schema instanceof z.ZodOptional
                    ? inner.fallback
                    : JSON.stringify(schema.def.defaultValue),
        };
    }
    return { schema, meta: own, optional: false, fallback: undefined };
}

/** The keys below a schema, in its order. `ends` are paths that have a table of their own. */
export function rowsOf(schema: z.ZodType, path: string, ends: readonly string[]): Row[] {
    const field = fieldOf(schema);
    const { schema: inner, meta } = field;
    if (meta.whole) {
        return [row(path, field)];
    }
    if (inner instanceof z.ZodObject) {
        return [
            // Whether it is there at all is a choice of its own.
            ...(field.optional && field.fallback === undefined ? [row(path, field)] : []),
            ...children(inner, path, ends),
        ];
    }
    if (inner instanceof z.ZodRecord && isNested(inner.valueType)) {
        const entry = `${path}.<${meta.entry ?? "name"}>`;
        return ends.includes(entry)
            ? [row(path, field)]
            : [
                  ...(meta.description ? [row(path, field)] : []),
                  ...rowsOf(inner.valueType as z.ZodType, entry, ends),
              ];
    }
    if (inner instanceof z.ZodDiscriminatedUnion) {
        return ends.includes(path) ? [row(path, field)] : unionRows(inner, path, ends);
    }
    return [row(path, field)];
}

function children(object: z.ZodObject, path: string, ends: readonly string[]): Row[] {
    return Object.entries(object.shape).flatMap(([key, schema]) => {
        const below = path === "" ? key : `${path}.${key}`;
        return ends.includes(below)
            ? [row(below, fieldOf(schema as z.ZodType))]
            : rowsOf(schema as z.ZodType, below, ends);
    });
}

/** What every option has once; what some have, with the options that have it. */
function unionRows(union: z.ZodDiscriminatedUnion, path: string, ends: readonly string[]): Row[] {
    const tag = union.def.discriminator;
    const options = (union.options as unknown as z.ZodObject[]).map((option) => ({
        name: String((option.shape[tag] as z.ZodLiteral).value),
        rows: children(option, path, ends).filter((each) => each.path !== `${path}.${tag}`),
    }));
    const [first] = union.options as unknown as z.ZodObject[];
    const tagText = first && fieldOf(first.shape[tag] as z.ZodType).meta.description;
    const kinds = options.map(({ name }) => `\`${name}\``);
    const found = new Map<string, { row: Row; names: string[] }>();
    for (const { name, rows } of options) {
        for (const each of rows) {
            const key = JSON.stringify(each);
            const known = found.get(key) ?? { row: each, names: [] };
            found.set(key, { ...known, names: [...known.names, name] });
        }
    }
    return [
        {
            path: `${path}.${tag}`,
            type: kinds.join(", "),
            description: tagText ?? "Which kind it is",
        },
        ...[...found.values()].map(({ row: each, names }) => ({
            ...each,
            description:
                names.length === options.length
                    ? each.description
                    : `With ${names.map((name) => `\`${name}\``).join(", ")}: ${each.description}`,
        })),
    ];
}

function isNested(value: z.core.$ZodType): boolean {
    const { schema } = fieldOf(value as z.ZodType);
    return (
        schema instanceof z.ZodObject ||
        schema instanceof z.ZodDiscriminatedUnion ||
        (schema instanceof z.ZodRecord && isNested(schema.valueType))
    );
}

function row(path: string, field: Field): Row {
    const { meta, fallback, optional } = field;
    const otherwise =
        meta.otherwise ??
        (fallback === undefined || (meta.toSet && ["{}", '""'].includes(fallback))
            ? undefined
            : `${field.schema instanceof z.ZodEnum ? "default " : ""}\`${fallback.replace(/^"(.+)"$/, "$1")}\``);
    const notes = [
        ...(meta.toSet ? ["to set before `up`"] : []),
        ...(otherwise === undefined ? [] : [otherwise]),
        ...(optional && otherwise === undefined && !meta.toSet ? ["optional"] : []),
    ];
    return {
        path,
        type: [meta.kind ?? typeName(field.schema), ...notes].join(", "),
        description: meta.description ?? "",
    };
}

/** The word for a schema's type. */
function typeName(schema: z.ZodType): string {
    if (schema instanceof z.ZodEnum) {
        return schema.options.map((each) => `\`${each}\``).join(", ");
    }
    if (schema instanceof z.ZodArray) {
        return `list of ${listed(fieldOf(schema.element as z.ZodType))}`;
    }
    if (schema instanceof z.ZodNumber) {
        return numberName(schema);
    }
    if (schema instanceof z.ZodBoolean) {
        return "boolean";
    }
    if (schema instanceof z.ZodString) {
        return "text";
    }
    return schema instanceof z.ZodRecord ? "map by name" : "map";
}

function listed({ schema, meta }: Field): string {
    return meta.kind ? `${meta.kind}s` : schema instanceof z.ZodEnum ? typeName(schema) : "maps";
}

/** Without the bounds that every whole number has. */
function numberName({ minValue, maxValue }: z.ZodNumber): string {
    const most = maxValue !== null && maxValue < 2 ** 31 - 1 ? maxValue : undefined;
    const least = minValue !== null && minValue > 1 ? minValue : undefined;
    return most === undefined
        ? least === undefined
            ? "number"
            : `number, ${least} or more`
        : `${minValue} to ${most}`;
}
