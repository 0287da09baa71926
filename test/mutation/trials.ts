import * as fs from "node:fs";
import * as path from "node:path";

import { runStatus } from "./promtoolRun";

/** A mutant, and one file for `promtool test rules` after the other that should fail with it. */
export interface Trial {
    readonly name: string;
    /** Written to the given folder when it is its turn; returns the file's path. */
    readonly tests: readonly ((folder: string) => string)[];
}

const FILES_PER_RUN = 40;
/** Processes at once. */
const PARALLEL = 2;

/**
 * The trials that survive all of their tests. In rounds: first the first test of each, then the second of those that are
 * left, since most die at once; many files for each process, since starting one takes longer than most tests.
 */
export async function survivorsOf(
    trials: readonly Trial[],
    promtool: string,
    folder: string,
    progress: (text: string) => void,
): Promise<Trial[]> {
    let alive = [...trials];
    const survivors: Trial[] = [];
    for (let round = 0; alive.length > 0; round++) {
        const open = alive.filter(({ tests }) => tests.length > round);
        survivors.push(...alive.filter(({ tests }) => tests.length <= round));
        progress(`round ${round + 1}: ${open.length} mutants`);
        const killed = await killedBy(open, round, promtool, folder);
        alive = open.filter((trial) => !killed.has(trial));
    }
    return survivors;
}

async function killedBy(
    trials: readonly Trial[],
    round: number,
    promtool: string,
    folder: string,
): Promise<Set<Trial>> {
    const killed = new Set<Trial>();
    const chunks = Array.from({ length: Math.ceil(trials.length / FILES_PER_RUN) }, (_, i) =>
        trials.slice(i * FILES_PER_RUN, (i + 1) * FILES_PER_RUN),
    );
    const worker = async (): Promise<void> => {
        for (let chunk = chunks.pop(); chunk; chunk = chunks.pop()) {
            const home = fs.mkdtempSync(path.join(folder, "run-"));
            const files = new Map(
                chunk.map((trial, i) => {
                    const own = path.join(home, String(i));
                    fs.mkdirSync(own);
                    return [trial.tests[round]?.(own) ?? "", trial];
                }),
            );
            const failed = await runStatus(promtool, [...files.keys()]);
            files.forEach((trial, file) => failed.has(file) && killed.add(trial));
            fs.rmSync(home, { recursive: true });
        }
    };
    await Promise.all(Array.from({ length: PARALLEL }, worker));
    return killed;
}
