import * as fs from "node:fs";
import * as path from "node:path";

import { writeJson } from "../signals/caseFiles";
import type { RenderedRule } from "../signals/renderedRules";
import { failuresOf } from "../signals/promtoolRun";
import { Played, sideBySide, variantIn } from "./variants";

/** A rule with its mutants, and the cases that should tell them from it, the telling and the short ones first. */
export interface Trial<M> {
    readonly name: string;
    readonly mutants: readonly M[];
    readonly rendered: (mutant: M) => RenderedRule;
    /** A case with its rules, among them the rule as it should be. */
    readonly cases: readonly (() => Played & { readonly rule: RenderedRule })[];
}

const FILES_PER_RUN = 10;
/** Processes at once. */
const PARALLEL = 2;
/** The number of the variant without a change, which every case must accept. */
const UNCHANGED = 0;

interface Open<M> {
    readonly trial: Trial<M>;
    readonly alive: Set<M>;
}

/**
 * The mutants that survive every case of their rule. All that are left of a rule are played at once; in rounds, each
 * with twice as many cases for every rule as the one before, since most die in the first.
 */
export async function survivorsOf<M>(
    trials: readonly Trial<M>[],
    promtool: string,
    folder: string,
    progress: (text: string) => void,
): Promise<Map<Trial<M>, readonly M[]>> {
    const all = trials.map((trial): Open<M> => ({ trial, alive: new Set(trial.mutants) }));
    for (let first = 0, many = 1; ; first += many, many *= 2) {
        const plays = all
            .filter(({ alive }) => alive.size > 0)
            .flatMap(({ trial, alive }) =>
                trial.cases.slice(first, first + many).map((played) => ({ trial, alive, played })),
            );
        if (plays.length === 0) {
            break;
        }
        const left = all.reduce((sum, { alive }) => sum + alive.size, 0);
        progress(`${left} mutants left, ${plays.length} cases to play`);
        await inParallel(chunksOf(plays), (chunk) => playAll(chunk, promtool, folder));
    }
    return new Map(all.map(({ trial, alive }) => [trial, [...alive]]));
}

interface Play<M> extends Open<M> {
    readonly played: Trial<M>["cases"][number];
}

/** Takes those that die from `alive`; of those that cannot be evaluated first, since they end a test. */
async function playAll<M>(
    plays: readonly Play<M>[],
    promtool: string,
    folder: string,
): Promise<void> {
    const home = fs.mkdtempSync(path.join(folder, "run-"));
    let files = new Map<string, { play: Play<M>; order: M[] }>();
    const write = (play: Play<M>, i: number): void => {
        const order = [...play.alive];
        const file = order.length > 0 && written(play, order, path.join(home, String(i)));
        if (file) {
            files.set(file, { play, order });
        }
    };
    plays.forEach(write);
    while (files.size > 0) {
        const failures = await failuresOf(promtool, [...files.keys()]);
        const again: Play<M>[] = [];
        for (const [file, { play, order }] of files) {
            const texts = failures.get(file) ?? [];
            for (const text of texts) {
                const variant = variantIn(text);
                const mutant = variant === undefined ? undefined : order[variant - 1];
                if (mutant === undefined) {
                    throw new Error(
                        `${play.trial.name} without a change fails in ${file}:\n${text}`,
                    );
                }
                play.alive.delete(mutant);
            }
            if (texts.some((text) => /^\s*rule: /.test(text))) {
                again.push(play);
            }
        }
        files = new Map();
        again.forEach(write);
    }
    fs.rmSync(home, { recursive: true });
}

function written<M>(
    { trial, played }: Play<M>,
    order: readonly M[],
    folder: string,
): string | undefined {
    const own = played();
    const variants = new Map([
        [UNCHANGED, own.rule],
        ...order.map((mutant, i) => [i + 1, { ...own.rule, ...trial.rendered(mutant) }] as const),
    ]);
    const both = sideBySide(own, own.rule, variants);
    if (both === undefined) {
        return undefined;
    }
    fs.mkdirSync(folder, { recursive: true });
    const rules = writeJson(folder, "rules.json", both.rules);
    return writeJson(folder, "case.json", { ...both.test, rule_files: [rules] });
}

function chunksOf<T>(items: readonly T[]): T[][] {
    return Array.from({ length: Math.ceil(items.length / FILES_PER_RUN) }, (_, i) =>
        items.slice(i * FILES_PER_RUN, (i + 1) * FILES_PER_RUN),
    );
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
    const left = [...items];
    const worker = async (): Promise<void> => {
        for (let item = left.shift(); item; item = left.shift()) {
            await work(item);
        }
    };
    await Promise.all(Array.from({ length: PARALLEL }, worker));
}
