/** Seconds between two scrapes and between two evaluations, as the stacks have them. */
export const STEP = 30;
/**
 * Minutes in which all is well before an incident begins: longer than any instance has to start,
 * and than half an hour, which a budget must have been counted for.
 */
export const LEAD = 40;

/** A counter that rises evenly. */
export interface Climb {
    readonly from: number;
    readonly perMinute: number;
}

/**
 * What a series shows; `gone` is what Prometheus sees when a target or a metric is not there any more, and `unscraped`
 * when it does not look.
 */
export type Value = number | "gone" | "unscraped" | Climb;

/** What a series shows from when on, in minutes after the incident began; the first is from the very start. */
export type Curve = readonly (readonly [minute: number, value: Value])[];

export const climb = (perMinute: number, from = 0): Climb => ({ from, perMinute });

/** `before` until the minute, and `value` from then on. */
export function from(minute: number, value: Value, before: Value): Curve {
    return [
        [-LEAD, before],
        [minute, value],
    ];
}

/** `value` between two minutes, and `otherwise` around them. */
export function between(start: number, end: number, value: Value, otherwise: Value): Curve {
    return [
        [-LEAD, otherwise],
        [start, value],
        [end, otherwise],
    ];
}

/** One value after the other, each for so many minutes, for as long as the incident lasts. */
export function alternating(
    start: number,
    end: number,
    before: Value,
    ...phases: readonly (readonly [minutes: number, value: Value])[]
): Curve {
    const points: [number, Value][] = [[-LEAD, before]];
    for (let at = start, i = 0; at < end; i++) {
        const [minutes, value] = phases[i % phases.length] ?? [1, before];
        points.push([at, value]);
        at += minutes;
    }
    return [...points, [end, before]];
}

/** In promtool's notation, https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/. */
export function notation(curve: Curve, minutes: number): string {
    return curve
        .map(([start, value], i) => {
            const end = curve[i + 1]?.[0] ?? minutes + 1;
            return run(value, Math.round(((end - start) * 60) / STEP));
        })
        .filter((text) => text !== "")
        .join(" ");
}

function run(value: Value, samples: number): string {
    if (samples < 1) {
        return "";
    }
    if (value === "unscraped") {
        return `_x${samples}`;
    }
    if (value === "gone") {
        return samples === 1 ? "stale" : `stale _x${samples - 1}`;
    }
    return typeof value === "number"
        ? `${value}x${samples - 1}`
        : `${value.from}+${(value.perMinute * STEP) / 60}x${samples - 1}`;
}
