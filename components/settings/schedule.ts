import { type CronExpression, CronExpressionParser } from "cron-parser";

/** Enough to see a whole year of a schedule that follows the days. */
const RUNS = 400;

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** With the leap day that START's year has. */
const FOUR_YEARS = (4 * 365 + 1) * DAY;

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
        const times = runsOf(schedule, period(text)).map((time) => time / 1000);
        const gaps = times.slice(1).map((time, i) => time - (times[i] ?? time));
        return { shortest: Math.min(...gaps), longest: Math.max(...gaps) };
    } catch {
        return undefined;
    }
}

/** Milliseconds after which a schedule begins anew; Infinity when only its runs tell. */
function period(text: string): number {
    const [, hour, day, month, weekday] = text.trim().split(/\s+/);
    const [everyDay, everyMonth, everyWeekday] = [day, month, weekday].map(
        (field) => field === "*",
    );
    if (!everyMonth || (!everyDay && !everyWeekday)) {
        return Infinity;
    }
    if (!everyDay) {
        return FOUR_YEARS;
    }
    if (!everyWeekday) {
        return 7 * DAY;
    }
    return hour === "*" ? HOUR : DAY;
}

/** Milliseconds of the runs of one period, and of the run that closes it; at most `RUNS`. */
function runsOf(schedule: CronExpression, period: number): number[] {
    const first = schedule.next().getTime();
    const times = [first];
    for (let time = first; time - first < period && times.length < RUNS;) {
        time = schedule.next().getTime();
        times.push(time);
    }
    return times;
}

/** The intervals of a schedule that the configuration has already checked. Throws when it is none. */
export function intervals(schedule: string): Intervals {
    const value = parseSchedule(schedule);
    if (value === undefined) {
        throw new Error(`"${schedule}" is not a cron schedule such as "0 1 * * *"`);
    }
    return value;
}
