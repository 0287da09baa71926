import * as fs from "node:fs";

import { enterSandbox, sandboxName } from "../../../lab/cluster/node/sandbox";
import { Change, CHANGES, Instance, INSTANCES } from "./changes";
import { ChangeStage, Outcome } from "./stage";

/** What one run is asked for. */
export interface Request {
    readonly instance: Instance;
    readonly keys: number;
    /** Names of changes, in order. */
    readonly changes: readonly string[];
}

/**
 * `main.ts REQUEST FILE`: an instance on real nodes under the real operator, in a sandbox, and what its writers see
 * of each change. Writes the outcomes as JSON, after each change anew.
 */
async function main(request: string, file: string): Promise<void> {
    if (sandboxName() === undefined) {
        process.exitCode = await enterSandbox();
        return;
    }
    const { instance, keys, changes } = JSON.parse(request) as Request;
    const outcomes: Outcome[] = [];
    const stage = await ChangeStage.start(INSTANCES[instance], keys);
    try {
        for (const name of changes) {
            const { prepare, set, act } = CHANGES[name] as Change;
            prepare?.(stage);
            outcomes.push(await stage.measure(name, set, () => act?.(stage) ?? Promise.resolve()));
            fs.writeFileSync(file, JSON.stringify(outcomes, undefined, 1));
            process.stderr.write(`${JSON.stringify(outcomes.at(-1))}\n`);
        }
    } finally {
        if (process.env.CHANGES_LOG) {
            fs.writeFileSync(process.env.CHANGES_LOG, stage.plane.processes.log("redis-operator"));
        }
        await stage.stop();
    }
}

main(process.argv[2] ?? "", process.argv[3] ?? "").catch((error: unknown) => {
    console.error(error instanceof Error ? error.stack : String(error));
    process.exitCode = 1;
});
