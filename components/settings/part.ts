import type { z } from "zod";

import type { Pending } from "./pending";
import type { Problem } from "./problems";

/**
 * What a part adds to the configuration: its keys, and what no single key can tell. `Settings` are the values that its
 * rules read: its own, and of other parts no more than the fields that are written there. A tenant's stack has the
 * same keys as an owner's, and nothing of the platform.
 */
export interface Part<Keys extends z.ZodRawShape, Settings> {
    /** The top-level keys, each with the schema of its value. */
    readonly keys: Keys;
    /** Every rule between keys that is broken, in every stack. */
    readonly problems?: (settings: Settings) => Problem[];
    /** The same of what only a stack with a platform has. */
    readonly platformProblems?: (settings: Settings) => Problem[];
    /** Values that a preview can do without and an update cannot, in every stack. */
    readonly pending?: (settings: Settings) => Pending[];
    /** The same of what only a stack with a platform has. */
    readonly platformPending?: (settings: Settings) => Pending[];
}

/** The values that keys have once they are read. */
export type SettingsOf<Keys extends z.ZodRawShape> = Readonly<z.output<z.ZodObject<Keys>>>;

type MergedKeys<Parts> = Parts extends readonly [{ readonly keys: infer First }, ...infer Others]
    ? First & MergedKeys<Others>
    : object;

/** The keys of all parts. Two parts have no key in common. */
export function mergedKeys<Parts extends readonly { readonly keys: z.ZodRawShape }[]>(
    parts: Parts,
): MergedKeys<Parts> {
    return Object.assign({}, ...parts.map(({ keys }) => keys)) as MergedKeys<Parts>;
}
