import assert from "node:assert/strict";

import { readStackFile, Settings } from "../../lab/program/stackFile";
import { refusal } from "./refusal";

/** A change to a stack file, and the line, or the lines, that refuse it. */
export interface Refused {
    readonly change: Settings;
    /** Path, value got and what is allowed, as `path: got value; allowed`. */
    readonly says: string | readonly string[];
}

/** A test for each change: it alone is refused, with the whole line, and the file to edit is named. */
export function refuses(cases: Readonly<Record<string, Refused>>, stack = "prod"): void {
    for (const [what, { change, says }] of Object.entries(cases)) {
        it(`refuses ${what}`, async () => {
            const settings = { ...readStackFile(stack), ...change };
            const message = await refusal({ stack, settings });
            const lines = typeof says === "string" ? [says] : says;
            const count =
                lines.length === 1 ? "1 problem" : `${lines.length} problems (all are listed)`;
            assert.deepEqual(message.split("\n"), [
                `The configuration of stack "${stack}" has ${count}; nothing was registered.`,
                ...lines.map((line) => `  observability:${line}`),
                `Edit Pulumi.${stack}.yaml; docs/configuration.md describes every key.`,
            ]);
        });
    }
}

/** A key of a fixture with some of its own keys replaced. */
export function changed(stack: string, key: string, change: Settings): Settings {
    return { [key]: { ...(readStackFile(stack)[key] as Settings), ...change } };
}

/** One Redis instance in a namespace of its own instead of the stack's. */
export function instances(
    all: Readonly<Record<string, Settings>>,
    namespace = "orders",
): { redis: Settings } {
    const sized = Object.entries(all).map(([name, settings]) => [
        name,
        { memory: "256Mi", storageSize: "1Gi", ...settings },
    ]);
    return { redis: { [namespace]: { instances: Object.fromEntries(sized) as Settings } } };
}
