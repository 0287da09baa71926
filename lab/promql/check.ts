import type { SyntaxNode } from "@lezer/common";

import type { MetricIndex } from "../../components/metrics/catalogue/metricIndex";
import { EXTERNAL_LABELS } from "../../components/metrics/catalogue/targets";
import { Labels, NONE, only, union, without } from "./labels";
import { Problem, selectedLabels, unknownLabel } from "./selectors";
import {
    childrenOf,
    isScalar,
    labelName,
    literal,
    operandsOf,
    parsePromql,
    Promql,
    selectorOf,
    textOf,
    withoutOperand,
} from "./syntax";

export interface CheckedExpression {
    /** Labels that the result may have. */
    readonly labels: Labels;
    readonly problems: readonly Problem[];
}

export interface CheckOptions {
    /** True where a matcher may name an external label: a dashboard may read a store of several Prometheus. */
    readonly externalLabels?: boolean;
}

/**
 * Follows the labels through a PromQL expression: every metric must be exposed or recorded, and every label that a
 * matcher, a grouping or a vector matching names must be one that its operand can have. Throws at a syntax error.
 */
export function checkExpression(
    index: MetricIndex,
    text: string,
    options: CheckOptions = {},
): CheckedExpression {
    const check = new Check(index, parsePromql(text), options.externalLabels ?? false);
    return { labels: check.result(), problems: check.problems };
}

/** Functions whose result has no labels, https://prometheus.io/docs/prometheus/latest/querying/functions/. */
const WITHOUT_LABELS = ["scalar", "time", "vector", "pi"];
const OF_HISTOGRAMS = ["histogram_quantile", "histogram_fraction"];
/** Aggregations that keep series as they are. */
const CHOOSING = ["topk", "bottomk", "limitk", "limit_ratio"];
const SET_OPERATORS = ["And", "Unless", "Or"];

class Check {
    readonly problems: Problem[] = [];

    constructor(
        private readonly index: MetricIndex,
        private readonly promql: Promql,
        private readonly externalLabels: boolean,
    ) {}

    result(): Labels {
        return this.labelsOf(this.promql.root);
    }

    private labelsOf(node: SyntaxNode): Labels {
        switch (node.name) {
            case "VectorSelector":
                return selectedLabels(
                    this.index,
                    selectorOf(this.promql, node),
                    (problem) => this.problems.push(problem),
                    this.externalLabels,
                );
            case "AggregateExpr":
                return this.aggregation(node);
            case "FunctionCall":
                return this.call(node);
            case "BinaryExpr":
                return this.operation(node);
            case "NumberDurationLiteral":
            case "StringLiteral":
                return NONE;
            default:
                // In parentheses, with a sign, a range or an offset.
                return this.labelsOf(operandsOf(node)[0] ?? withoutOperand(node));
        }
    }

    private argumentsOf(node: SyntaxNode): SyntaxNode[] {
        const body = node.getChild("FunctionCallBody");
        return body ? operandsOf(body) : [];
    }

    private aggregation(node: SyntaxNode): Labels {
        const operator = textOf(this.promql, node.getChild("AggregateOp") ?? node).toLowerCase();
        const parameters = this.argumentsOf(node);
        const operand = this.labelsOf(parameters.at(-1) ?? withoutOperand(node));
        const modifier = node.getChild("AggregateModifier");
        const names = modifier ? this.grouping(modifier) : [];
        const by = modifier?.getChild("By") !== null && modifier !== null;
        this.require(names, operand, `${by ? "by" : "without"} (...): its operand cannot have it`);
        if (CHOOSING.includes(operator)) {
            return operand;
        }
        const kept = modifier === null ? NONE : by ? only(operand, names) : without(operand, names);
        const counted = operator === "count_values" ? parameters[0] : undefined;
        return counted ? union(kept, new Set([literal(this.promql, counted)])) : kept;
    }

    private call(node: SyntaxNode): Labels {
        const name = textOf(this.promql, node.getChild("FunctionIdentifier") ?? node);
        const parameters = this.argumentsOf(node);
        const labels = union(...parameters.map((each) => this.labelsOf(each)));
        const text = (each: SyntaxNode | undefined): string =>
            each ? literal(this.promql, each) : "";
        switch (name) {
            case "label_replace":
                this.require([text(parameters[3])], labels, "label_replace reads it");
                return union(labels, new Set([text(parameters[1])]));
            case "label_join":
                this.require(parameters.slice(3).map(text), labels, "label_join reads it");
                return union(labels, new Set([text(parameters[1])]));
            case "absent":
            case "absent_over_time":
                return this.matchedLabels(parameters[0]);
            default:
                return WITHOUT_LABELS.includes(name)
                    ? NONE
                    : OF_HISTOGRAMS.includes(name)
                      ? without(labels, ["le"])
                      : labels;
        }
    }

    /** The labels that `absent` takes over: those of a selector's equality matchers. */
    private matchedLabels(operand: SyntaxNode | undefined): Labels {
        const selector = operand?.name === "MatrixSelector" ? operand.firstChild : operand;
        return selector?.name === "VectorSelector"
            ? new Set(
                  selectorOf(this.promql, selector)
                      .matchers.filter(({ operator }) => operator === "=")
                      .map(({ label }) => label),
              )
            : NONE;
    }

    private operation(node: SyntaxNode): Labels {
        const [first, second] = operandsOf(node);
        const left = this.labelsOf(first ?? withoutOperand(node));
        const right = this.labelsOf(second ?? withoutOperand(node));
        const clause = node.getChild("MatchingModifierClause");
        if (clause) {
            return this.matching(node, clause, left, right);
        }
        if (node.getChild("Or")) {
            return union(left, right);
        }
        return first !== undefined && isScalar(this.promql, first) ? right : left;
    }

    private matching(node: SyntaxNode, clause: SyntaxNode, left: Labels, right: Labels): Labels {
        const [names = [], included = []] = clause
            .getChildren("GroupingLabels")
            .map((each) => this.names(each));
        const on = clause.getChild("On") !== null;
        if (on) {
            this.require(names, left, "on (...): the left side cannot have it");
            this.require(names, right, "on (...): the right side cannot have it");
        } else {
            this.require(names, union(left, right), "ignoring (...): neither side can have it");
        }
        if (SET_OPERATORS.some((name) => node.getChild(name))) {
            return node.getChild("Or") ? union(left, right) : left;
        }
        const many = clause.getChild("GroupRight") ? right : left;
        const one = clause.getChild("GroupRight") ? left : right;
        if (clause.getChild("GroupLeft") ?? clause.getChild("GroupRight")) {
            this.require(included, one, "group_left or group_right takes it from the other side");
            return union(many, new Set(included));
        }
        return on ? only(left, names) : without(left, names);
    }

    private grouping(modifier: SyntaxNode): string[] {
        return modifier.getChildren("GroupingLabels").flatMap((each) => this.names(each));
    }

    private names(grouping: SyntaxNode): string[] {
        return childrenOf(grouping).map((each) => labelName(this.promql, each));
    }

    private require(names: readonly string[], known: Labels, why: string): void {
        for (const name of names) {
            // A store of several Prometheus has them.
            if (known && !known.has(name) && !EXTERNAL_LABELS.includes(name)) {
                this.problems.push(unknownLabel(name, known, why));
            }
        }
    }
}
