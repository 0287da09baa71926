/** Kubernetes resource quantities, as in https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/. */

const SUFFIXES: Readonly<Record<string, number>> = {
    "": 1,
    m: 1e-3,
    k: 1e3,
    M: 1e6,
    G: 1e9,
    T: 1e12,
    P: 1e15,
    Ki: 2 ** 10,
    Mi: 2 ** 20,
    Gi: 2 ** 30,
    Ti: 2 ** 40,
    Pi: 2 ** 50,
};

/** A number, with a fraction or not, and a suffix of `SUFFIXES` or none. */
export const QUANTITY = /^(\d+(?:\.\d+)?)([a-zA-Z]*)$/;

/** The number that a quantity stands for (bytes for sizes, cores for CPU), or undefined when it is not one. */
export function parseQuantity(text: string): number | undefined {
    const match = QUANTITY.exec(text);
    const factor = match ? SUFFIXES[match[2] ?? ""] : undefined;
    return match && factor !== undefined ? Number(match[1]) * factor : undefined;
}

/** The bytes of a size that the configuration has already checked. Throws when it is not a quantity. */
export function bytes(quantity: string): number {
    const value = parseQuantity(quantity);
    if (value === undefined) {
        throw new Error(`"${quantity}" is not a Kubernetes quantity such as 500Mi or 10Gi`);
    }
    return value;
}

/** Bytes as a whole number of mebibytes, rounded down: `46592Mi`. */
export function mebibytes(value: number): string {
    return `${Math.floor(value / 2 ** 20)}Mi`;
}

/** The size of a volume that holds so many bytes, rounded up to whole gibibytes: `35Gi`. */
export function volumeSize(value: number): string {
    return `${Math.ceil(value / 2 ** 30)}Gi`;
}

/** The larger of two quantities, as it is written. */
export function larger(one: string, other: string | undefined): string {
    return other !== undefined && bytes(other) > bytes(one) ? other : one;
}

/** Bytes for a reader, in gibibytes with one decimal: `34.5Gi`. */
export function gibibytes(value: number): string {
    return `${(value / 2 ** 30).toFixed(1)}Gi`;
}
