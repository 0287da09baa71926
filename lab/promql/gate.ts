import { MetricIndex } from "../../components/metrics/catalogue/metricIndex";
import { checkExpression } from "./check";
import type { Drop } from "./drops";
import type { Expression } from "./expressions";
import { fieldFindings, indexWithout, PlacedDashboard } from "./dashboards";
import { Problem, unknownLabel } from "./selectors";

/** An expression that reads what nothing exposes. */
export interface Finding extends Problem {
    readonly place: string;
    readonly text: string;
}

/** What else is in the Prometheus that evaluates the expressions. */
export interface Surroundings {
    /** Expressions that are not checked, and whose recording rules count: a tenant reads what its owner records. */
    readonly others?: readonly Expression[];
    readonly drops?: readonly Drop[];
    /** Dashboards whose expressions are among those that are checked: what else they name. */
    readonly dashboards?: readonly PlacedDashboard[];
    /** Metrics of the stack's owner, which may have any label. */
    readonly own?: readonly string[];
}

/**
 * Checks expressions against the catalogue and against what their own recording rules write. A finding names the
 * object, the expression, and the nearest known name.
 */
export function findingsOf(
    expressions: readonly Expression[],
    { others = [], drops = [], dashboards = [], own = [] }: Surroundings = {},
): Finding[] {
    const known = indexWithout(drops);
    known.tell(own);
    const index = indexWith([...others, ...expressions], known);
    const inExpressions = expressions.flatMap(({ place, text, templates, dashboard }) => {
        const { labels, problems } = checkExpression(index, text, { externalLabels: dashboard });
        // A text sees the result's labels alone, without those that the rule adds.
        const misnamed = labels
            ? templateLabels(templates).filter((each) => !labels.has(each))
            : [];
        const of = dashboard ? "panel, variable or annotation" : "alert";
        const why = `a text of the ${of} names it and the result lacks it`;
        return [
            ...problems,
            ...misnamed.map((label) => unknownLabel(label, labels ?? new Set(), why)),
        ].map((problem) => ({ ...problem, place, text }));
    });
    return [...inExpressions, ...fieldFindings(dashboards, index)];
}

/** The findings, one paragraph each, as a failing test prints them. */
export function report(findings: readonly Finding[]): string {
    return findings
        .map(({ place, message, text }) => `${place}\n    ${message}\n    in: ${text}`)
        .join("\n");
}

/** Adds what recording rules write, which may read one another in any order. */
export function indexWith(
    expressions: readonly Expression[],
    index = MetricIndex.ofCatalogue(),
): MetricIndex {
    let waiting = expressions.filter(({ record }) => record !== undefined);
    while (waiting.length > 0) {
        const names = new Set(waiting.map(({ record }) => record ?? ""));
        const ready = waiting.filter(({ text }) => ![...names].some((name) => reads(text, name)));
        // A rule that reads itself has no labels but its own.
        const next = ready.length > 0 ? ready : waiting;
        for (const { record = "", text, added } of next) {
            const { labels } = checkExpression(index, text);
            index.addRecorded(record, [...(labels ?? []), ...added]);
        }
        waiting = waiting.filter((each) => !next.includes(each));
    }
    return index;
}

function reads(text: string, name: string): boolean {
    const escaped = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    return new RegExp(`(?<![\\w:])${escaped}(?![\\w:])`).test(text);
}

/** Labels that Go templates name, https://prometheus.io/docs/prometheus/latest/configuration/template_reference/. */
function templateLabels(templates: readonly string[]): string[] {
    return [
        ...new Set(
            templates.flatMap((text) =>
                [...text.matchAll(/\$labels\.(\w+)/g)].map(([, label = ""]) => label),
            ),
        ),
    ];
}
