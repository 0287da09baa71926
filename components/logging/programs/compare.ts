import type { Json } from "../setup/plan";

/**
 * Where `actual` is not what is expected, one line each. What it has beyond that does not count: servers fill in
 * defaults. Elasticsearch answers settings as text, so that `1` and `"1"` are the same.
 */
export function differences(expected: Json, actual: unknown, path = ""): string[] {
    if (Array.isArray(expected)) {
        const items: readonly Json[] = expected;
        return Array.isArray(actual) && actual.length === items.length
            ? items.flatMap((item, at) => differences(item, actual[at], `${path}[${at}]`))
            : [line(path, expected, actual)];
    }
    if (typeof expected === "object" && expected !== null) {
        if (typeof actual !== "object" || actual === null) {
            return [line(path, expected, actual)];
        }
        return Object.entries(expected).flatMap(([key, each]) =>
            differences(
                each,
                (actual as Record<string, unknown>)[key],
                path ? `${path}.${key}` : key,
            ),
        );
    }
    const same = isScalar(actual) && String(actual) === String(expected);
    return same ? [] : [line(path, expected, actual)];
}

function isScalar(value: unknown): value is string | number | boolean | null {
    return value === null || ["string", "number", "boolean"].includes(typeof value);
}

function line(path: string, expected: Json, actual: unknown): string {
    const got = actual === undefined ? "nothing" : JSON.stringify(actual);
    return `${path || "all of it"}: expected ${JSON.stringify(expected)}, got ${got}`;
}

/** The value at a path, or undefined. */
export function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
    return path.reduce<unknown>(
        (here, key) =>
            typeof here === "object" && here !== null
                ? (here as Record<string | number, unknown>)[key]
                : undefined,
        value,
    );
}
