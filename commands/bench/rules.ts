import { seconds as secondsOf } from "../../components/settings/duration";
import { previewOf, withFolder } from "../../lab/program/runs";
import { dropsOf } from "../../lab/promql/drops";
import { expressionsOf } from "../../lab/promql/expressions";
import { parsePromql, selectorsOf } from "../../lab/promql/syntax";
import { recordedDumps, samplesKept } from "../catalogue/dropped";
import { redisPopulation, redisSettings } from "./redisPopulation";
import { seriesFor } from "./ruleSeries";
import { evaluateRules, ruleGroups } from "./ruleTimes";

const INSTANCES = [1, 50, 500];
/** Seconds between two evaluations in the stacks where a group has no interval of its own; the aim is to need less than 5 % of it. */
const INTERVAL = 30;
const SHOWN = 8;

/**
 * `npm run bench:rules`: the series of each kind of Redis pod with and without the drop list, and how long a real
 * Prometheus needs for every rule of staging with more and more Redis instances. Needs Go, or the binaries that
 * PROMETHEUS and PROMTOOL name.
 */
async function main(): Promise<void> {
    await printSeries();
    for (const count of INSTANCES) {
        await printTimes(count);
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
    const expressions = expressionsOf(registrations);
    const selectors = expressions.flatMap(({ text }) => selectorsOf(parsePromql(text)));
    const pods = redisPopulation(redis);
    const series = seriesFor(pods, selectors);
    const rendered = ruleGroups(registrations);
    const { total, groups, rules, activeAlerts } = await withFolder((folder) =>
        evaluateRules(folder, rendered, series),
    );
    const intervals = new Map(rendered.map(({ name, interval }) => [name, interval]));
    const busy = [...groups].map(([name, time]) => {
        const interval = intervals.get(name);
        return time / (interval ? secondsOf(interval) : INTERVAL);
    });
    console.log(
        `\n${count} Redis instances (${pods.length} pods, ${series.length} series that rules read), ` +
            `${expressions.length} rules in ${groups.size} groups, ${activeAlerts} alerts active:\n` +
            `  one evaluation of everything: ${seconds(total)}; at each group's interval ${percent(busy.reduce((sum, each) => sum + each, 0))} of the time`,
    );
    printSlowest("groups", groups);
    printSlowest("rules, over all groups", rules);
}

function printSlowest(what: string, times: ReadonlyMap<string, number>): void {
    console.log(`  slowest ${what}:`);
    const slowest = [...times].sort(([, a], [, b]) => b - a).slice(0, SHOWN);
    slowest.forEach(([name, time]) => console.log(`    ${name.padEnd(52)} ${seconds(time)}`));
}

function seconds(value: number): string {
    return `${(value * 1000).toFixed(1)} ms`;
}

function percent(share: number): string {
    return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}

void main();
