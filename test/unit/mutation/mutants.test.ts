import assert from "node:assert/strict";

import { mutantsOf } from "../../mutation/mutants";

const expressions = (expr: string): string[] => mutantsOf({ expr }).map(({ rule }) => rule.expr);

/** Those that lack a matcher. */
const unmatched = (expr: string): string[] =>
    mutantsOf({ expr })
        .filter(({ change }) => change.startsWith("without "))
        .map(({ rule }) => rule.expr);

describe("Mutants of a rule", () => {
    it("have each comparator flipped, and once only at its edge", () => {
        assert.deepEqual(expressions("a > b").sort(), ["a <= b", "a >= b"]);
        assert.deepEqual(expressions("a == b"), ["a != b"]);
    });

    it("have no other aggregation where only whether there is a result matters", () => {
        const aggregations = (expr: string, summary: string): string[] =>
            mutantsOf({ expr, annotations: { summary } })
                .map(({ change }) => change)
                .filter((change) => /^(max|sum|count|group) -> /.test(change));
        const shown = "{{ $value }}";
        assert.deepEqual(aggregations("max(a > 0)", "it is"), []);
        assert.deepEqual(aggregations("max(a > 0)", shown), ["max -> min at character 1"]);
        assert.deepEqual(aggregations("max(a) > 0", "it is"), ["max -> min at character 1"]);
        assert.deepEqual(aggregations("a unless max(b)", shown), []);
        assert.deepEqual(aggregations("a and on () (max(b) == 1)", "it is"), [
            "max -> min at character 14",
        ]);
        assert.deepEqual(aggregations("count(max by (n) (a)) > 1", "it is"), [
            "count -> group at character 1",
        ]);
        assert.deepEqual(aggregations(`label_replace(sum(a), "n", "x", "", "") * b`, "it is"), []);
        assert.deepEqual(aggregations("abs(sum(a))", "it is"), ["sum -> max at character 5"]);
    });

    it("lack each label matcher, with its comma", () => {
        assert.deepEqual(expressions(`rate(a{b="1", c!="2"}[5m])`).sort(), [
            `rate(a{b="1", c!="2"}[1500s])`,
            `rate(a{b="1", c!="2"}[60s])`,
            `rate(a{b="1"}[5m])`,
            `rate(a{c!="2"}[5m])`,
        ]);
    });

    it("have each share changed by a factor, each count doubled and halved, and 0 by another number", () => {
        assert.deepEqual(expressions("a * 0.8"), ["a * 1", "a * 0.64"]);
        assert.deepEqual(expressions("a * 3"), ["a * 6", "a * 1.5"]);
        assert.deepEqual(expressions("a + 0"), ["a + 2"]);
    });

    it("let 0 through the guard of a division", () => {
        assert.ok(expressions("a / (b > 0)").includes("a / (b > -1)"));
    });

    it("look back for longer and for less, and from another time", () => {
        assert.deepEqual(expressions("rate(a[5m] offset 1m)"), [
            "rate(a[1500s] offset 1m)",
            "rate(a[60s] offset 1m)",
            "rate(a[5m] offset 300s)",
            "rate(a[5m] offset 12s)",
        ]);
    });

    it("join on each label less, and aggregate by it", () => {
        assert.deepEqual(expressions("a * on (n, p) group_left (t) b"), [
            "a * on (p) group_left (t) b",
            "a * on (n) group_left (t) b",
            "a * on (n, p) group_left () b",
        ]);
        assert.deepEqual(expressions("topk by (n) (b)").sort(), ["(b)", "topk by () (b)"]);
    });

    it("have another aggregation, and none", () => {
        assert.deepEqual(expressions("max(a)").sort(), ["(a)", "min(a)"]);
        assert.deepEqual(expressions("max_over_time(a[5m])"), [
            "min_over_time(a[5m])",
            "max_over_time(a[1500s])",
            "max_over_time(a[60s])",
        ]);
    });

    const regrouped: Readonly<Record<string, string>> = {
        "a or b and on (n) c": "((a or b) and on (n) c)",
        "(a or b) unless c": "(a or (b unless c))",
        "a and b or c": "(a and (b or c))",
        "a unless (b or c)": "((a unless b) or c)",
    };
    for (const [expr, other] of Object.entries(regrouped)) {
        it(`have ${expr} grouped otherwise`, () => {
            assert.ok(expressions(expr).includes(other), expressions(expr).join("; "));
        });
    }

    it("hold for longer and for less", () => {
        const held = mutantsOf({ expr: "a", for: "5m" }).map(({ rule }) => rule.for);
        assert.deepEqual(held, ["450s", "150s"]);
    });

    const unchanged: Readonly<Record<string, readonly [string, string]>> = {
        "a join": [`a{n="1"} - b{n="1"}`, "a{} - b{}"],
        "a join on the label": [
            `sum by (n) (a{n="1"}) and on (n) rate(b{n="1"}[5m])`,
            "sum by (n) (a{}) and on (n) rate(b{}[5m])",
        ],
        "a comparison whose left side keeps its labels": [
            `a{n="1"} / (b{n="1"} > on (p) group_left () c)`,
            "a{} / (b{} > on (p) group_left () c)",
        ],
        "what an `and` on other labels lets through": [
            `a{n="1"} / (b{n="1"} and on (p) c)`,
            "a{} / (b{} and on (p) c)",
        ],
    };
    for (const [what, [expr, both]] of Object.entries(unchanged)) {
        it(`lack a matcher on both sides of ${what}: on one side it decides nothing`, () => {
            assert.deepEqual(unmatched(expr), [both]);
        });
    }

    const decides: Readonly<Record<string, readonly [string, ...string[]]>> = {
        "the alternatives of or": [`a{n="1"} or b{n="1"}`, `a{} or b{n="1"}`, `a{n="1"} or b{}`],
        "a join that does not look at the label": [
            `a{n="1"} and on (p) b{n="1"}`,
            `a{} and on (p) b{n="1"}`,
            `a{n="1"} and on (p) b{}`,
        ],
        "sums without the label": [
            `sum(a{n="1"}) / sum(b{n="1"})`,
            `sum(a{}) / sum(b{n="1"})`,
            `sum(a{n="1"}) / sum(b{})`,
        ],
        "what is left by unless": [
            `a{n="1"} unless b{n="1"}`,
            `a{} unless b{n="1"}`,
            "a{} unless b{}",
        ],
        "a label that comes from the other side": [
            `a{n="1"} / (b{n="1"} * on (p) group_left (n) c)`,
            `a{} / (b{n="1"} * on (p) group_left (n) c)`,
            `a{n="1"} / (b{} * on (p) group_left (n) c)`,
        ],
        "a label that is written over": [
            `label_replace(a{n="1"}, "n", "x", "p", ".*") and b{n="1"}`,
            `label_replace(a{}, "n", "x", "p", ".*") and b{n="1"}`,
            `label_replace(a{n="1"}, "n", "x", "p", ".*") and b{}`,
        ],
    };
    for (const [what, [expr, ...mutants]] of Object.entries(decides)) {
        it(`lack one matcher of two in ${what}`, () => {
            assert.deepEqual(unmatched(expr).sort(), [...mutants].sort());
        });
    }
});
