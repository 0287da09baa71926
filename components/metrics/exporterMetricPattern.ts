import { RE2JS } from "re2js";

import { suggestion } from "../settings/problems";
import { exposerMetrics } from "./catalogue/catalogue";
import { READ_EXPORTER_METRICS } from "./readExporterMetrics";

/**
 * Patterns of a user's for metrics of redis_exporter. Prometheus reads them as RE2, and so does this: no other engine runs
 * them, since those that go back in the text can be made to run for ever.
 */

const EXPOSER = "redis-exporter";
/** More than any list of names needs; RE2's time is the product of pattern and text. */
const LONGEST = 1000;

/** What is wrong with a pattern of whole names, as the text of a problem; undefined when it may be used. */
export function patternProblem(pattern: string): string | undefined {
    const whole = compiled(pattern);
    if (typeof whole === "string") {
        return syntax(whole);
    }
    const names = Object.keys(exposerMetrics(EXPOSER).metrics);
    if (!names.some((name) => whole.matches(name))) {
        return `allowed: a regular expression of whole names of redis_exporter's metrics; ${suggestion(pattern, names)}see components/metrics/catalogue/data/${EXPOSER}.json`;
    }
    const read = READ_EXPORTER_METRICS.filter((name) => whole.matches(name));
    return read.length === 0
        ? undefined
        : `allowed: metrics that nothing reads: alerts, objectives or dashboards read ${some(read)}`;
}

/** What is wrong with the syntax of a pattern of metrics' names, as the text of a problem; undefined when nothing is. */
export function syntaxProblem(pattern: string): string | undefined {
    if (pattern.trim() !== pattern || pattern === "" || /\p{Cc}/u.test(pattern)) {
        return syntax("it is empty, or has a line end or a space around it, and no name has");
    }
    const whole = compiled(pattern);
    return typeof whole === "string" ? syntax(whole) : undefined;
}

function syntax(error: string): string {
    return `allowed: a regular expression of whole names in RE2's syntax (https://github.com/google/re2/wiki/Syntax: no lookahead, no backreferences), of at most ${LONGEST} characters: ${error}`;
}

function compiled(pattern: string): RE2JS | string {
    if (pattern.length > LONGEST) {
        return `it has ${pattern.length}`;
    }
    try {
        return RE2JS.compile(pattern);
    } catch (error) {
        return error instanceof Error ? error.message : String(error);
    }
}

function some(names: readonly string[]): string {
    const [shown, others] = [names.slice(0, 3), names.length - 3];
    return `${shown.join(", ")}${others > 0 ? ` and ${others} more` : ""}`;
}
