import * as fs from "node:fs";
import * as path from "node:path";

import { freePorts } from "../../lab/cluster/ports";
import type { Registration } from "../../lab/program/program";
import { eventually, run, start } from "../../lab/tools/commands";
import { tools } from "../../lab/tools/goTools";
import { Series, writeOpenMetrics } from "./ruleSeries";

/** Seconds between two samples, as the stacks scrape. */
const STEP = 30;
/** Seconds of data before now. */
const HISTORY = 40 * 60;
/** Seconds between two evaluations here; shorter than the stacks', so that a run takes minutes. */
const PACE = { interval: 10, rounds: 3 };

/** Of a PrometheusRule. */
export interface Group {
    readonly name: string;
    readonly interval?: string;
    readonly rules: readonly object[];
}

interface EvaluatedGroup {
    readonly file: string;
    readonly name: string;
    readonly evaluationTime: number;
    readonly lastEvaluation: string;
    readonly rules: readonly {
        readonly name: string;
        readonly evaluationTime: number;
        readonly lastError?: string;
        readonly alerts?: readonly { readonly state: string }[];
    }[];
}

export interface RuleTimes {
    /** Seconds of one evaluation, the median of several, by group and by the rule's name over all groups. */
    readonly groups: ReadonlyMap<string, number>;
    readonly rules: ReadonlyMap<string, number>;
    /** Seconds of one evaluation of everything. */
    readonly total: number;
    readonly activeAlerts: number;
}

/** The groups of every PrometheusRule that a program registers. */
export function ruleGroups(registrations: readonly Registration[]): Group[] {
    return registrations
        .map(({ inputs }) => inputs as { kind?: string; spec?: { groups: Group[] } })
        .flatMap(({ kind, spec }) => (kind === "PrometheusRule" ? (spec?.groups ?? []) : []));
}

/** Evaluates rules in a real Prometheus with given series, all at one pace. Throws when an evaluation fails. */
export async function evaluateRules(
    folder: string,
    groups: readonly Group[],
    series: readonly Series[],
    { interval, rounds } = PACE,
): Promise<RuleTimes> {
    const { prometheus, promtool } = await tools("prometheus", "promtool");
    const data = path.join(folder, "data");
    const input = path.join(folder, "series.txt");
    const end = Math.floor(Date.now() / 1000);
    writeOpenMetrics(input, series, { start: end - HISTORY, end, step: STEP });
    await run(promtool, ["tsdb", "create-blocks-from", "openmetrics", "--quiet", input, data]);
    fs.rmSync(input);

    const config = path.join(folder, "prometheus.json");
    // A file each: groups of several PrometheusRules may have the same name.
    const files = groups.map(({ name, rules }, i) => {
        const file = path.join(folder, `rules-${i}.json`);
        fs.writeFileSync(file, JSON.stringify({ groups: [{ name, rules }] }));
        return file;
    });
    const global = { evaluation_interval: `${interval}s` };
    fs.writeFileSync(config, JSON.stringify({ global, rule_files: files }));
    const [port = 0] = await freePorts(1);
    const stop = start(
        prometheus,
        [
            `--config.file=${config}`,
            `--storage.tsdb.path=${data}`,
            `--web.listen-address=127.0.0.1:${port}`,
            // The series end when they were written.
            "--query.lookback-delta=30m",
            "--log.level=error",
        ],
        process.env,
    );
    try {
        return summary(await evaluations(`http://127.0.0.1:${port}/api/v1/rules`, rounds));
    } finally {
        await stop();
    }
}

/** The groups after each of several evaluations; the first is left out, which finds nothing in memory. */
async function evaluations(url: string, rounds: number): Promise<EvaluatedGroup[][]> {
    const seen: EvaluatedGroup[][] = [];
    while (seen.length <= rounds) {
        const before = new Map(seen.at(-1)?.map((group) => [key(group), group.lastEvaluation]));
        const next = await eventually("an evaluation of every group", 300, async () => {
            const answer = (await (await fetch(url)).json()) as {
                data: { groups: EvaluatedGroup[] };
            };
            const { groups } = answer.data;
            const evaluated = groups.every(
                (group) =>
                    !group.lastEvaluation.startsWith("0001-") &&
                    before.get(key(group)) !== group.lastEvaluation,
            );
            return evaluated && groups.length > 0 ? groups : undefined;
        });
        const failed = next.flatMap(({ rules }) => rules).find(({ lastError }) => lastError);
        if (failed) {
            throw new Error(`${failed.name} cannot be evaluated: ${failed.lastError}`);
        }
        seen.push(next);
    }
    return seen.slice(1);
}

function key({ file, name }: EvaluatedGroup): string {
    return `${file} ${name}`;
}

function summary(all: readonly EvaluatedGroup[][]): RuleTimes {
    const byGroup = all.map((groups) =>
        sums(groups.map((group) => [group.name, group.evaluationTime])),
    );
    const byRule = all.map((groups) =>
        sums(
            groups.flatMap(({ rules }) =>
                rules.map(({ name, evaluationTime }): [string, number] => [name, evaluationTime]),
            ),
        ),
    );
    const totals = byGroup.map((groups) =>
        [...groups.values()].reduce((sum, each) => sum + each, 0),
    );
    const last = all.at(-1) ?? [];
    return {
        groups: medians(byGroup),
        rules: medians(byRule),
        total: median(totals),
        activeAlerts: last.flatMap(({ rules }) => rules).flatMap(({ alerts = [] }) => alerts)
            .length,
    };
}

function sums(entries: readonly (readonly [string, number])[]): Map<string, number> {
    const total = new Map<string, number>();
    for (const [name, value] of entries) {
        total.set(name, (total.get(name) ?? 0) + value);
    }
    return total;
}

function medians(all: readonly ReadonlyMap<string, number>[]): Map<string, number> {
    const names = [...(all[0]?.keys() ?? [])];
    return new Map(names.map((name) => [name, median(all.map((each) => each.get(name) ?? 0))]));
}

function median(values: readonly number[]): number {
    return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
