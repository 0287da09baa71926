export type Path = readonly string[];

/** A value in an object: of a field or of a list's element. */
export interface Place {
    readonly path: Path;
    readonly value: unknown;
}

/** Every place below a value, those with further ones in them before these. */
export function places(value: unknown, path: Path = []): Place[] {
    if (typeof value !== "object" || value === null) {
        return [];
    }
    return Object.entries(value).flatMap(([key, each]) => [
        { path: [...path, key], value: each as unknown },
        ...places(each, [...path, key]),
    ]);
}
