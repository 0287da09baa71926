import assert from "node:assert/strict";

import {
    AlertContext,
    AlertRule,
    prometheusRuleSpec,
} from "../../../components/alerting/prometheusRule";
import { alertSettings } from "../../../components/alerting/rules/settings";
import { listAt, valueAt } from "../../../lab/program/objects";

const RULE: AlertRule = {
    alert: "RedisInstanceDown",
    expr: "redis_up == 0",
    summary: "Redis is down",
    description: "It has been down for 1 minute.",
    dashboard: { uid: "redis", variables: { namespace: "namespace" } },
};
const CONTEXT: AlertContext = {
    settings: alertSettings.parse({}),
    labels: { environment: "prod" },
    team: "platform",
    runbookBaseUrl: "https://example.com/runbooks",
    grafanaUrl: "https://grafana.example.com",
};

function rules(settings: object, rule: AlertRule = RULE, context = CONTEXT): unknown[] {
    const spec = prometheusRuleSpec([{ name: "redis", rules: [rule] }], {
        ...context,
        settings: alertSettings.parse(settings),
    });
    return listAt(spec, "groups").flatMap((group) => listAt(group, "rules"));
}

describe("PrometheusRule", () => {
    it("gives an alert its severity, owner and environment, and where to read on", () => {
        assert.deepEqual(rules({}), [
            {
                alert: "RedisInstanceDown",
                expr: "redis_up == 0",
                for: "1m",
                keep_firing_for: "3m",
                labels: { environment: "prod", team: "platform", severity: "critical" },
                annotations: {
                    summary: "Redis is down",
                    description: "It has been down for 1 minute.",
                    runbook_url: "https://example.com/runbooks/RedisInstanceDown.md",
                    dashboard_url:
                        "https://grafana.example.com/d/redis?var-namespace={{ $labels.namespace | urlquery }}",
                },
            },
        ]);
    });

    it("takes what a stack changes of an alert", () => {
        const changed = { RedisInstanceDown: { severity: "warning", for: "5m", team: "shop" } };
        const [rule] = rules(changed);
        assert.equal(valueAt(rule, "for"), "5m");
        assert.deepEqual(valueAt(rule, "labels"), {
            environment: "prod",
            team: "shop",
            severity: "warning",
        });
    });

    it("leaves an alert out that is switched off, and with it a group without rules", () => {
        assert.deepEqual(rules({ RedisInstanceDown: { enabled: false } }), []);
    });

    it("keeps recording rules as they are, and the interval of their group", () => {
        const record = { record: "app:redis_up:sum", expr: "sum by (app) (redis_up)" };
        const group = { name: "redis", interval: "2m", rules: [record] };
        assert.deepEqual(prometheusRuleSpec([group], CONTEXT), { groups: [group] });
    });

    it("keeps the rule's own labels, which an absent() has no others of", () => {
        const [rule] = rules(
            {},
            { ...RULE, labels: { namespace: "orders", environment: "other" } },
        );
        assert.deepEqual(valueAt(rule, "labels"), {
            namespace: "orders",
            environment: "other",
            team: "platform",
            severity: "critical",
        });
    });
});
