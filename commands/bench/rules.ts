import { seconds as secondsOf } from "../../components/settings/duration";
import { previewOf, withFolder } from "../../lab/program/runs";
import { dashboardsOf } from "../../lab/promql/dashboards";
import { dropsOf } from "../../lab/promql/drops";
import { expressionsOf } from "../../lab/promql/expressions";
import { parsePromql, selectorsOf } from "../../lab/promql/syntax";
import { recordedDumps, samplesKept } from "../catalogue/dropped";
import { expectedResults, wrongResults } from "./expectedResults";
import { lookbacks } from "./lookbacks";
import { besideRedis } from "./besideRedis";
import { Choice, chosenValues, panelQueries, panelTimes } from "./panelTimes";
import { redisPopulation, redisSettings } from "./redisPopulation";
import { Series, seriesFor } from "./ruleSeries";
import { evaluateRules, Pace, ruleGroups, RuleTimes } from "./ruleTimes";

/** Without arguments; 2000 takes gigabytes of disk and a quarter of an hour. */
const INSTANCES = [1, 50, 500];
/** Seconds between two evaluations in the stacks where a group has no interval of its own; the aim is to need less than 5 % of it. */
const INTERVAL = 30;
const SHOWN = 8;
/** An argument: of dashboards alone. */
const PANELS = "panels";
/** Seconds that a query of a panel should need at most. */
const PANEL_AIM = 0.05;
/**
 * Alerts on what a cluster has once, whose selectors ask for series of a fault: they are active with any number of
 * instances.
 */
const ANYWAY: ReadonlySet<string> = new Set([
    "FluxReleaseRolledBack",
    "FluxStalled",
    "FluxSuspended",
    "HorizontalPodAutoscalerInactive",
    "IstioHighErrorRate",
    "RedisOperatorDown",
    "RedisReconcileSkipped",
    "TargetMissing",
]);

/**
 * `npm run bench:rules`: the series of each kind of Redis pod with and without the drop list, and how long a real
 * Prometheus needs for every rule of staging with more and more Redis instances, or with as many as given:
 * `npm run bench:rules -- 2000`; then the times of each panel of the dashboards, with `panels` these alone. Fails when
 * the rules find something else than a population in health. Needs Go, or the binaries that PROMETHEUS and PROMTOOL name.
 */
async function main(args: readonly string[]): Promise<void> {
    const numbers = args.filter((each) => each !== PANELS);
    const wrong = numbers.filter((each) => !/^[1-9]\d*$/.test(each));
    if (wrong.length > 0) {
        throw new Error(
            `got ${wrong.join(", ")}; allowed: numbers of Redis instances, such as 500, and ${PANELS}`,
        );
    }
    const panelsAlone = numbers.length < args.length;
    if (!panelsAlone) {
        await printSeries();
    }
    for (const count of numbers.length > 0 ? numbers.map(Number) : INSTANCES) {
        if (!panelsAlone) {
            await printTimes(count);
        }
        await printPanels(count);
    }
}

async function printSeries(): Promise<void> {
    const [drop] = dropsOf((await previewOf("staging")).registrations);
    console.log("Series of one pod, exposed and stored:");
    for (const { name, samples } of recordedDumps()) {
        const stored = samplesKept(samples, drop?.pattern ?? /^$/).length;
        const fewer = percent(1 - stored / samples.length);
        console.log(`  ${name.padEnd(20)} ${samples.length} -> ${stored} (${fewer} fewer)`);
    }
}

async function printTimes(count: number): Promise<void> {
    const redis = redisSettings(count);
    const { registrations } = await previewOf("staging", { redis });
    const expressions = expressionsOf(registrations).filter(({ dashboard }) => !dashboard);
    const parsed = expressions.map(({ text }) => parsePromql(text));
    const pods = redisPopulation(redis);
    const series = besideRedis(seriesFor(pods, parsed.flatMap(selectorsOf)));
    const rendered = ruleGroups(registrations);
    const evaluate = (all: readonly Series[], pace?: Pace): Promise<RuleTimes> =>
        withFolder((folder) =>
            evaluateRules(
                folder,
                { groups: rendered, series: all, lookbacks: lookbacks(parsed) },
                pace,
            ),
        );
    // What rules record is read by others, far back: the first run tells which series these are. What is recorded of what is recorded is there
    // one evaluation later, in whatever order groups have theirs.
    const { recorded: found } = await evaluate(series, { interval: 10, rounds: 3 });
    const { total, groups, rules, activeAlerts, recorded } = await evaluate([...series, ...found]);
    const wrong = wrongResults(found, expectedResults(pods, count));
    const active = activeAlerts.filter((each) => !ANYWAY.has(each));
    if (wrong.length + active.length > 0) {
        throw new Error(
            [
                `the rules find something else than ${count} Redis instances in health, and their times say nothing:`,
                ...wrong,
                ...(active.length > 0 ? [`active: ${counted(active)}`] : []),
            ].join("\n  "),
        );
    }
    const intervals = new Map(rendered.map(({ name, interval }) => [name, interval]));
    const busy = [...groups].map(([name, time]) => {
        const interval = intervals.get(name);
        return time / (interval ? secondsOf(interval) : INTERVAL);
    });
    console.log(
        `\n${count} Redis instances (${pods.length} pods, ${series.length} series that rules read, ${recorded.length} that they record), ` +
            `${expressions.length} rules in ${groups.size} groups, ${activeAlerts.length} alerts active:\n` +
            `  one evaluation of everything: ${seconds(total)}; at each group's interval ${percent(busy.reduce((sum, each) => sum + each, 0))} of the time`,
    );
    printSlowest("groups", groups);
    printSlowest("rules, over all groups", rules);
}

/** Asks each panel its queries, with All chosen and as a dashboard opens. */
async function printPanels(count: number): Promise<void> {
    const redis = redisSettings(count);
    const { registrations } = await previewOf("staging", { redis });
    const pods = redisPopulation(redis);
    const dashboards = dashboardsOf(registrations);
    const texts = [
        ...expressionsOf(registrations)
            .filter(({ dashboard }) => !dashboard)
            .map(({ text }) => text),
        ...panelQueries(dashboards).map((each) => each.query),
    ];
    const series = besideRedis(
        seriesFor(
            pods,
            texts.flatMap((text) => selectorsOf(parsePromql(text))),
        ),
    );
    // An hour of what panels show; what rules read far back, only the evaluation has.
    const hour = new Map(series.map(({ name }) => [name, 3600]));
    const choices: readonly Choice[] = ["at first", "All"];
    await withFolder((folder) =>
        evaluateRules(
            folder,
            { groups: ruleGroups(registrations), series, lookbacks: hour },
            { interval: 60, rounds: 1 },
            async (api) => {
                console.log(
                    `\nDashboards with ${count} Redis instances (${pods.length} pods, ${await seriesIn(api)} series):`,
                );
                for (const choice of choices) {
                    const chosen = await chosenValues(api, dashboards, choice);
                    const queries = panelQueries(dashboards, chosen);
                    const times = await panelTimes(api, queries);
                    const slow = [...times].filter(([, time]) => time > PANEL_AIM);
                    console.log(
                        `  chosen ${choice}: ${times.size} panels with ${queries.length} queries, ${slow.length} above ${seconds(PANEL_AIM)}`,
                    );
                    printSlowest("panels", times, Math.max(SHOWN, slow.length));
                }
            },
        ),
    );
}

async function seriesIn(api: string): Promise<number> {
    const answer = (await (await fetch(`${api}/status/tsdb`)).json()) as {
        data: { headStats: { numSeries: number } };
    };
    return answer.data.headStats.numSeries;
}

function counted(names: readonly string[]): string {
    const counts = new Map<string, number>();
    names.forEach((name) => counts.set(name, (counts.get(name) ?? 0) + 1));
    return [...counts].map(([name, count]) => `${count} ${name}`).join(", ");
}

function printSlowest(what: string, times: ReadonlyMap<string, number>, shown = SHOWN): void {
    console.log(`  slowest ${what}:`);
    const slowest = [...times].sort(([, a], [, b]) => b - a).slice(0, shown);
    slowest.forEach(([name, time]) => console.log(`    ${name.padEnd(52)} ${seconds(time)}`));
}

function seconds(value: number): string {
    return `${(value * 1000).toFixed(1)} ms`;
}

function percent(share: number): string {
    return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}

main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(`\n${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
});
