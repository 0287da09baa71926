import { execFile } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { LEAD, notation, STEP } from "./curve";
import { Incident, worldOf } from "./incident";
import { addPlatform, World } from "./world";

export type Labels = Readonly<Record<string, string>>;

/** Alerts that begin or end at an evaluation. */
export interface Transition {
    /** Seconds after the incident began. */
    readonly at: number;
    readonly firing: readonly Labels[];
    readonly ended: readonly Labels[];
}

interface Group {
    readonly name: string;
}

/**
 * What Prometheus' own rule evaluation makes of incidents, each of a namespace of its own, which share a cluster: the
 * firing alerts of each evaluation, from promtool, which prints them as what it did not expect.
 */
export async function evaluate(
    promtool: string,
    folder: string,
    groups: readonly Group[],
    incidents: readonly Incident[],
): Promise<Map<Incident, Transition[]>> {
    const rules = path.join(folder, "rules.json");
    fs.writeFileSync(rules, JSON.stringify({ groups }));
    const minutes = Math.max(...incidents.map((each) => each.minutes));
    const evaluations = Array.from(
        { length: ((LEAD + minutes) * 60) / STEP },
        (_, i) => (i + 1) * STEP,
    );
    const shared = incidents.some(({ cluster }) => cluster)
        ? []
        : addPlatform(new World("", [])).series;
    const series = [...shared, ...incidents.flatMap((each) => worldOf(each).series)];
    const file = path.join(folder, "incidents.json");
    fs.writeFileSync(
        file,
        JSON.stringify({
            rule_files: [rules],
            evaluation_interval: `${STEP}s`,
            group_eval_order: groups.map(({ name }) => name),
            tests: [
                {
                    interval: `${STEP}s`,
                    input_series: series.map(({ metric, labels, curve }) => ({
                        series: `${metric}{${Object.entries(labels)
                            .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
                            .join(", ")}}`,
                        values: notation(curve, minutes),
                    })),
                    promql_expr_test: evaluations.map((at) => ({
                        eval_time: `${at}s`,
                        expr: FIRING,
                        exp_samples: [],
                    })),
                },
            ],
        }),
    );
    const printed = await output(promtool, ["test", "rules", file]);
    const seen = parse(printed);
    return new Map(incidents.map((each) => [each, transitions(each, seen, evaluations)]));
}

const FIRING = 'ALERTS{alertstate="firing"}';

function output(command: string, args: readonly string[]): Promise<string> {
    return new Promise((resolve) => {
        const { pid } = execFile(
            command,
            [...args],
            { maxBuffer: 2 ** 30 },
            (_error, stdout, stderr) => resolve(`${stdout}\n${stderr}`),
        );
        // Messages are timed meanwhile.
        if (pid !== undefined) {
            os.setPriority(pid, os.constants.priority.PRIORITY_LOW);
        }
    });
}

/** The firing alerts by the second of the evaluation. Throws at anything else that promtool complains of. */
function parse(printed: string): Map<number, Labels[]> {
    const found = new Map<number, Labels[]>();
    const lines = printed.split("\n").map((line) => line.trim());
    let at = 0;
    for (const line of lines) {
        const [, time] = /^expr: .*, time: (\S+),$/.exec(line) ?? [];
        if (time !== undefined) {
            at = secondsOf(time);
        } else if (line.startsWith("got: ")) {
            found.set(at, [...line.matchAll(/\{__name__="ALERTS"([^}]*)\}/g)].map(labelsIn));
        } else if (!/^(|exp: nil|FAILED:|SUCCESS|Unit Testing:.*)$/.test(line)) {
            throw new Error(`promtool: ${line}`);
        }
    }
    return found;
}

function labelsIn([, text = ""]: RegExpMatchArray): Labels {
    const pairs = [...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
    return Object.fromEntries(
        pairs
            .map(([, label = "", value = ""]): [string, string] => [label, value])
            .filter(([label]) => label !== "alertstate"),
    );
}

/** Of Go's notation of a duration: `1h41m30s`. */
function secondsOf(duration: string): number {
    const units: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1 };
    return [...duration.matchAll(/(\d+)([hms])/g)].reduce(
        (sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ""] ?? NaN),
        0,
    );
}

function transitions(
    { name, cluster, minutes }: Incident,
    seen: ReadonlyMap<number, readonly Labels[]>,
    evaluations: readonly number[],
): Transition[] {
    const found: Transition[] = [];
    let before = new Map<string, Labels>();
    for (const at of evaluations.filter((each) => each <= (LEAD + minutes) * 60)) {
        const own = (seen.get(at) ?? []).filter(({ namespace }) => cluster || namespace === name);
        const now = new Map(own.map((labels) => [JSON.stringify(labels), labels]));
        const firing = [...now].filter(([id]) => !before.has(id)).map(([, labels]) => labels);
        const ended = [...before].filter(([id]) => !now.has(id)).map(([, labels]) => labels);
        if (firing.length + ended.length > 0) {
            found.push({ at: at - LEAD * 60, firing, ended });
        }
        before = now;
    }
    return found;
}
