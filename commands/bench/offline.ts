import { spawnSync } from "node:child_process";
import * as path from "node:path";

import { ROOT } from "../../lab/program/stackFile";

const RUNS = 5;
const INSTANCES = [1, 10, 100, 500];
/** As `npm start` and `pulumi` load the program. */
const LOADER = ["-r", "./transpile.cjs"];

/** Times cold processes: the preview of both stacks, and a stack with more and more Redis instances. */
export function benchOffline(): void {
    console.log(`Offline, cold processes, ${RUNS} runs each (median, range):`);
    const both = times(() => runNode("commands/preview/main.ts"));
    console.log(`  npm start, both stacks: ${summary(both)}`);
    const medians = INSTANCES.map((count) => {
        const measured = times(() => runNode("commands/bench/instances.ts", String(count)));
        console.log(
            `  one stack, ${String(count).padStart(3)} Redis instances: ${summary(measured)}`,
        );
        return median(measured);
    });
    const [first, last] = [medians[0] ?? 0, medians.at(-1) ?? 0];
    const grown = (last - first) / ((INSTANCES.at(-1) ?? 0) - (INSTANCES[0] ?? 0));
    console.log(`  per instance: ${grown.toFixed(1)} ms`);
}

function runNode(script: string, ...args: readonly string[]): void {
    const { status, stderr } = spawnSync(process.execPath, [...LOADER, script, ...args], {
        cwd: path.resolve(ROOT),
        encoding: "utf8",
    });
    if (status !== 0) {
        throw new Error(`${script} ${args.join(" ")} failed:\n${stderr}`);
    }
}

function times(work: () => void): number[] {
    return Array.from({ length: RUNS }, () => {
        const start = performance.now();
        work();
        return performance.now() - start;
    });
}

export function median(values: readonly number[]): number {
    return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

/** `2.31 s (2.25-2.40)` of milliseconds. */
export function summary(values: readonly number[]): string {
    const seconds = (value: number): string => (value / 1000).toFixed(2);
    return `${seconds(median(values))} s (${seconds(Math.min(...values))}-${seconds(Math.max(...values))})`;
}
