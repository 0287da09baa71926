import type { SyntaxNode } from "@lezer/common";

import { childrenOf, literal, operandsOf, Promql, textOf } from "../../lab/promql/syntax";

/**
 * The outermost join that makes a matcher superfluous, if there is one: its other side has the same matcher, and only what has the
 * same value of that label on both sides comes through. Such a matcher spares Prometheus work and decides nothing.
 */
export function redundantIn(promql: Promql, matcher: SyntaxNode): SyntaxNode | undefined {
    const label = labelOf(promql, matcher);
    const text = textOf(promql, matcher);
    let found: SyntaxNode | undefined;
    for (let at = matcher.parent; at?.parent; at = at.parent) {
        const above = at.parent;
        const compared = keeps(promql, above, label);
        const [left, right] = above.name === "BinaryExpr" ? operandsOf(above) : [];
        const isLeft = left?.from === at.from && left.to === at.to;
        if (!compared && !(isLeft && leftKeeps(promql, above, label))) {
            break;
        }
        if (above.name !== "BinaryExpr" || !compared) {
            continue;
        }
        const other = isLeft ? right : left;
        const decides = !above.getChild("Or") && !(above.getChild("Unless") && isLeft);
        if (decides && other && guarantees(promql, other, label, text)) {
            found = above;
        }
    }
    return found;
}

/** Whether all that comes out of an expression has passed this matcher. */
function guarantees(promql: Promql, node: SyntaxNode, label: string, matcher: string): boolean {
    if (node.name === "VectorSelector") {
        return matchersOf(node).some((each) => textOf(promql, each) === matcher);
    }
    if (!keeps(promql, node, label)) {
        const [left] = leftKeeps(promql, node, label) ? operandsOf(node) : [];
        return left !== undefined && guarantees(promql, left, label, matcher);
    }
    const inner = operandsOf(node.getChild("FunctionCallBody") ?? node);
    const passed = inner.map((each) => guarantees(promql, each, label, matcher));
    if (node.getChild("Or")) {
        return passed.every(Boolean);
    }
    return node.getChild("Unless") ? passed.indexOf(true) === 0 : passed.some(Boolean);
}

/** Whether the values of an expression matter, and not only which there are; `shown` is whether the whole has a reader. */
export function hasValue(promql: Promql, node: SyntaxNode, shown: boolean): boolean {
    const above = node.parent;
    if (!above || (node.from === promql.root.from && node.to === promql.root.to)) {
        return shown;
    }
    switch (above.name) {
        case "AggregateExpr": {
            const operator = above.getChild("AggregateOp");
            const counts = ["count", "group"].includes(operator ? textOf(promql, operator) : "");
            return !counts && hasValue(promql, above, shown);
        }
        case "FunctionCall": {
            const name = above.getChild("FunctionIdentifier");
            const copies = ["label_replace", "label_join"].includes(
                name ? textOf(promql, name) : "",
            );
            return !copies || hasValue(promql, above, shown);
        }
        case "BinaryExpr": {
            if (childrenOf(above).some(({ name }) => COMPARES.test(name))) {
                return true;
            }
            const [, right] = operandsOf(above);
            const isRight = right?.from === node.from && right.to === node.to;
            const filters = above.getChild("And") !== null || above.getChild("Unless") !== null;
            return !(filters && isRight) && hasValue(promql, above, shown);
        }
        default:
            return hasValue(promql, above, shown);
    }
}

const COMPARES = /^(Gtr|Lss|Gte|Lte|Eql|Neq)$/;

export function matchersOf(selector: SyntaxNode): SyntaxNode[] {
    return childrenOf(selector)
        .filter(({ name }) => name === "LabelMatchers")
        .flatMap(childrenOf)
        .filter(({ name }) => name.endsWith("LabelMatcher"));
}

/** Whether a label of the operands is in the result, and joins compare it. */
function keeps(promql: Promql, node: SyntaxNode, label: string): boolean {
    switch (node.name) {
        case "AggregateExpr":
            return listed(promql, node.getChild("AggregateModifier"), label, false);
        case "BinaryExpr":
            return listed(promql, node.getChild("MatchingModifierClause"), label, true);
        case "FunctionCall":
            return !replacesLabel(promql, node, label);
        default:
            return true;
    }
}

/** Whether a join that does not compare a label leaves that of its left side as it is. */
function leftKeeps(promql: Promql, node: SyntaxNode, label: string): boolean {
    if (node.name !== "BinaryExpr") {
        return false;
    }
    const clause = node.getChild("MatchingModifierClause");
    // The labels that are compared, and those that come from the right side.
    const [, taken] = clause?.getChildren("GroupingLabels") ?? [];
    const fromRight = taken
        ?.getChildren("LabelName")
        .some((each) => textOf(promql, each) === label);
    return (
        node.getChild("And") !== null ||
        node.getChild("Unless") !== null ||
        (clause?.getChild("GroupLeft") != null && !fromRight)
    );
}

/** `absent` and its like make labels of their own; `label_replace` writes one. */
function replacesLabel(promql: Promql, call: SyntaxNode, label: string): boolean {
    const name = call.getChild("FunctionIdentifier");
    switch (name && textOf(promql, name)) {
        case "absent":
        case "absent_over_time":
        case "vector":
            return true;
        case "label_replace": {
            const [, written] = operandsOf(call.getChild("FunctionCallBody") ?? call);
            return written === undefined || literal(promql, written) === label;
        }
        default:
            return false;
    }
}

/** What `by`, `without`, `on` and `ignoring` say of a label; `otherwise` without any. */
function listed(
    promql: Promql,
    modifier: SyntaxNode | null,
    label: string,
    otherwise: boolean,
): boolean {
    if (modifier === null) {
        return otherwise;
    }
    const labels = modifier.getChild("GroupingLabels")?.getChildren("LabelName") ?? [];
    const named = labels.some((each) => textOf(promql, each) === label);
    return modifier.getChild("By") || modifier.getChild("On") ? named : !named;
}

function labelOf(promql: Promql, matcher: SyntaxNode): string {
    return textOf(promql, matcher.firstChild ?? matcher);
}
