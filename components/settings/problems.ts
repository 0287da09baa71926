import { distance } from "fastest-levenshtein";
import { z } from "zod";

/** One thing that is wrong in the configuration. */
export interface Problem {
    /** Where: the key without the project's prefix, `redis.prod.instances.orders.replicas`. */
    readonly path: string;
    /** What stands there. */
    readonly got: string;
    /** What may stand there, or what to do. */
    readonly allowed: string;
}

/** One text with every problem: its path, the value got, what is allowed, and the file to edit. */
export function formatProblems(
    problems: readonly Problem[],
    project: string,
    stack: string,
): string {
    const count =
        problems.length === 1 ? "1 problem" : `${problems.length} problems (all are listed)`;
    const lines = problems.map((p) => `  ${project}:${p.path}: got ${p.got}; ${p.allowed}`);
    return [
        `The configuration of stack "${stack}" has ${count}; nothing was registered.`,
        ...lines,
        `Edit Pulumi.${stack}.yaml; docs/configuration.md describes every key.`,
    ].join("\n");
}

/** Zod's issues as problems, with the keys that exist and the nearest one for a key that does not. */
export function problemsOf(error: z.ZodError, schema: z.ZodType, input: unknown): Problem[] {
    return error.issues.flatMap((issue): Problem[] => {
        const path = issue.path.map(String);
        if (issue.code === "unrecognized_keys") {
            const known = keysAt(schema, path, input);
            return issue.keys.map((key) => ({
                path: [...path, key].join("."),
                got: "an unknown key",
                allowed: `${suggestion(key, known)}allowed: ${listed(known)}`,
            }));
        }
        if (issue.code === "invalid_key") {
            const allowed = issue.issues[0]?.message ?? issue.message;
            return [{ path: path.join("."), got: show(path.at(-1)), allowed }];
        }
        const got = valueAt(input, path);
        return [{ path: path.join("."), got: show(got), allowed: allowedBy(issue, got) }];
    });
}

/** More names than a reader looks through. */
const MANY = 40;

function listed(known: readonly string[]): string {
    if (known.length > MANY) {
        return `one of ${known.length} names, which docs/configuration.md lists`;
    }
    return known.join(", ") || "no keys";
}

/** A value in a message: JSON, shortened. */
export function show(value: unknown): string {
    const text = value === undefined ? "nothing" : JSON.stringify(value);
    return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** `did you mean "replicas"? ` for the nearest known key, or nothing when none is near. */
export function suggestion(key: string, known: readonly string[]): string {
    const nearest = [...known].sort((a, b) => distance(key, a) - distance(key, b))[0];
    const near = nearest !== undefined && distance(key, nearest) <= Math.max(2, nearest.length / 3);
    return near ? `did you mean "${nearest}"? ` : "";
}

function allowedBy(issue: z.core.$ZodIssue, got: unknown): string {
    switch (issue.code) {
        case "invalid_type":
            return issue.message.startsWith("allowed")
                ? issue.message
                : `allowed: ${issue.expected === "record" ? "a map keyed by name" : issue.expected}`;
        case "invalid_value":
            return oneOf(got, issue.values.map(String));
        case "too_small":
            return issue.message.startsWith("allowed")
                ? issue.message
                : `allowed: ${issue.minimum} or more`;
        case "too_big":
            return issue.message.startsWith("allowed")
                ? issue.message
                : `allowed: ${issue.maximum} or less`;
        case "invalid_union":
            return issue.inclusive === false || issue.options === undefined
                ? issue.message
                : `allowed: ${issue.options.map(String).join(", ")}`;
        default:
            return issue.message;
    }
}

function oneOf(got: unknown, values: readonly string[]): string {
    const near = typeof got === "string" ? suggestion(got, values) : "";
    return `${near}allowed: ${values.join(", ")}`;
}

function valueAt(input: unknown, path: readonly string[]): unknown {
    return path.reduce<unknown>(
        (value, key) =>
            typeof value === "object" && value !== null
                ? (value as Record<string, unknown>)[key]
                : undefined,
        input,
    );
}

/** The keys that the schema knows at a path; of a union, those of the option that the input chose. */
function keysAt(schema: z.ZodType, path: readonly string[], input: unknown): string[] {
    let here: z.ZodType = unwrap(schema);
    let value = input;
    for (const key of [...path, undefined]) {
        if (here instanceof z.ZodDiscriminatedUnion) {
            const tag = here.def.discriminator;
            const chosen = valueAt(value, [tag]);
            const options = here.options as unknown as z.ZodObject<Record<string, z.ZodType>>[];
            here = options.find((o) => o.shape[tag]?.safeParse(chosen).success) ?? here;
        }
        if (key === undefined) {
            break;
        }
        value = valueAt(value, [key]);
        const next: unknown =
            here instanceof z.ZodObject
                ? here.shape[key]
                : here instanceof z.ZodRecord
                  ? here.valueType
                  : undefined;
        here = next instanceof z.ZodType ? unwrap(next) : here;
    }
    if (here instanceof z.ZodRecord && here.keyType instanceof z.ZodEnum) {
        return here.keyType.options.map(String);
    }
    return here instanceof z.ZodObject ? Object.keys(here.shape) : [];
}

function unwrap(schema: z.ZodType): z.ZodType {
    return schema instanceof z.ZodDefault ||
        schema instanceof z.ZodPrefault ||
        schema instanceof z.ZodOptional
        ? unwrap(schema.unwrap() as z.ZodType)
        : schema;
}
