/** Fields that hold a duration, in the notation of Prometheus, of Alertmanager and of the Prometheus Operator's kinds. */
const DURATIONS = new Set([
    "scrape_interval",
    "scrape_timeout",
    "evaluation_interval",
    "for",
    "keep_firing_for",
    "group_wait",
    "group_interval",
    "repeat_interval",
    "interval",
    "scrapeInterval",
    "scrapeTimeout",
    "evaluationInterval",
]);

const MILLISECONDS: Readonly<Record<string, number>> = {
    ms: 1,
    s: 1000,
    m: 60_000,
    h: 3_600_000,
    d: 86_400_000,
    w: 604_800_000,
};

/**
 * The same value with every interval divided by `factor`, in milliseconds. Ranges inside expressions stay: they are
 * part of what an alert means. Only a drill may use it.
 */
export function shorten<T>(value: T, factor: number): T {
    return shortenAny(value, factor) as T;
}

function shortenAny(value: unknown, factor: number): unknown {
    if (Array.isArray(value)) {
        return value.map((each) => shortenAny(each, factor));
    }
    if (typeof value !== "object" || value === null) {
        return value;
    }
    return Object.fromEntries(
        Object.entries(value).map(([key, each]: [string, unknown]) => [
            key,
            DURATIONS.has(key) && typeof each === "string"
                ? `${Math.round(milliseconds(each) / factor)}ms`
                : shortenAny(each, factor),
        ]),
    );
}

/** Milliseconds of a duration such as `1m30s`. Throws when it is not one. */
export function milliseconds(duration: string): number {
    const parts = [...duration.matchAll(/(\d+)(ms|[smhdw])/g)];
    if (parts.length === 0 || parts.map(([part]) => part).join("") !== duration) {
        throw new Error(`"${duration}" is not a duration such as 300ms, 30s or 1m30s`);
    }
    return parts.reduce(
        (sum, [, count, unit]) => sum + Number(count) * (MILLISECONDS[unit ?? ""] ?? NaN),
        0,
    );
}
