import type { SyntaxNode } from "@lezer/common";

import { seconds } from "../../components/settings/duration";
import { operandsOf, parsePromql, Promql, textOf } from "../../lab/promql/syntax";
import { hasValue, matchersOf, redundantIn } from "./joins";
import {
    Change,
    Edit,
    instead,
    otherAggregations,
    otherGrouping,
    otherWindows,
    withoutLabel,
} from "./operators";

/** What Prometheus evaluates of a rule. */
export interface Evaluated {
    readonly expr: string;
    readonly for?: string;
    /** Of an alert: texts, which may show its value. */
    readonly annotations?: Readonly<Record<string, string>>;
}

/** A rule with one thing wrong. */
export interface Mutant {
    /** The change, for a reader. */
    readonly change: string;
    readonly rule: Evaluated;
}

/** The opposite of each comparator, and the one that differs at the edge alone. */
const COMPARATORS: Readonly<Record<string, readonly string[]>> = {
    ">": ["<=", ">="],
    "<": [">=", "<="],
    ">=": ["<", ">"],
    "<=": [">", "<"],
    "==": ["!="],
    "!=": ["=="],
};
const COMPARATOR_NODES = ["Gtr", "Lss", "Gte", "Lte", "Eql", "Neq"];

/** A share or a measure becomes somewhat more and somewhat less; of things that are counted, a fifth is nothing. */
const FACTORS = [1.25, 0.8];
const COUNT_FACTORS = [2, 0.5];
/** What 0 becomes, of which a factor makes nothing: as a threshold, and as a guard of a division. */
const THRESHOLD_INSTEAD_OF_ZERO = 2;
const GUARD_INSTEAD_OF_ZERO = -1;
const HOLD_FACTORS = [1.5, 0.5];

/**
 * Every comparator flipped, every label matcher and every label of a join or an aggregation dropped, every number, range
 * and `for` changed by a factor, every aggregation changed and dropped, every `and` that stands beside an `or` on its other
 * side; one at a time. A matcher that the other side of a join has as well is dropped on both sides: on one, it changes nothing.
 * An aggregation of which only matters whether there is a result has no other in its place.
 */
export function mutantsOf(rule: Evaluated): Mutant[] {
    const promql = parsePromql(rule.expr);
    const found = new Map<string, Mutant>();
    const { annotations } = rule;
    const shown = annotations === undefined || JSON.stringify(annotations).includes("$value");
    promql.root.cursor().iterate(({ node }) => {
        for (const { change, edits } of changesOf(promql, node, shown)) {
            const expr = applied(rule.expr, edits);
            parsePromql(expr);
            found.set(expr, { change, rule: { ...rule, expr } });
        }
    });
    return [...found.values(), ...holds(rule)];
}

function changesOf(promql: Promql, node: SyntaxNode, shown: boolean): Change[] {
    const own = textOf(promql, node);
    const each = (texts: readonly string[]): Change[] =>
        texts.map((text) => instead(promql, node, text));
    // In a matcher `!=` has the same name.
    if (COMPARATOR_NODES.includes(node.name) && node.parent?.name === "BinaryExpr") {
        return each(COMPARATORS[own] ?? []);
    }
    if (node.name === "NumberDurationLiteral") {
        return each(otherNumbers(Number(own), node).map(String));
    }
    return node.name === "VectorSelector"
        ? matchersOf(node).map((matcher) => withoutMatcher(promql, matcher))
        : [
              ...otherWindows(promql, node),
              ...withoutLabel(promql, node),
              ...otherAggregations(promql, node, (each) => hasValue(promql, each, shown)),
              ...otherGrouping(promql, node),
          ];
}

function otherNumbers(value: number, node: SyntaxNode): number[] {
    if (value === 0) {
        return [isGuard(node) ? GUARD_INSTEAD_OF_ZERO : THRESHOLD_INSTEAD_OF_ZERO];
    }
    const factors = Number.isInteger(value) ? COUNT_FACTORS : FACTORS;
    return factors.map((factor) => rounded(value * factor));
}

/** The `> 0` of a divisor, which may be aggregated. */
function isGuard(node: SyntaxNode): boolean {
    for (let at = node.parent?.parent; at; at = at.parent) {
        if (at.name === "BinaryExpr") {
            const [dividend] = operandsOf(at);
            return at.getChild("Div") !== null && (dividend?.to ?? 0) < node.from;
        }
    }
    return false;
}

function withoutMatcher(promql: Promql, matcher: SyntaxNode): Change {
    const text = textOf(promql, matcher);
    const join = redundantIn(promql, matcher);
    const dropped = join ? sameMatchers(promql, join, text) : [matcher];
    const places = dropped.map(({ from }) => from + 1).join(", ");
    return {
        change: `without ${text} at character ${places}`,
        edits: dropped.map((each) => dropping(promql, each)),
    };
}

function sameMatchers(promql: Promql, join: SyntaxNode, text: string): SyntaxNode[] {
    const found: SyntaxNode[] = [];
    join.cursor().iterate(({ node }) => {
        if (node.name === "VectorSelector") {
            found.push(...matchersOf(node).filter((each) => textOf(promql, each) === text));
        }
    });
    return found;
}

/** With the comma beside it. */
function dropping(promql: Promql, { from, to }: SyntaxNode): Edit {
    const after = /^\s*,\s*/.exec(promql.text.slice(to))?.[0] ?? "";
    const before = after ? "" : (/,\s*$/.exec(promql.text.slice(0, from))?.[0] ?? "");
    return { from: from - before.length, to: to + after.length, text: "" };
}

function applied(text: string, edits: readonly Edit[]): string {
    return [...edits]
        .sort((a, b) => b.from - a.from)
        .reduce(
            (changed, edit) => changed.slice(0, edit.from) + edit.text + changed.slice(edit.to),
            text,
        );
}

function holds(rule: Evaluated): Mutant[] {
    const { for: hold } = rule;
    return hold === undefined
        ? []
        : HOLD_FACTORS.map((factor) => {
              const changed = `${rounded(seconds(hold) * factor)}s`;
              return { change: `for ${hold} -> ${changed}`, rule: { ...rule, for: changed } };
          });
}

function rounded(value: number): number {
    return Number(value.toPrecision(10));
}
