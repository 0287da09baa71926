import { KnownSeries, MetricIndex } from "../../components/metrics/catalogue/metricIndex";
import { EXTERNAL_LABELS } from "../../components/metrics/catalogue/targets";
import { suggestion } from "../../components/settings/problems";
import { Labels, union } from "./labels";
import type { Matcher, Selector } from "./syntax";

/** What an expression reads that nothing exposes. */
export interface Problem {
    readonly kind: "metric" | "label" | "job" | "field";
    /** The name that is not known. */
    readonly unknown: string;
    readonly message: string;
}

/** Series of Prometheus itself, with the labels of whatever alert they are about. */
const ALERT_SERIES: readonly string[] = ["ALERTS", "ALERTS_FOR_STATE"];

/** Labels of what a selector selects; its problems go to `report`. */
export function selectedLabels(
    index: MetricIndex,
    selector: Selector,
    report: (problem: Problem) => void,
    externalLabels: boolean,
): Labels {
    if (ALERT_SERIES.includes(selector.name ?? "") || index.isTold(selector.name ?? "")) {
        return undefined;
    }
    const named = namedSeries(index, selector);
    if (named.length === 0) {
        report(unknownMetric(index, selector));
        return undefined;
    }
    const jobs = selector.matchers.filter(({ label }) => label === "job");
    const selected = named.filter(({ job }) => jobs.every((matcher) => mayBe(matcher, job)));
    if (selected.length === 0) {
        report(unknownJob(selector, named, jobs));
    }
    const labels = union(...(selected.length > 0 ? selected : named).map((each) => each.labels));
    for (const { label } of selector.matchers) {
        const external = externalLabels && EXTERNAL_LABELS.includes(label);
        if (label !== "__name__" && !external && labels && !labels.has(label)) {
            report(unknownLabel(label, labels, `${nameOf(selector)} is never stored with it`));
        }
    }
    return labels;
}

export function unknownLabel(label: string, known: ReadonlySet<string>, why: string): Problem {
    const reason = EXTERNAL_LABELS.includes(label)
        ? `${why}: Prometheus adds it only to what leaves it`
        : why;
    return {
        kind: "label",
        unknown: label,
        message: `label "${label}": ${reason}; ${nearestOf(label, known)}`,
    };
}

function unknownMetric(index: MetricIndex, selector: Selector): Problem {
    const name = nameOf(selector);
    const exposer = index.droppedFrom(name);
    if (exposer !== undefined) {
        return {
            kind: "metric",
            unknown: name,
            message: `metric "${name}": the drop list of ${exposer} removes it`,
        };
    }
    return {
        kind: "metric",
        unknown: name,
        message: `metric "${name}": nothing exposes or records it; ${nearestOf(name, index.names())}`,
    };
}

function unknownJob(
    selector: Selector,
    known: readonly KnownSeries[],
    jobs: readonly Matcher[],
): Problem {
    const asked = jobs.map(({ operator, value }) => `job${operator}"${value}"`).join(", ");
    const exposers = [...new Set(known.map(({ exposer }) => exposer))].join(", ");
    return {
        kind: "job",
        unknown: asked,
        message: `${asked}: no target with ${nameOf(selector)} has such a job; it is exposed by ${exposers}`,
    };
}

function namedSeries(index: MetricIndex, { name, matchers }: Selector): readonly KnownSeries[] {
    if (name !== undefined) {
        return index.find(name);
    }
    const names = matchers.filter(({ label }) => label === "__name__");
    return index
        .names()
        .filter((each) => names.every((matcher) => matches(matcher, each)))
        .flatMap((each) => index.find(each));
}

function nameOf({ name, matchers }: Selector): string {
    const pattern = matchers.find(({ label }) => label === "__name__");
    return name ?? pattern?.value ?? "any metric";
}

function matches({ operator, value }: Matcher, text: string): boolean {
    const equal = operator.endsWith("~") ? new RegExp(`^(?:${value})$`).test(text) : text === value;
    return operator.startsWith("!") ? !equal : equal;
}

/** Only a job that is written out can be told to be none of an exposer's. */
function mayBe({ operator, value }: Matcher, job: RegExp): boolean {
    return operator !== "=" || value.includes("$") || job.test(value);
}

function nearestOf(name: string, known: Iterable<string>): string {
    const candidates = [...known].sort();
    const few = candidates.length <= 40 ? `known: ${candidates.join(", ")}` : "";
    return suggestion(name, candidates).trim() || few || "nothing has a similar name";
}
