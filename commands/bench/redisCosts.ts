import { kubernetesObjects, ofKind } from "../../lab/program/objects";
import type { ProgramRun } from "../../lab/program/program";
import { previewOf, withFolder } from "../../lab/program/runs";
import type { Settings } from "../../lab/program/stackFile";
import { dropsOf } from "../../lab/promql/drops";
import { expressionsOf } from "../../lab/promql/expressions";
import { parsePromql, selectorsOf } from "../../lab/promql/syntax";
import { operatorServices, operatorWorkloads } from "../../lab/redisServices";
import { recordedDumps, samplesKept } from "../catalogue/dropped";
import { lookbacks } from "./lookbacks";
import { redisPopulation } from "./redisPopulation";
import type { Mode } from "./redisServers";
import { seriesFor } from "./ruleSeries";
import { evaluateRules, ruleGroups } from "./ruleTimes";

const SIZE = { memory: "256Mi", storageSize: "1Gi" };
/** As the failovers above have them. */
const INSTANCES: Readonly<Record<Mode, Settings>> = {
    standalone: { mode: "standalone", ...SIZE },
    replication: { mode: "replication", replicas: 3, ...SIZE },
    sentinel: { mode: "sentinel", replicas: 3, ...SIZE },
    cluster: { mode: "cluster", shards: 3, ...SIZE },
};
/** Kinds of the operator. */
const KINDS = ["Redis", "RedisReplication", "RedisSentinel", "RedisCluster"];
/** Between so many instances and so many, what one costs is told from what the platform does. */
const FEW = 10;
const MANY = 110;

/** What one more instance in a namespace that is there costs, by mode. */
export async function printCosts(): Promise<void> {
    console.log("\nOne more instance of staging, in a namespace that has some:");
    for (const [mode, instance] of Object.entries(INSTANCES)) {
        const [one, two] = [await runOf(instance, 1), await runOf(instance, 2)];
        const objects = kubernetesObjects(two).length - kubernetesObjects(one).length;
        const made = madeBy(two) - madeBy(one);
        const rules = ruleCount(two) - ruleCount(one);
        const few = await evaluation(instance, FEW);
        const many = await evaluation(instance, MANY);
        const each = (value: (of: typeof few) => number) =>
            (value(many) - value(few)) / (MANY - FEW);
        console.log(
            `  ${mode}: ${objects} objects of ours, ${made} StatefulSets and Services of the operator, ${rules} more of the rules;\n` +
                `    series: ${stored(two, instance)} of its exporters, ${Math.round(each(({ read }) => read))} that rules read, those of others included, ` +
                `${each(({ recorded }) => recorded).toFixed(0)} that they record; ${(each(({ total }) => total) * 1000).toFixed(1)} ms of an evaluation of everything`,
        );
    }
}

function runOf(instance: Settings, count: number): Promise<ProgramRun> {
    return previewOf("staging", { redis: settingsOf(instance, count) });
}

function settingsOf(instance: Settings, count: number): Settings {
    const instances = Array.from({ length: count }, (_, i) => [`redis-${i}`, instance]);
    return { team: { instances: Object.fromEntries(instances) as Settings } };
}

function madeBy(run: ProgramRun): number {
    return ofKind(run, ...KINDS).reduce(
        (sum, { kind, name }) =>
            sum + operatorWorkloads(kind, name).length + operatorServices(kind, name, {}).length,
        0,
    );
}

function ruleCount({ registrations }: ProgramRun): number {
    return ruleGroups(registrations).reduce((sum, { rules }) => sum + rules.length, 0);
}

/** Series of the exporters of one instance that Prometheus keeps, as they were recorded. */
function stored({ registrations }: ProgramRun, instance: Settings): number {
    const [drop] = dropsOf(registrations);
    const samples = new Map(recordedDumps().map(({ name, samples }) => [name, samples]));
    return redisPopulation(settingsOf(instance, 1)).reduce(
        (sum, { dump }) => sum + samplesKept(samples.get(dump) ?? [], drop?.pattern ?? /^$/).length,
        0,
    );
}

/** Seconds of one evaluation of all rules with so many instances in health, and series that they read and record. */
async function evaluation(
    instance: Settings,
    count: number,
): Promise<{ readonly total: number; readonly read: number; readonly recorded: number }> {
    const redis = settingsOf(instance, count);
    const { registrations } = await previewOf("staging", { redis });
    const parsed = expressionsOf(registrations)
        .filter(({ dashboard }) => !dashboard)
        .map(({ text }) => parsePromql(text));
    const series = seriesFor(redisPopulation(redis), parsed.flatMap(selectorsOf));
    return withFolder(async (folder) => {
        const { total, recorded } = await evaluateRules(folder, {
            groups: ruleGroups(registrations),
            series,
            lookbacks: lookbacks(parsed),
        });
        return { total, read: series.length, recorded: recorded.length };
    });
}
