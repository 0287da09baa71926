import { z } from "zod";

import { Problem, show, showHidden, suggestion } from "./problems";
import { isPropertyOfObjects } from "./scalars";
import { isSecretByName, secretIn } from "./secretTexts";

/** What was read of an input: every problem of single values, and the values, with what cannot be read marked as that. */
export interface Reading {
    readonly problems: readonly Problem[];
    /** Whoever looks at a value that could not be read gets `Unreadable` thrown. */
    readonly value: unknown;
}

/** Thrown at a value that is a problem already: a rule that needs it says nothing. */
export class Unreadable extends Error {}

/** The problems that rules find; one that needs a value which could not be read finds none. */
export function broken<S>(
    settings: S,
    rules: readonly ((settings: S) => readonly Problem[])[],
): Problem[] {
    return rules.flatMap((rule) => {
        try {
            return rule(settings);
        } catch (error) {
            if (error instanceof Unreadable) {
                return [];
            }
            throw error;
        }
    });
}

/**
 * Reads a map of keys by its schema. Where one value is wrong the others are read all the same, those below a wrong name
 * too: all problems come at once, one for each cause. `secrets` are the keys of which nothing may be shown.
 */
export function readSettings(
    schema: z.ZodObject,
    input: Readonly<Record<string, unknown>>,
    secrets: readonly string[],
): Reading {
    const problems = Object.entries(input).flatMap(([key, value]) =>
        secrets.includes(key) ? [] : secretProblems(value, [key]),
    );
    const clean = withoutProperties(input, [], problems) as Record<string, unknown>;
    const told = new Set(problems.map(({ path }) => path));
    const parsed = schema.safeParse(clean);
    const reader = new Reader((path) => secrets.includes(path[0] ?? ""));
    const value = reader.read(schema, clean, []);
    if (parsed.success) {
        // What the reader alone looks for: entries twice.
        return { problems: [...problems, ...reader.problems], value: parsed.data };
    }
    // What the schema has beside its values: a check of a whole map, which we have none of yet.
    const found = reader.problems.length > 0 ? reader.problems : parsed.error.issues.map(unread);
    return { problems: [...problems, ...found.filter(({ path }) => !told.has(path))], value };
}

/** Keys joined by dots, for a reader: without secrets and line ends, and of a length that can be read. */
function shownPath(path: readonly string[]): string {
    return path
        .map((key) => {
            const plain = secretIn(key) === undefined ? key : "(hidden)";
            const short = plain.length > 63 ? `${plain.slice(0, 60)}...` : plain;
            return /^[-\w/.()]+$/.test(short) ? short : JSON.stringify(short);
        })
        .join(".");
}

/** A marker of a value that is a problem already. */
const UNREADABLE = Symbol("unreadable");

/** A schema without what says whether and when a value may be missing. */
export function unwrapped(schema: z.ZodType): z.ZodType {
    return schema instanceof z.ZodDefault ||
        schema instanceof z.ZodPrefault ||
        schema instanceof z.ZodOptional
        ? unwrapped(schema.unwrap() as z.ZodType)
        : schema;
}

class Reader {
    readonly problems: Problem[] = [];

    constructor(private readonly hidden: (path: readonly string[]) => boolean) {}

    read(schema: z.ZodType, input: unknown, path: readonly string[]): unknown {
        if (schema instanceof z.ZodOptional) {
            return input === undefined
                ? undefined
                : this.read(schema.unwrap() as z.ZodType, input, path);
        }
        if (schema instanceof z.ZodDefault) {
            return input === undefined
                ? schema.def.defaultValue
                : this.read(schema.unwrap() as z.ZodType, input, path);
        }
        if (schema instanceof z.ZodPrefault) {
            const given = input === undefined ? schema.def.defaultValue : input;
            return this.read(schema.unwrap() as z.ZodType, given, path);
        }
        if (schema instanceof z.ZodObject) {
            return this.object(schema, input, path);
        }
        if (schema instanceof z.ZodRecord) {
            return this.record(schema, input, path);
        }
        if (schema instanceof z.ZodArray) {
            return this.list(schema, input, path);
        }
        if (schema instanceof z.ZodDiscriminatedUnion) {
            return this.union(schema, input, path);
        }
        const { success, data, error } = schema.safeParse(input);
        return success ? data : this.problem(path, input, allowedBy(schema, error, input));
    }

    private object(schema: z.ZodObject, input: unknown, path: readonly string[]): unknown {
        const known = Object.keys(schema.shape);
        const before = this.problems.length;
        if (!isMap(input)) {
            return this.problem(path, input, `allowed: a map with ${listed(known)}`);
        }
        if (Object.keys(input).length === 0 && !schema.safeParse(input).success) {
            return this.problem(path, input, `allowed: a map with ${listed(known)}`);
        }
        const others = schema.def.catchall as z.ZodType | undefined;
        const open = others !== undefined && !(others instanceof z.ZodNever) ? others : undefined;
        const unknown = Object.keys(input).filter((each) => !known.includes(each));
        if (!open) {
            unknown.forEach((key) => this.unknownKey([...path, key], known));
        }
        const schemas: [string, z.ZodType][] = [
            ...(Object.entries(schema.shape) as [string, z.ZodType][]),
            ...(open ? unknown.map((key): [string, z.ZodType] => [key, open]) : []),
        ];
        const map = marked(
            schemas.flatMap(([key, each]): [string, unknown][] => {
                const value = this.read(each, input[key], [...path, key]);
                return value === undefined ? [] : [[key, value]];
            }),
        );
        // Of the map as a whole, where each of its values is right.
        const own =
            this.problems.length === before
                ? schema.safeParse(input).error?.issues.find(({ path: at }) => at.length === 0)
                : undefined;
        return own ? this.problem(path, input, messageOf(own, "another combination")) : map;
    }

    private record(schema: z.ZodRecord, input: unknown, path: readonly string[]): unknown {
        if (!isMap(input)) {
            return this.problem(path, input, "allowed: a map keyed by name");
        }
        const { keyType, valueType } = schema as unknown as {
            keyType: z.ZodType;
            valueType: z.ZodType;
        };
        return marked(
            Object.entries(input).flatMap(([key, each]): [string, unknown][] => {
                const below = [...path, key];
                const { error } = keyType.safeParse(key);
                if (error) {
                    if (keyType instanceof z.ZodEnum) {
                        this.unknownKey(below, keyType.options.map(String));
                        return [];
                    }
                    this.problem(below, key, allowedBy(keyType, error, key), true);
                }
                const value = this.read(valueType, each, below);
                // Rules see what is below a wrong name, and not a name that may not be shown.
                return error && shownPath([key]) !== key ? [] : [[key, value]];
            }),
        );
    }

    private list(schema: z.ZodArray, input: unknown, path: readonly string[]): unknown {
        if (!Array.isArray(input)) {
            return this.problem(path, input, `allowed: a list, such as [a, b]`);
        }
        const items = input.map((each, i) =>
            this.read(schema.element as z.ZodType, each, [...path, String(i)]),
        );
        // Of the list itself, such as that it may not be empty.
        const { error } = schema.safeParse(input);
        const own = error?.issues.find((issue) => issue.path.length === 0);
        if (own) {
            return this.problem(path, input, messageOf(own, "a list with one entry or more"));
        }
        const twice = input.find(
            (each, i) => typeof each !== "object" && input.indexOf(each) !== i,
        ) as unknown;
        if (twice !== undefined) {
            // Objects and resources are named after entries, and no two may have one name.
            return this.problem(path, twice, "allowed: each entry once");
        }
        return items.includes(UNREADABLE) ? UNREADABLE : items;
    }

    private union(
        schema: z.ZodDiscriminatedUnion,
        input: unknown,
        path: readonly string[],
    ): unknown {
        const tag = schema.def.discriminator;
        const options = schema.options as unknown as z.ZodObject[];
        const tags = options.map((option) => String((option.shape[tag] as z.ZodLiteral).value));
        if (!isMap(input)) {
            return this.problem(path, input, `allowed: a map with ${tag}: ${tags.join(", ")}`);
        }
        const chosen = options[tags.indexOf(input[tag] as string)];
        return chosen
            ? this.object(chosen, input, path)
            : this.problem([...path, tag], input[tag], oneOf(input[tag], tags));
    }

    private unknownKey(path: readonly string[], known: readonly string[]): void {
        const key = path.at(-1) ?? "";
        const allowed = `${suggestion(key, known)}allowed: ${listed(known)}`;
        this.problems.push({ path: shownPath(path), got: "an unknown key", allowed });
    }

    private problem(
        path: readonly string[],
        input: unknown,
        allowed: string,
        isName = false,
    ): unknown {
        const got = this.hidden(path) && !isName ? showHidden(input) : show(input);
        this.problems.push({ path: shownPath(path), got, allowed });
        return UNREADABLE;
    }
}

/** A map of what was read; what could not be throws when somebody looks at it. */
function marked(entries: readonly (readonly [string, unknown])[]): object {
    const map = Object.fromEntries(entries);
    for (const [key, value] of entries) {
        if (value === UNREADABLE) {
            Object.defineProperty(map, key, {
                enumerable: true,
                get: () => {
                    throw new Unreadable(key);
                },
            });
        }
    }
    return map;
}

/** What may stand at a value that is none of a map, a list or a choice of maps. */
function allowedBy(schema: z.ZodType, error: z.ZodError, input: unknown): string {
    const [issue] = error.issues;
    if (schema instanceof z.ZodEnum || schema instanceof z.ZodLiteral) {
        const values = schema instanceof z.ZodEnum ? schema.options : [...schema.values];
        return oneOf(input, values.map(String));
    }
    if (schema instanceof z.ZodUnion && input !== undefined) {
        // Of one that nearly fits, zod tells what is wrong in it, and not what else may stand there.
        return allowedBy(schema, schema.safeParse(undefined).error ?? error, undefined);
    }
    if (schema instanceof z.ZodBoolean) {
        return "allowed: true or false, without quotes";
    }
    return messageOf(issue, schema instanceof z.ZodNumber ? "a number, without quotes" : "a text");
}

function messageOf(issue: z.core.$ZodIssue | undefined, otherwise: string): string {
    if (issue?.code === "invalid_union") {
        const inner = issue.errors.at(-1)?.[0];
        return issue.message === "Invalid input" ? messageOf(inner, otherwise) : issue.message;
    }
    return issue?.message.includes("allowed:") ? issue.message : `allowed: ${otherwise}`;
}

function unread({ path, message }: z.core.$ZodIssue): Problem {
    return { path: shownPath(path.map(String)), got: "what is not allowed", allowed: message };
}

function oneOf(got: unknown, values: readonly string[]): string {
    const near = typeof got === "string" ? suggestion(got, values) : "";
    return `${near}allowed: ${values.join(", ")}`;
}

/** More names than a reader looks through. */
const MANY = 40;

function listed(known: readonly string[]): string {
    return known.length > MANY
        ? `one of ${known.length} names, which docs/configuration.md lists`
        : known.join(", ");
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Texts that look like a secret, where everybody may read them. */
function secretProblems(value: unknown, path: readonly string[]): Problem[] {
    if (typeof value === "string") {
        const what = secretIn(value);
        return what === undefined
            ? []
            : [
                  {
                      path: shownPath(path),
                      got: `what looks like ${what} (hidden)`,
                      allowed: `no secret, since it would stand in clear in objects: secrets are set with \`config set --secret\` in receiverSecrets, backupCredentials, snapshotCredentials, backupPasswords or redisPasswords; change this one, which may be in git's history`,
                  },
              ];
    }
    if (typeof value !== "object" || value === null) {
        return [];
    }
    // An entry of a list of variables.
    const { name, value: variable } = value as { name?: unknown; value?: unknown };
    const named =
        typeof name === "string" && isSecretByName(name, variable)
            ? [plainSecret([...path, "value"], "the value of a secret by its name")]
            : [];
    return [
        ...named,
        ...Object.entries(value).flatMap(([key, each]) =>
            isSecretByName(key, each)
                ? [plainSecret([...path, key], "a secret by its name")]
                : secretProblems(each, [...path, key]),
        ),
    ];
}

function plainSecret(path: readonly string[], what: string): Problem {
    return {
        path: shownPath(path),
        got: `${what}, in clear (hidden)`,
        allowed:
            "no secret, since it would stand in clear in objects: make a Secret in the cluster and name it, such as with envFrom, env.valueFrom or existingSecret of the chart; change this one, which may be in git's history",
    };
}

/** A copy without the names that every object has: they are found in maps that do not have them. */
function withoutProperties(value: unknown, path: readonly string[], problems: Problem[]): unknown {
    if (Array.isArray(value)) {
        return value.map((each, i) => withoutProperties(each, [...path, String(i)], problems));
    }
    if (!isMap(value)) {
        return value;
    }
    return Object.fromEntries(
        Object.entries(value).flatMap(([key, each]) => {
            const below = [...path, key];
            if (isPropertyOfObjects(key)) {
                problems.push({
                    path: shownPath(below),
                    got: show(key),
                    allowed:
                        "another name: every object of JavaScript has a property of this one, so that it is found where it is not",
                });
                return [];
            }
            return [[key, withoutProperties(each, below, problems)]];
        }),
    );
}
