import assert from "node:assert/strict";

import { AlertRule, prometheusRuleSpec } from "../../../components/common/prometheusRule";
import { listAt, valueAt } from "../../support/objects";

const RULE: AlertRule = {
    alert: "RedisDown",
    expr: "redis_up == 0",
    for: "1m",
    severity: "critical",
    summary: "Redis is down",
    description: "It has been down for 1 minute.",
};
const COMMON = { labels: { environment: "prod" }, runbookBaseUrl: "https://example.com/runbooks" };

describe("PrometheusRule", () => {
    it("gives an alert its severity, its environment and the URL of its runbook", () => {
        assert.deepEqual(prometheusRuleSpec([{ name: "redis", rules: [RULE] }], COMMON), {
            groups: [
                {
                    name: "redis",
                    rules: [
                        {
                            alert: "RedisDown",
                            expr: "redis_up == 0",
                            for: "1m",
                            labels: { environment: "prod", severity: "critical" },
                            annotations: {
                                summary: "Redis is down",
                                description: "It has been down for 1 minute.",
                                runbook_url: "https://example.com/runbooks/RedisDown.md",
                            },
                        },
                    ],
                },
            ],
        });
    });

    it("keeps the rule's own labels, which an absent() has no others of", () => {
        const rule = { ...RULE, labels: { namespace: "orders", environment: "other" } };
        const spec = prometheusRuleSpec([{ name: "redis", rules: [rule] }], COMMON);
        const labels = listAt(spec, "groups")
            .flatMap((group) => listAt(group, "rules"))
            .map((each) => valueAt(each, "labels"));
        assert.deepEqual(labels, [
            { namespace: "orders", environment: "other", severity: "critical" },
        ]);
    });
});
