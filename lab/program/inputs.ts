import { SECRET_SIGNATURE } from "./program";

/** Inputs of a resource as its provider would get them, with the values of secrets. */
export function plainInputs(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(plainInputs);
    }
    if (typeof value !== "object" || value === null) {
        return value;
    }
    if (SECRET_SIGNATURE in value) {
        return plainInputs((value as { value?: unknown }).value);
    }
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plainInputs(each)]));
}
