import { z } from "zod";

import { exposerMetrics } from "./catalogue/catalogue";
import { suggestion } from "../settings/problems";

const EXPOSER = "redis-exporter";

/** A pattern of whole names, of which redis_exporter has at least one: a mistyped one would drop nothing. */
export const redisMetricPattern = z.string().refine((text) => matched(text).length > 0, {
    error: (issue) => {
        const near = suggestion(String(issue.input), names());
        return `allowed: a regular expression of whole names of redis_exporter's metrics; ${near}see components/metrics/catalogue/data/${EXPOSER}.json`;
    },
});

function matched(pattern: string): string[] {
    try {
        const whole = new RegExp(`^(?:${pattern})$`);
        return names().filter((name) => whole.test(name));
    } catch {
        return [];
    }
}

function names(): string[] {
    return Object.keys(exposerMetrics(EXPOSER).metrics);
}
