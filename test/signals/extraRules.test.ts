import assert from "node:assert/strict";

import { refusedRules } from "../../commands/checkStacks/refusedRules";
import { unplacedAlerts } from "../../commands/checkStacks/unplacedAlerts";
import type { Registration } from "../../lab/program/program";
import { previewOf } from "../../lab/program/runs";
import { goTool } from "../support/goTool";
import { changed } from "../support/refusalTable";

describe("Rules of the stack's owner, in promtool's eyes", function () {
    this.timeout(900_000);
    let registrations: readonly Registration[];
    before(async function () {
        await goTool(this, "promtool");
        const extraRules = {
            shop: {
                folder: "docs/examples/rules",
                metrics: ["shop_orders_total", "shop_orders_failed_total"],
            },
        };
        ({ registrations } = await previewOf("prod", changed("prod", "alerting", { extraRules })));
    });

    /** The program's objects with another rule of the owner's in place of theirs. */
    function withRule(rule: object): Registration[] {
        return registrations.map((each) =>
            each.name === "extra-rules-shop"
                ? {
                      ...each,
                      inputs: { ...each.inputs, spec: { groups: [{ name: "a", rules: [rule] }] } },
                  }
                : each,
        );
    }

    it("are right as docs/examples has them", async () => {
        assert.ok(registrations.some(({ name }) => name === "extra-rules-shop"));
        assert.equal(await refusedRules(registrations), undefined);
    });

    it("have a place where their labels are followed, and are named where they have none", () => {
        assert.equal(unplacedAlerts(registrations), undefined);
        const alert = (expr: string, labels = {}) => ({ alert: "ShopSlow", expr, labels });
        const told = (rule: object) => unplacedAlerts(withRule(rule));
        // Its beginning tells nothing: what is lost is lost on the right.
        assert.equal(
            told(alert("redis_up / on (pod) redis_up > 1")),
            [
                "alerting.extraRules: each alert needs namespace or node, in its expression or in labels:",
                "  shop, ShopSlow: got the labels pod",
            ].join("\n"),
        );
        assert.equal(told(alert("redis_up / on (namespace, pod) redis_up > 1")), undefined);
        assert.equal(told(alert("sum(redis_up) > 1", { namespace: "shop" })), undefined);
        assert.equal(told(alert("shop_orders_total > 1")), undefined);
    });

    it("are refused with the words of Prometheus, and the folder's name", async () => {
        const broken = withRule({ record: "a:b", expr: "sum(redis_up" });
        const told = (await refusedRules(broken)) ?? "";
        assert.match(told, /^alerting\.extraRules: Prometheus refuses them:/);
        assert.match(told, /shop\.yaml/);
        assert.match(told, /unclosed left parenthesis/);
    });
});
