import { seconds } from "../../components/settings/duration";

/** Seconds between two scrapes and between two evaluations, as the stacks have them. */
export const STEP = 30;

/** Longer than any case looks. */
const HORIZON = "4h";

/** A counter that rises evenly. */
export interface Climb {
    readonly from: number;
    readonly perMinute: number;
}

/**
 * What a series shows; `gone` is what Prometheus sees when a target or a metric is not there any more, and `unscraped`
 * when it does not look: what was there last then stands for five minutes.
 */
export type Value = number | "gone" | "unscraped" | Climb;

export type Phase = readonly [duration: string, value: Value];

export interface Series {
    readonly metric: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly phases: readonly Phase[];
}

/** A series over time: one value for ever, or phases one after the other from 0 on. */
export function series(
    metric: string,
    labels: Readonly<Record<string, string>>,
    over: Value | readonly Phase[],
): Series {
    return { metric, labels, phases: isPhases(over) ? over : [[HORIZON, over]] };
}

/** `before` until `time`, and `value` from then on. */
export function from(time: string, value: Value, before: Value = 1): Phase[] {
    return [
        [time, before],
        [HORIZON, value],
    ];
}

/** `value` from `start` until before `end`, and `otherwise` around it. */
export function between(start: string, end: string, value: Value, otherwise: Value = 1): Phase[] {
    return [
        [start, otherwise],
        [`${seconds(end) - seconds(start)}s`, value],
        [HORIZON, otherwise],
    ];
}

/** Phases again and again, until the end of every case. */
export function again(...phases: Phase[]): Phase[] {
    const length = phases.reduce((sum, [duration]) => sum + seconds(duration), 0);
    return Array.from({ length: Math.ceil(seconds(HORIZON) / length) }, () => phases).flat();
}

/**
 * A series whose target gets another address while Prometheus restarts: the old series ends without a word, and a second
 * one goes on. One without an address, such as one that a rule has recorded, stays.
 */
export function moved(series: Series, time: number): readonly Series[] {
    const { instance } = series.labels;
    if (instance === undefined) {
        return [series];
    }
    const [before, after] = cut(series.phases, time);
    return [
        { ...series, phases: before },
        {
            ...series,
            labels: { ...series.labels, instance: `${instance}-moved` },
            phases: [[`${time}s`, "unscraped"], ...after],
        },
    ];
}

/** Phases until a time in seconds, and those from then on. */
function cut(phases: readonly Phase[], time: number): [Phase[], Phase[]] {
    const before: Phase[] = [];
    const after: Phase[] = [];
    let start = 0;
    for (const [duration, value] of phases) {
        const length = seconds(duration);
        const first = Math.min(Math.max(time - start, 0), length);
        if (first > 0) {
            before.push([`${first}s`, value]);
        }
        if (first < length) {
            after.push([`${length - first}s`, later(value, first)]);
        }
        start += length;
    }
    return [before, after];
}

function later(value: Value, elapsed: number): Value {
    return typeof value === "object"
        ? { ...value, from: value.from + (value.perMinute * elapsed) / 60 }
        : value;
}

/** An input series in promtool's notation, https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/. */
export function inputSeries(
    { metric, labels, phases }: Series,
    step = STEP,
): {
    series: string;
    values: string;
} {
    const matchers = Object.entries(labels).map(([name, value]) => `${name}=${quote(value)}`);
    return {
        series: `${metric}{${matchers.join(", ")}}`,
        values: phases.map((phase) => notation(phase, step)).join(" "),
    };
}

function notation([duration, value]: Phase, step: number): string {
    const samples = seconds(duration) / step;
    if (!Number.isInteger(samples) || samples < 1) {
        throw new Error(`"${duration}" is not a multiple of ${step}s`);
    }
    if (value === "gone") {
        return samples === 1 ? "stale" : `stale _x${samples - 1}`;
    }
    if (value === "unscraped") {
        return `_x${samples}`;
    }
    return typeof value === "number"
        ? `${value}x${samples - 1}`
        : `${value.from}+${(value.perMinute * step) / 60}x${samples - 1}`;
}

function quote(text: string): string {
    return JSON.stringify(text);
}

function isPhases(over: Value | readonly Phase[]): over is readonly Phase[] {
    return Array.isArray(over);
}
