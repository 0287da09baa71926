import type { SyntaxNode } from "@lezer/common";
import type { LRParser } from "@lezer/lr";

// Its code is CommonJS and its types say that it is not.
// eslint-disable-next-line @typescript-eslint/no-require-imports
const { parser } = require("@prometheus-io/lezer-promql") as { parser: LRParser };

/** A PromQL expression as a tree of https://www.npmjs.com/package/@prometheus-io/lezer-promql. */
export interface Promql {
    readonly text: string;
    readonly root: SyntaxNode;
}

/** Throws at a syntax error, with its place. */
export function parsePromql(text: string): Promql {
    const tree = parser.parse(text);
    tree.iterate({
        enter: ({ type, from }) => {
            if (type.isError) {
                throw new Error(`not PromQL, at character ${from + 1}: ${text}`);
            }
        },
    });
    const root = operandsOf(tree.topNode)[0];
    if (root === undefined) {
        throw new Error("an empty expression");
    }
    return { text, root };
}

export function childrenOf(node: SyntaxNode): SyntaxNode[] {
    const children: SyntaxNode[] = [];
    for (let child = node.firstChild; child; child = child.nextSibling) {
        children.push(child);
    }
    return children;
}

/** Nodes that have a value. */
const OPERANDS: ReadonlySet<string> = new Set([
    "VectorSelector",
    "MatrixSelector",
    "SubqueryExpr",
    "AggregateExpr",
    "FunctionCall",
    "BinaryExpr",
    "ParenExpr",
    "UnaryExpr",
    "OffsetExpr",
    "StepInvariantExpr",
    "NumberDurationLiteral",
    "StringLiteral",
]);

/** Children that have a value: not operators, modifiers and comments. */
export function operandsOf(node: SyntaxNode): SyntaxNode[] {
    return childrenOf(node).filter(({ name }) => OPERANDS.has(name));
}

export function textOf({ text }: Promql, node: SyntaxNode): string {
    return text.slice(node.from, node.to);
}

/** The value of a string literal. */
export function literal(promql: Promql, node: SyntaxNode): string {
    const text = textOf(promql, node);
    return text.startsWith("`")
        ? text.slice(1, -1)
        : text.slice(1, -1).replace(/\\(.)/g, (_, escaped: string) => escaped);
}

export interface Matcher {
    readonly label: string;
    readonly operator: string;
    readonly value: string;
}

export interface Selector {
    /** Undefined when it is selected by a matcher on `__name__`. */
    readonly name?: string;
    readonly matchers: readonly Matcher[];
}

export function selectorOf(promql: Promql, node: SyntaxNode): Selector {
    const identifier = node.getChild("Identifier");
    const parts = childrenOf(node)
        .filter(({ name }) => name === "LabelMatchers")
        .flatMap(childrenOf);
    const quoted = parts.find(({ name }) => name === "QuotedLabelName");
    const matchers = parts
        .filter(({ name }) => name.endsWith("LabelMatcher"))
        .map((matcher): Matcher => {
            const [label, operator, value] = childrenOf(matcher);
            return {
                label: label ? labelName(promql, label) : "",
                operator: operator ? textOf(promql, operator) : "",
                value: value ? literal(promql, value) : "",
            };
        });
    const name = identifier ? textOf(promql, identifier) : quoted && literal(promql, quoted);
    return name === undefined ? { matchers } : { name, matchers };
}

/** Every selector of an expression. */
export function selectorsOf(promql: Promql): Selector[] {
    const selectors: Selector[] = [];
    promql.root.cursor().iterate(({ name, node }) => {
        if (name === "VectorSelector") {
            selectors.push(selectorOf(promql, node));
        }
    });
    return selectors;
}

/** A label's name; in quotes where it is not a legacy one. */
export function labelName(promql: Promql, node: SyntaxNode): string {
    return node.name.startsWith("Quoted") ? literal(promql, node) : textOf(promql, node);
}

export function withoutOperand(node: SyntaxNode): never {
    throw new Error(`a ${node.name} without an operand`);
}

/** A number, or a function that gives one: beside a vector, it has no labels to match. */
export function isScalar(promql: Promql, node: SyntaxNode): boolean {
    const name = node.getChild("FunctionIdentifier");
    return name
        ? ["scalar", "time", "pi"].includes(textOf(promql, name))
        : node.name === "NumberDurationLiteral";
}
