import * as fs from "node:fs";
import * as path from "node:path";

import { freePorts } from "../../lab/cluster/ports";
import { previewOf } from "../../lab/program/runs";
import { dashboardsOf, GrafanaDashboard } from "../../lab/promql/dashboards";
import { expressionsOf } from "../../lab/promql/expressions";
import { parsePromql, Selector, selectorsOf } from "../../lab/promql/syntax";
import { eventually, run, start } from "../../lab/tools/commands";
import { tools } from "../../lab/tools/goTools";
import { writeOpenMetrics } from "../bench/ruleSeries";
import { Group, ruleGroups } from "../bench/ruleTimes";
import { lively } from "./liveliness";
import { NOW } from "./now";
import { NAMESPACE } from "./redisTargets";
import { otherSeries, redisSeries } from "./world";

const HOUR = 3600;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
/** Seconds between two evaluations of the rules. */
const EVALUATION = 120;

const SIZE = { memory: "256Mi", storageSize: "1Gi" };
/** A staging stack with one Redis of each mode, and the delivery tools that have a dashboard. */
export const CHANGES = {
    redis: {
        [NAMESPACE]: {
            instances: {
                cache: { mode: "standalone", ...SIZE },
                orders: { mode: "replication", replicas: 3, ...SIZE },
                sessions: { mode: "sentinel", replicas: 3, ...SIZE },
                carts: { mode: "cluster", shards: 3, ...SIZE },
            },
        },
    },
    delivery: { flux: {}, argocd: {} },
    dashboards: {
        prices: { currency: "EUR", cpu: 20, memoryGi: 3, storageGi: 0.1 },
    },
};

/** What a query has as its result. */
export interface Found {
    readonly metric: Readonly<Record<string, string>>;
    readonly values: readonly (readonly [at: number, value: string])[];
}

export interface Stage {
    readonly dashboards: readonly GrafanaDashboard[];
    /** Asks at a time, or from one on with a step, in seconds. */
    readonly ask: (query: string, range?: { from: number; step: number }) => Promise<Found[]>;
}

/**
 * A real Prometheus that holds a day, and of some metrics a week, of what dashboards and rules read, and what the rules of
 * the stack record and fire of it; with the stack's dashboards.
 */
export async function withStage(
    folder: string,
    use: (stage: Stage) => Promise<void>,
): Promise<void> {
    const { registrations } = await previewOf("staging", CHANGES);
    const expressions = expressionsOf(registrations);
    const read = new Set(expressions.flatMap(namesIn));
    const shown = expressions.filter(({ place }) => /(backups|capacity)\.json/.test(place));
    const ofAWeek = new Set(shown.flatMap(namesIn));
    // And what is recorded of it.
    ofAWeek.delete("ALERTS");
    const aWeek = new Set([
        ...ofAWeek,
        ...expressions.filter(({ record = "" }) => ofAWeek.has(record)).flatMap(namesIn),
    ]);
    const series = lively([...redisSeries(read), ...otherSeries(read, NOW)]);
    const { prometheus, promtool } = await tools("prometheus", "promtool");
    const data = path.join(folder, "data");
    const blocks = async (write: (file: string) => void): Promise<void> => {
        const file = path.join(folder, "series.txt");
        write(file);
        const create = ["tsdb", "create-blocks-from", "openmetrics", "--quiet"];
        await run(promtool, [...create, "--max-block-duration=745h", file, data]);
        fs.rmSync(file);
    };
    const scraped = (which: RegExp, from: number, end: number, step: number) =>
        blocks((file) =>
            writeOpenMetrics(
                file,
                series.filter(({ name }) => which.test(name)),
                () => ({ start: NOW - from, end: NOW - end, step }),
            ),
        );
    // Rules look back a day; graphs with many lines an hour.
    await scraped(/./, 1.5 * HOUR, 0, 30);
    await scraped(COUNTED, DAY + HOUR, 1.5 * HOUR + 30, 60);
    await scraped(
        new RegExp(`^(?!.*_bucket$)(?!${COUNTED.source})`),
        DAY + HOUR,
        1.5 * HOUR + 30,
        120,
    );
    await scraped(new RegExp(`^(${[...aWeek].join("|")})$`), WEEK + HOUR, DAY + HOUR + 120, 120);
    // This hour against a week ago.
    await scraped(
        /^redis_commands_(total|duration_seconds|processed)/,
        WEEK + 1.5 * HOUR,
        WEEK,
        30,
    );

    for (const rules of levels(ruleGroups(registrations))) {
        await withPrometheus(prometheus, folder, async (ask) => {
            // By the series: two rules may record the same.
            const lines = new Map<string, string>();
            for (const rule of rules) {
                for (const { metric, values } of await ask(rule.expr, {
                    from: NOW - (aWeek.has(rule.record) ? WEEK : DAY),
                    step: EVALUATION,
                })) {
                    recordedLines(rule, metric, values).forEach((text, of) => lines.set(of, text));
                }
            }
            await blocks((file) =>
                fs.writeFileSync(file, `${[...lines.values()].join("")}# EOF\n`),
            );
        });
    }
    const dashboards = dashboardsOf(registrations).map(({ dashboard }) => dashboard);
    await withPrometheus(prometheus, folder, (ask) => use({ dashboards, ask }));
}

/** What objectives count, over windows that need two samples. */
const COUNTED = /^(otelcol_|fluentbit_|redis_errors|redis_commands_processed|redis_rejected)/;

/** A Prometheus on what is there, which scrapes nothing. */
async function withPrometheus(
    prometheus: string,
    folder: string,
    use: (ask: Stage["ask"]) => Promise<void>,
): Promise<void> {
    const config = path.join(folder, "prometheus.json");
    fs.writeFileSync(config, "{}");
    const [port = 0] = await freePorts(1);
    const address = `127.0.0.1:${port}`;
    const stop = start(
        prometheus,
        [
            ...[`--config.file=${config}`, `--storage.tsdb.path=${path.join(folder, "data")}`],
            ...[`--web.listen-address=${address}`, "--storage.tsdb.retention.time=100y"],
            // What is recorded seldom.
            ...["--query.lookback-delta=6m", "--log.level=error"],
        ],
        process.env,
    );
    try {
        const ready = async () =>
            (await fetch(`http://${address}/-/ready`)).ok ? true : undefined;
        await eventually("Prometheus", 120, ready, 100);
        await use(async (query, range) => {
            const to = String(NOW);
            const body = new URLSearchParams(
                range
                    ? { query, start: String(range.from), end: to, step: String(range.step) }
                    : { query, time: to },
            );
            const what = range ? "query_range" : "query";
            const answer = await fetch(`http://${address}/api/v1/${what}`, {
                method: "POST",
                body,
            });
            const { status, error, data } = (await answer.json()) as {
                status: string;
                error?: string;
                data?: { result: (Found & { value?: Found["values"][number] })[] };
            };
            if (status !== "success" || !data) {
                throw new Error(`${query}: ${String(error)}`);
            }
            return data.result.map(({ metric, values, value }) => ({
                metric,
                values: values ?? (value ? [value] : []),
            }));
        });
    } finally {
        await stop();
    }
}

interface Recorded {
    readonly record: string;
    readonly expr: string;
    readonly labels: Readonly<Record<string, string>>;
}

/** What a rule writes of one result, by the series. An alert also writes since when it is active. */
function recordedLines(
    { record, labels }: Recorded,
    metric: Found["metric"],
    values: Found["values"],
): ReadonlyMap<string, string> {
    const written = (name: string, of: typeof values, ...but: readonly string[]) => {
        const text = Object.entries(all)
            .filter(([label, value]) => value !== "" && !["__name__", ...but].includes(label))
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([label, value]) => `${label}=${JSON.stringify(value)}`);
        const series = `${name}{${text.join(",")}}`;
        return [series, of.map(([at, value]) => `${series} ${value} ${at}\n`).join("")] as const;
    };
    const all = { ...metric, ...labels };
    const since = values.map(([at]) => [at, String(values[0]?.[0])] as const);
    return new Map([
        written(record, values),
        ...(record === "ALERTS" ? [written("ALERTS_FOR_STATE", since, "alertstate")] : []),
    ]);
}

/**
 * The rules in the order in which they read one another. An alert is a rule, too, that records `ALERTS` where it has fired;
 * it fires at once.
 */
function levels(groups: readonly Group[]): Recorded[][] {
    const found: Recorded[][] = [];
    let waiting = groups
        .flatMap((group) => group.rules as (Partial<Recorded> & { alert?: string; expr: string })[])
        .map(({ record, alert = "", expr, labels = {} }): Recorded => {
            const fired = { ...labels, alertname: alert, alertstate: "firing" };
            return record === undefined
                ? { record: "ALERTS", expr: `(${expr}) ^ 0`, labels: fired }
                : { record, expr, labels };
        });
    while (waiting.length > 0) {
        const missing = new Set(waiting.map(({ record }) => record));
        const ready = waiting.filter(
            ({ expr }) => !namesIn({ text: expr }).some((name) => missing.has(name)),
        );
        // Alerts that others silence read one another.
        const next = ready.length > 0 ? ready : waiting;
        found.push(next);
        waiting = waiting.filter((rule) => !next.includes(rule));
    }
    return found;
}

/** The metrics that an expression reads. */
function namesIn({ text }: { readonly text: string }): string[] {
    return selectorsOf(parsePromql(text)).flatMap(({ name, matchers }: Selector) =>
        name !== undefined
            ? [name]
            : matchers.flatMap(({ label, value }) =>
                  label === "__name__" ? value.split("|") : [],
              ),
    );
}
