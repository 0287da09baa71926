import { CronExpressionParser } from "cron-parser";

/** Enough to see a whole year of a schedule that follows the days. */
const RUNS = 400;

/** A Friday: a schedule that runs often, but not at weekends or on one day of a month, shows its pause soon. */
const START = new Date("2024-01-05T00:00:00Z");

const known = new Map<string, Intervals | undefined>();

/** Seconds between two runs of a schedule: the shortest and the longest that it has. */
export interface Intervals {
    readonly shortest: number;
    readonly longest: number;
}

/**
 * The intervals of a cron schedule of five fields, in UTC, as a CronJob has it, or undefined when it is none or never
 * comes. https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
 */
export function parseSchedule(text: string): Intervals | undefined {
    // A program asks for the same ones again and again, and an answer takes up to half a second.
    if (!known.has(text)) {
        known.set(text, read(text));
    }
    return known.get(text);
}

function read(text: string): Intervals | undefined {
    if (text.trim().split(/\s+/).length !== 5) {
        return undefined;
    }
    try {
        // Fixed: the answer must not change with the day of the preview.
        const schedule = CronExpressionParser.parse(text, {
            currentDate: START,
            tz: "UTC",
        });
        const times = schedule.take(RUNS).map((date) => date.getTime() / 1000);
        const gaps = times.slice(1).map((time, i) => time - (times[i] ?? time));
        return { shortest: Math.min(...gaps), longest: Math.max(...gaps) };
    } catch {
        return undefined;
    }
}

/** The intervals of a schedule that the configuration has already checked. Throws when it is none. */
export function intervals(schedule: string): Intervals {
    const value = parseSchedule(schedule);
    if (value === undefined) {
        throw new Error(`"${schedule}" is not a cron schedule such as "0 1 * * *"`);
    }
    return value;
}
