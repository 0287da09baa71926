import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { imageProblem } from "../../lab/cluster/node/images";
import { nodeProblem } from "../../lab/cluster/node/realNode";
import { sandboxProblem } from "../../lab/cluster/node/sandbox";
import { redisOperatorProblem } from "../../lab/cluster/redisOperator";
import { run } from "../../lab/tools/commands";
import { CHANGES, Instance, INSTANCES } from "./changes/changes";
import type { Request } from "./changes/main";
import { fetchForChanges, Outcome } from "./changes/stage";

/** Keys that are there before anything is changed, unless a number is given. */
const KEYS = 1_000_000;
const ALL = Object.keys(INSTANCES) as readonly Instance[];

/** Why changes cannot be tried here; undefined when they can. */
export function changesProblem(): string | undefined {
    return redisOperatorProblem() ?? sandboxProblem() ?? nodeProblem() ?? imageProblem();
}

/** Names of the changes that an instance can have here, in their order. */
export function changesOf(instance: Instance): string[] {
    return Object.entries(CHANGES)
        .filter(
            ([, { instances, problem }]) =>
                instances.includes(instance) && problem?.() === undefined,
        )
        .map(([name]) => name);
}

/** Tries changes on an instance of its own, in a sandbox. */
export async function tryChanges(request: Request): Promise<Outcome[]> {
    await fetchForChanges();
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "observability-changes-"));
    try {
        const file = path.join(folder, "outcomes.json");
        const program = path.join(__dirname, "changes", "main.ts");
        const node = [process.execPath, "-r", "ts-node/register/transpile-only"];
        // It must not outlive this run.
        const args = [...node, program, JSON.stringify(request), file];
        await run("setpriv", ["--pdeathsig", "KILL", ...args]);
        return JSON.parse(fs.readFileSync(file, "utf8")) as Outcome[];
    } finally {
        fs.rmSync(folder, { recursive: true });
    }
}

/**
 * `npm run bench:redis -- changes`: what writers see of each change of an instance under the real operator, by instance.
 * Names of instances and a number of keys may be given.
 */
export async function printChanges(args: readonly string[]): Promise<void> {
    const numbers = args.filter((each) => /^[1-9]\d*$/.test(each));
    const names = args.filter((each) => !numbers.includes(each));
    const wrong = names.filter((each) => !ALL.some((known) => known === each));
    if (wrong.length > 0) {
        throw new Error(
            `got ${wrong.join(", ")}; allowed: ${ALL.map((each) => `"${each}"`).join(", ")}, and a number of keys`,
        );
    }
    const problem = changesProblem();
    if (problem) {
        throw new Error(`changes cannot be tried here: ${problem}`);
    }
    const keys = Number(numbers[0] ?? KEYS);
    console.log(
        row([
            ...["instance", "change", "whole again", "failed", "without a write"],
            ...["without a master", "several masters", "lost", "of keys"],
        ]),
    );
    for (const instance of ALL.filter((each) => names.length === 0 || names.includes(each))) {
        for (const outcome of await tryChanges({ instance, keys, changes: changesOf(instance) })) {
            print(instance, outcome);
        }
    }
}

function print(instance: Instance, outcome: Outcome): void {
    console.log(
        row([
            ...[instance, outcome.change],
            outcome.lacked ? "no" : seconds(outcome.took),
            String(outcome.failed),
            ...[outcome.longest, outcome.without, outcome.several].map(seconds),
            ...[String(outcome.lost), String(outcome.keys)],
        ]),
    );
    const { said, lacked, errors } = outcome;
    const why = Object.entries(errors).map(([text, count]) => `${count} times: ${text}`);
    for (const line of [...said, ...(lacked ? [lacked] : []), ...why]) {
        console.log(`      ${line}`);
    }
}

const WIDTHS = [13, 37, 12, 7, 16, 17, 16, 6];

function row(cells: readonly string[]): string {
    return `  ${cells.map((cell, i) => cell.padEnd(WIDTHS[i] ?? 0)).join(" ")}`.trimEnd();
}

function seconds(milliseconds: number): string {
    return `${(milliseconds / 1000).toFixed(1)} s`;
}
