/** Durations in the notation that Prometheus, Elasticsearch and Jaeger share for whole units: `30s`, `5m`, `7d`. */

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86400, w: 604800 };

/** One whole number and one unit. */
export const DURATION = /^([1-9]\d*)([smhdw])$/;

/** Seconds of a duration of one whole number and one unit (s, m, h, d, w), or undefined when it is not one. */
export function parseDuration(text: string): number | undefined {
    const match = DURATION.exec(text);
    return match ? Number(match[1]) * (SECONDS[match[2] ?? ""] ?? NaN) : undefined;
}

/** Seconds of a duration that the configuration has already checked. Throws when it is not a duration. */
export function seconds(duration: string): number {
    const value = parseDuration(duration);
    if (value === undefined) {
        throw new Error(`"${duration}" is not a duration such as 30s, 5m or 7d`);
    }
    return value;
}

/** Whole days of a duration, rounded up, for settings that take days only. */
export function days(duration: string): number {
    return Math.ceil(seconds(duration) / 86400);
}
