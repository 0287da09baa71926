import type { SyntaxNode } from "@lezer/common";

import { childrenOf, operandsOf, Promql, textOf } from "../../lab/promql/syntax";
import { seconds } from "../../components/settings/duration";

export interface Edit {
    readonly from: number;
    readonly to: number;
    readonly text: string;
}
export interface Change {
    /** For a reader. */
    readonly change: string;
    readonly edits: readonly Edit[];
}

/** Another text in a node's place. */
export function instead(promql: Promql, { from, to }: SyntaxNode, text: string): Change {
    return {
        change: `${promql.text.slice(from, to)} -> ${text} at character ${from + 1}`,
        edits: [{ from, to, text }],
    };
}

const WINDOW_FACTORS = [5, 0.2];

/** A range, an offset or a step, several times as long and as short. */
export function otherWindows(promql: Promql, node: SyntaxNode): Change[] {
    if (node.name !== "NumberDurationLiteralInDurationContext") {
        return [];
    }
    const length = seconds(textOf(promql, node));
    return WINDOW_FACTORS.map((factor) =>
        instead(promql, node, `${Math.max(1, Math.round(length * factor))}s`),
    );
}

/** Without one of the labels of `by`, `without`, `on`, `ignoring` or `group_left`. */
export function withoutLabel(promql: Promql, node: SyntaxNode): Change[] {
    if (node.name !== "GroupingLabels") {
        return [];
    }
    const labels = node.getChildren("LabelName").map((each) => textOf(promql, each));
    return labels.map((label) => {
        const others = labels.filter((each) => each !== label);
        return instead(promql, node, `(${others.join(", ")})`);
    });
}

const AGGREGATIONS: Readonly<Record<string, string>> = {
    max: "min",
    min: "max",
    sum: "max",
    avg: "max",
    count: "group",
    group: "count",
};
const FUNCTIONS: Readonly<Record<string, string>> = {
    max_over_time: "min_over_time",
    min_over_time: "max_over_time",
};

/** Another aggregation, where its value matters, and none. */
export function otherAggregations(
    promql: Promql,
    node: SyntaxNode,
    hasValue: (aggregation: SyntaxNode) => boolean,
): Change[] {
    const own = textOf(promql, node);
    if (node.name === "AggregateOp") {
        const other = AGGREGATIONS[own];
        return other === undefined || !(node.parent && hasValue(node.parent))
            ? []
            : [instead(promql, node, other)];
    }
    if (node.name === "FunctionIdentifier") {
        const other = FUNCTIONS[own];
        return other === undefined ? [] : [instead(promql, node, other)];
    }
    const body = node.name === "AggregateExpr" && node.getChild("FunctionCallBody");
    if (!body || operandsOf(body).length !== 1) {
        return [];
    }
    return [
        {
            change: `no ${promql.text.slice(node.from, body.from).trim()} at character ${node.from + 1}`,
            edits: [{ from: node.from, to: node.to, text: textOf(promql, body) }],
        },
    ];
}

/** `A or (B and C)` as `(A or B) and C`, and the reverse: the other place of a misplaced `and` or `unless`. */
export function otherGrouping(promql: Promql, node: SyntaxNode): Change[] {
    const outer = setOperation(promql, node);
    if (outer === undefined) {
        return [];
    }
    const left = setOperation(promql, outer.left);
    const right = setOperation(promql, outer.right);
    const text = (each: SyntaxNode): string => textOf(promql, each);
    const moved = (to: string): Change => instead(promql, node, to);
    return [
        ...(left && left.isOr !== outer.isOr
            ? [
                  moved(
                      `(${text(left.left)}${left.between}(${text(left.right)}${outer.between}${text(outer.right)}))`,
                  ),
              ]
            : []),
        ...(right && right.isOr !== outer.isOr
            ? [
                  moved(
                      `((${text(outer.left)}${outer.between}${text(right.left)})${right.between}${text(right.right)})`,
                  ),
              ]
            : []),
    ];
}

interface SetOperation {
    readonly isOr: boolean;
    readonly left: SyntaxNode;
    readonly right: SyntaxNode;
    /** The operator with what it matches on. */
    readonly between: string;
}

/** The `and`, `or` or `unless` of a node, whatever parentheses are around it. */
function setOperation(promql: Promql, node: SyntaxNode): SetOperation | undefined {
    const inner = node.name === "ParenExpr" ? operandsOf(node)[0] : node;
    if (inner === undefined || inner.name === "ParenExpr") {
        return inner && setOperation(promql, inner);
    }
    const isSet = childrenOf(inner).some(({ name }) => ["And", "Or", "Unless"].includes(name));
    const [left, right] = operandsOf(inner);
    return inner.name === "BinaryExpr" && isSet && left && right
        ? {
              isOr: inner.getChild("Or") !== null,
              left,
              right,
              between: promql.text.slice(left.to, right.from),
          }
        : undefined;
}
