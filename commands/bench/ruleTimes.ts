import * as fs from "node:fs";
import * as path from "node:path";

import { seconds as secondsOf } from "../../components/settings/duration";
import { freePorts } from "../../lab/cluster/ports";
import type { Registration } from "../../lab/program/program";
import { eventually, run, start } from "../../lab/tools/commands";
import { tools } from "../../lab/tools/goTools";
import { Series, writeOpenMetrics } from "./ruleSeries";

/** Seconds between two samples, as the stacks scrape. */
const STEP = 30;
/** Seconds after now for which series go on: while they are read into Prometheus, and evaluated. */
const AHEAD = 40 * 60;
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
    /** Names of the alerts that are pending or firing, each as often as it is. */
    readonly activeAlerts: readonly string[];
    /** What the recording rules have written. */
    readonly recorded: readonly Series[];
}

/** The groups of every PrometheusRule that a program registers. */
export function ruleGroups(registrations: readonly Registration[]): Group[] {
    return registrations
        .map(({ inputs }) => inputs as { kind?: string; spec?: { groups: Group[] } })
        .flatMap(({ kind, spec }) => (kind === "PrometheusRule" ? (spec?.groups ?? []) : []));
}

export interface Evaluation {
    readonly groups: readonly Group[];
    readonly series: readonly Series[];
    /** Seconds before an evaluation that rules read of each metric. */
    readonly lookbacks: ReadonlyMap<string, number>;
}

/**
 * Evaluates rules in a real Prometheus, all at one pace, with series that are there for as long as anything looks back
 * and until the end. Throws when an evaluation fails, or when it takes so long that the series end.
 */
export async function evaluateRules(
    folder: string,
    { groups, series, lookbacks }: Evaluation,
    { interval, rounds } = PACE,
): Promise<RuleTimes> {
    const { prometheus, promtool } = await tools("prometheus", "promtool");
    const data = path.join(folder, "data");
    const input = path.join(folder, "series.txt");
    const now = Math.floor(Date.now() / 1000);
    const end = now + AHEAD;
    const steps = stepsOf(groups);
    writeOpenMetrics(input, series, ({ name }) => {
        const step = steps.get(name) ?? STEP;
        return { start: now - (lookbacks.get(name) ?? 0) - step, end, step };
    });
    await run(promtool, [
        ...["tsdb", "create-blocks-from", "openmetrics", "--quiet", "--max-block-duration=745h"],
        ...[input, data],
    ]);
    fs.rmSync(input);

    const config = path.join(folder, "prometheus.json");
    // A file each: groups of several PrometheusRules may have the same name.
    const files = groups.map(({ name, rules }, i) => {
        const file = path.join(folder, `rules-${i}.json`);
        fs.writeFileSync(file, JSON.stringify({ groups: [{ name, rules }] }));
        return file;
    });
    fs.writeFileSync(
        config,
        JSON.stringify({
            global: { evaluation_interval: `${interval}s` },
            rule_files: files,
            // What rules write is older than the end of the series.
            storage: { tsdb: { out_of_order_time_window: "2h" } },
        }),
    );
    const [port = 0] = await freePorts(1);
    const stop = start(
        prometheus,
        [
            `--config.file=${config}`,
            `--storage.tsdb.path=${data}`,
            `--web.listen-address=127.0.0.1:${port}`,
            "--storage.tsdb.retention.time=100d",
            "--log.level=error",
        ],
        process.env,
    );
    const api = `http://127.0.0.1:${port}/api/v1`;
    try {
        const times = summary(await evaluations(`${api}/rules`, rounds));
        const recorded = await recordedSeries(api);
        if (Date.now() / 1000 > end) {
            throw new Error(
                `the series end ${AHEAD / 60} minutes after they were written, and that was before the last evaluation: run it on a faster machine, or raise AHEAD in commands/bench/ruleTimes.ts`,
            );
        }
        return { ...times, recorded };
    } finally {
        await stop();
    }
}

/** Seconds between two samples of what a group records; a name in several groups has the shortest. */
function stepsOf(groups: readonly Group[]): Map<string, number> {
    const steps = new Map<string, number>();
    for (const { interval, rules } of groups) {
        const step = interval === undefined ? STEP : secondsOf(interval);
        for (const { record } of rules as { record?: string }[]) {
            if (record !== undefined) {
                steps.set(record, Math.min(steps.get(record) ?? Infinity, step));
            }
        }
    }
    return steps;
}

/** What rules have written, as it is now. */
async function recordedSeries(api: string): Promise<Series[]> {
    const query = encodeURIComponent('{__name__=~".+:.+"}');
    const answer = (await (await fetch(`${api}/query?query=${query}`)).json()) as {
        data: {
            result: { metric: Readonly<Record<string, string>>; value: [number, string] }[];
        };
    };
    return answer.data.result.map(({ metric, value: [, value] }) => {
        const { __name__: name = "", ...labels } = metric;
        return { name, labels, value: Number(value), perSecond: 0 };
    });
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

function summary(all: readonly EvaluatedGroup[][]): Omit<RuleTimes, "recorded"> {
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
        activeAlerts: last
            .flatMap(({ rules }) => rules)
            .flatMap(({ name, alerts = [] }) => alerts.map(() => name)),
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
