import * as pulumi from "@pulumi/pulumi";

/** A map of plain values. */
export type Fields = Readonly<Record<string, unknown>>;

/** Changes a value now, or once it is known where it is an Output. */
export function lifted(input: unknown, change: (value: unknown) => unknown): unknown {
    return pulumi.Output.isInstance(input) ? input.apply(change) : change(input);
}

/** Maps are merged key by key, everything else is replaced; neither argument is changed. Outputs in `base` stay. */
export function overlaid(base: unknown, over: unknown): unknown {
    if (!isFields(over)) {
        return over;
    }
    return lifted(base, (known) =>
        Object.entries(over).reduce<Fields>(
            (merged, [key, value]) => ({ ...merged, [key]: overlaid(merged[key], value) }),
            isFields(known) ? known : {},
        ),
    );
}

/** Changes what stands at a path; `*` is every item of a list. Where nothing stands, nothing changes. */
export function changedAt(
    value: unknown,
    path: readonly string[],
    change: (value: unknown) => unknown,
): unknown {
    const [key, ...rest] = path;
    if (key === undefined) {
        return lifted(value, change);
    }
    return lifted(value, (known) => {
        if (key === "*") {
            return Array.isArray(known)
                ? known.map((each: unknown) => changedAt(each, rest, change))
                : known;
        }
        return isFields(known) && known[key] !== undefined
            ? { ...known, [key]: changedAt(known[key], rest, change) }
            : known;
    });
}

/** A map with one value, at a path. */
export function at(path: readonly string[], value: unknown): Fields {
    return path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Fields;
}

/** All of them in one, the later over the earlier. */
export function together(all: readonly Fields[]): Fields {
    return all.reduce<Fields>((merged, each) => overlaid(merged, each) as Fields, {});
}

/** Without the keys that hold nothing. */
export function given(fields: Fields): Fields {
    return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function isFields(value: unknown): value is Fields {
    return (
        typeof value === "object" &&
        value !== null &&
        !Array.isArray(value) &&
        !pulumi.Output.isInstance(value)
    );
}
