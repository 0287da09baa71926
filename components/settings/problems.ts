import { distance } from "fastest-levenshtein";

import { secretIn } from "./secretTexts";

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
    const lines = problems.map(
        ({ path, got, allowed }) =>
            `  ${isKey(path) ? `${project}:` : ""}${path === "" ? "" : `${path}: `}got ${got}; ${allowed}`,
    );
    return [
        `The configuration of stack "${stack}" has ${count}; nothing was registered.`,
        ...lines,
        `Edit Pulumi.${stack}.yaml; docs/configuration.md describes every key.`,
    ].join("\n");
}

/** Of what is wrong in the text of a file, the place is a line or a key of the file. */
function isKey(path: string): boolean {
    return path !== "" && path !== "config" && !path.startsWith("line ");
}

/** A value in a message: JSON, shortened, and without what may be a secret. */
export function show(value: unknown): string {
    if (value === undefined) {
        return "nothing";
    }
    const text = JSON.stringify(value, (key, each: unknown) =>
        typeof each === "string" && (SECRET_KEY.test(key) || secretIn(each)) ? "(hidden)" : each,
    );
    return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** Keys under which people keep what nobody should read. */
const SECRET_KEY =
    /^(.*pass(word|wd|phrase)|(signing)?secret|.*token|.*credentials?|.*(api|private).?key|secure)$/i;

/** What stands at a key that holds secrets, without a letter of it. */
export function showHidden(value: unknown): string {
    if (value === undefined) {
        return "nothing";
    }
    if (value === "") {
        return "an empty text";
    }
    const kind = Array.isArray(value) ? "list" : value === null ? "null" : typeof value;
    return (
        { string: "a text", number: "a number", object: "a map", list: "a list", null: "null" }[
            kind as string
        ] ?? `a ${kind}`
    );
}

/** `did you mean "replicas"? ` for the nearest known key, or nothing when none is near; the case of letters is no difference. */
export function suggestion(key: string, known: readonly string[]): string {
    const far = (each: string): number => distance(key.toLowerCase(), each.toLowerCase());
    const nearest = [...known].sort((a, b) => far(a) - far(b))[0];
    const near = nearest !== undefined && far(nearest) <= Math.max(2, nearest.length / 3);
    return near ? `did you mean "${nearest}"? ` : "";
}
