import assert from "node:assert/strict";

import { listAt, ofKind, textAt, valueAt } from "../../../lab/program/objects";
import type { ProgramRun } from "../../../lab/program/program";
import { previewOf, stackRun, tenantRun } from "../../../lab/program/runs";

/** The rules of the groups whose names begin so, of every PrometheusRule. */
function rules(run: ProgramRun, group: string): unknown[] {
    return ofKind(run, "PrometheusRule")
        .flatMap(({ manifest }) => listAt(manifest, "spec", "groups"))
        .filter((each) => textAt(each, "name").startsWith(group))
        .flatMap((each) => listAt(each, "rules"));
}
const expressions = (run: ProgramRun, name: string): string[] =>
    rules(run, "slo-")
        .filter((rule) => [valueAt(rule, "alert"), valueAt(rule, "record")].includes(name))
        .map((rule) => textAt(rule, "expr"));

describe("Service level objectives of a stack", () => {
    it("are as strict and as long as it says", async () => {
        const slos = { "redis-availability": { objective: 99, window: "15d" } };
        const run = await previewOf("staging", { slos });
        const series = (pair: string) =>
            `slo:sli_error:ratio_min${pair}{environment="staging", slo="redis-availability"}`;
        // 1 % x 2 % of 15d within 1h is 7.2 times the even rate, and so on; never slower than evenly.
        const compared = (alert: string): string[] =>
            expressions(run, alert).flatMap((expr) =>
                expr.split(" or ").map((each) => each.replace(/ unless .*$/, "")),
            );
        assert.deepEqual(compared("ErrorBudgetBurnFast"), [
            `${series("1h_5m")} > 0.072`,
            `${series("6h_30m")} > 0.03`,
        ]);
        assert.deepEqual(compared("ErrorBudgetBurnSlow"), [
            `${series("1d_2h")} > 0.015`,
            `${series("3d_6h")} > 0.01`,
        ]);
        assert.match(
            expressions(run, "slo:error_budget_remaining:ratio").join(),
            /\[15d\]\).*\/ 0\.01$/,
        );
    });

    it("are of the namespaces that they name alone", async () => {
        const instance = { mode: "standalone", memory: "256Mi", storageSize: "1Gi" };
        const run = await previewOf("staging", {
            redis: {
                orders: { instances: { a: instance } },
                carts: { instances: { b: instance } },
            },
            slos: {
                carts: {
                    sli: "redis-commands",
                    objective: 99,
                    window: "7d",
                    namespaces: ["carts"],
                },
            },
        });
        const found = rules(run, "slo-").map((rule) => textAt(rule, "expr"));
        assert.ok(found.some((expr) => expr.includes(`namespace=~"carts"`)));
        assert.ok(!found.some((expr) => expr.includes(`namespace=~"orders"`)));
    });

    it("take a rate over four scrapes, so that one that fails leaves no gap", async () => {
        const run = await previewOf("staging", {
            redis: {
                orders: {
                    instances: {
                        a: {
                            mode: "standalone",
                            memory: "256Mi",
                            storageSize: "1Gi",
                            scrapeInterval: "1m",
                        },
                    },
                },
            },
            slos: { "redis-commands": { objective: 99, window: "7d" } },
        });
        assert.match(expressions(run, "slo:sli_errors:rate").join(), /\[4m\]/);
    });

    it("have their windows in the owner's rules, which serve its tenants as well", async () => {
        const [owner, tenant] = [await stackRun("prod"), await tenantRun()];
        assert.notEqual(rules(owner, "slo-error-ratios").length, 0);
        assert.equal(rules(tenant, "slo-error-ratios").length, 0);
        assert.equal(rules(tenant, "slo-platform").length, 0);
    });
});
