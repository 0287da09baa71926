import assert from "node:assert/strict";

import { refusedRules } from "../../commands/checkStacks/refusedRules";
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

    it("are right as docs/examples has them", async () => {
        assert.ok(registrations.some(({ name }) => name === "extra-rules-shop"));
        assert.equal(await refusedRules(registrations), undefined);
    });

    it("are refused with the words of Prometheus, and the folder's name", async () => {
        const broken = registrations.map((each) =>
            each.name === "extra-rules-shop"
                ? {
                      ...each,
                      inputs: {
                          ...each.inputs,
                          spec: {
                              groups: [
                                  { name: "a", rules: [{ record: "a:b", expr: "sum(redis_up" }] },
                              ],
                          },
                      },
                  }
                : each,
        );
        const told = (await refusedRules(broken)) ?? "";
        assert.match(told, /^alerting\.extraRules: Prometheus refuses them:/);
        assert.match(told, /shop\.yaml/);
        assert.match(told, /unclosed left parenthesis/);
    });
});
