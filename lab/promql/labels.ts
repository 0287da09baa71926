/** Labels that a series may have; undefined where that is not known. */
export type Labels = ReadonlySet<string> | undefined;

export const NONE: Labels = new Set();

export function union(...all: readonly Labels[]): Labels {
    return all.some((each) => each === undefined)
        ? undefined
        : new Set(all.flatMap((each) => [...(each ?? [])]));
}

export function without(labels: Labels, removed: Iterable<string>): Labels {
    const gone = new Set(removed);
    return labels && new Set([...labels].filter((label) => !gone.has(label)));
}

export function only(labels: Labels, kept: readonly string[]): Labels {
    return labels ? new Set(kept.filter((label) => labels.has(label))) : new Set(kept);
}
