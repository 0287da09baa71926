import assert from "node:assert/strict";

import { sideBySide, variantIn } from "../../mutation/variants";

const counted = { record: "shop:pods:count", expr: "count(up)" };
const other = { record: "shop:limit", expr: "vector(3)" };
const alert = { alert: "PodsMissing", expr: "shop:pods:count < shop:limit", for: "1m" };
const silenced = {
    alert: "Slow",
    expr: 'slow{alert="PodsMissing"} unless ALERTS{alertname=~"PodsMissing|Gone"}',
};
const RULES = { groups: [{ name: "all", rules: [counted, other, alert, silenced] }] };
const played = (tests: object) => ({
    rules: RULES,
    test: { tests: [{ input_series: [{ series: "up{}", values: "1x9" }], ...tests }] },
});
const CHECK = { alert_rule_test: [{ eval_time: "1m", alertname: "PodsMissing", exp_alerts: [] }] };

describe("Variants of a rule", () => {
    it("stand beside one another, with all that is made of them and the checks of each", () => {
        const mutant = { ...counted, expr: "sum(up)" };
        const both = sideBySide(
            played(CHECK),
            counted,
            new Map([
                [0, counted],
                [1, mutant],
            ]),
        );
        assert.deepEqual(
            both?.rules.groups[0]?.rules.map(({ record, alert: name, expr }) => [
                record ?? name,
                expr,
            ]),
            [
                ["shop:pods:count__variant0", "count(up)"],
                ["shop:pods:count__variant1", "sum(up)"],
                ["shop:limit", "vector(3)"],
                ["PodsMissing__variant0", "shop:pods:count__variant0 < shop:limit"],
                ["PodsMissing__variant1", "shop:pods:count__variant1 < shop:limit"],
                [
                    "Slow__variant0",
                    'slow{alert="PodsMissing"} unless ALERTS{alertname=~"PodsMissing__variant0|Gone"}',
                ],
                [
                    "Slow__variant1",
                    'slow{alert="PodsMissing"} unless ALERTS{alertname=~"PodsMissing__variant1|Gone"}',
                ],
            ],
        );
        assert.deepEqual(
            both?.test.tests[0]?.alert_rule_test?.map(({ alertname }) => alertname),
            ["PodsMissing__variant0", "PodsMissing__variant1"],
        );
    });

    it("are not played where no check sees them", () => {
        assert.equal(sideBySide(played(CHECK), silenced, new Map([[0, silenced]])), undefined);
    });

    it("have recorded series of their own where a case brings them", () => {
        const check = {
            input_series: [{ series: 'shop:pods:count{a="b"}', values: "1x9" }],
            promql_expr_test: [{ eval_time: "1m", expr: "shop:pods:count", exp_samples: [] }],
        };
        const both = sideBySide(played(check), counted, new Map([[4, counted]]));
        assert.deepEqual(both?.test.tests[0]?.input_series, [
            { series: 'shop:pods:count__variant4{a="b"}', values: "1x9" },
        ]);
    });

    it("are known in what promtool says of them", () => {
        assert.equal(variantIn("    alertname: PodsMissing__variant12, time: 1m,"), 12);
        assert.equal(variantIn("    rule: shop:limit, time: 1m"), undefined);
    });
});
