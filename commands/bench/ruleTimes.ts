import { once } from "node:events";
import * as fs from "node:fs";
import * as http from "node:http";
import type { AddressInfo } from "node:net";
import * as path from "node:path";
import { setTimeout } from "node:timers/promises";

import { seconds as secondsOf } from "../../components/settings/duration";
import { freePorts } from "../../lab/cluster/ports";
import type { Registration } from "../../lab/program/program";
import { eventually, run, start } from "../../lab/tools/commands";
import { tools } from "../../lab/tools/goTools";
import { STALENESS } from "./lookbacks";
import { exposition, Series, writeOpenMetrics } from "./ruleSeries";

/** Seconds between two samples, as the stacks scrape. */
const STEP = 30;
/**
 * `interval`: seconds between two evaluations here, shorter than the stacks', so that a run takes minutes. `inMemory`: seconds
 * of scrapes before the first one that counts. The history is on disk, where the very same samples cost several times as
 * much; the last two hours of a Prometheus in use are in its memory, and most rules look back for five minutes.
 */
export interface Pace {
    readonly interval: number;
    readonly rounds: number;
    readonly inMemory?: number;
}
const PACE: Pace = { interval: 10, rounds: 3, inMemory: STALENESS + 2 * STEP };

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
 * Evaluates rules in a real Prometheus, all at one pace. Series have a history as long as anything looks back, and are
 * scraped from then on. Throws when an evaluation fails.
 */
export async function evaluateRules(
    folder: string,
    { groups, series, lookbacks }: Evaluation,
    { interval, rounds, inMemory = 0 }: Pace = PACE,
    /** What else is asked of the Prometheus, once it has evaluated everything. */
    ask: (api: string) => Promise<void> = () => Promise.resolve(),
): Promise<RuleTimes> {
    const { prometheus, promtool } = await tools("prometheus", "promtool");
    const data = path.join(folder, "data");
    const input = path.join(folder, "series.txt");
    const end = Math.floor(Date.now() / 1000);
    const steps = stepsOf(groups);
    writeOpenMetrics(input, series, ({ name }) => {
        const step = steps.get(name) ?? STEP;
        return { start: end - (lookbacks.get(name) ?? 0) - step, end, step };
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
    // What rules record goes on by itself.
    const exporter = await serve(series.filter(({ name }) => !steps.has(name)));
    fs.writeFileSync(
        config,
        JSON.stringify({
            global: { evaluation_interval: `${interval}s`, scrape_interval: `${STEP}s` },
            rule_files: files,
            scrape_configs: [
                {
                    job_name: "series",
                    honor_labels: true,
                    scrape_timeout: `${STEP}s`,
                    static_configs: [{ targets: [exporter.address] }],
                },
            ],
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
        await setTimeout(inMemory * 1000);
        const times = summary(await evaluations(`${api}/rules`, rounds));
        await ask(api);
        return { ...times, recorded: await recordedSeries(api) };
    } finally {
        await stop();
        exporter.close();
    }
}

/** What Prometheus scrapes: series, as they are at that time. */
async function serve(series: readonly Series[]): Promise<{ address: string; close: () => void }> {
    const server = http.createServer((_, response) => {
        response.setHeader("Content-Type", "text/plain; version=0.0.4");
        response.end(exposition(series, Date.now() / 1000));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    return {
        address: `127.0.0.1:${port}`,
        close: () => {
            server.close();
            server.closeAllConnections();
        },
    };
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
