/** The value with each secret in it, which a run has as `{ secret: value }`, replaced by what `shown` makes of it. */
export function withSecrets(value: unknown, shown: (secret: unknown) => unknown): unknown {
    if (Array.isArray(value)) {
        return value.map((each) => withSecrets(each, shown));
    }
    if (typeof value !== "object" || value === null) {
        return value;
    }
    const entries = Object.entries(value);
    const [[key, only] = []] = entries;
    return key === "secret" && entries.length === 1
        ? shown(only)
        : Object.fromEntries(entries.map(([name, each]) => [name, withSecrets(each, shown)]));
}

/** The value with its secrets as they are. */
export function plain(value: unknown): unknown {
    return withSecrets(value, plain);
}
