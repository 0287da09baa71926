import assert from "node:assert/strict";

import { misreadDashboards } from "../../commands/checkStacks/ownDashboards";
import type { ProgramRun } from "../../lab/program/program";
import { previewOf } from "../../lab/program/runs";
import { changed } from "../support/refusalTable";

describe("Dashboards of the stack's owner, in the eyes of the gate", () => {
    const METRICS = ["shop_orders_total", "shop_orders_failed_total"];
    const change = (metrics: readonly string[]) =>
        changed("prod", "dashboards", {
            extra: {
                shop: { files: "docs/examples/dashboards", metrics },
                redis: { file: "docs/examples/dashboard.json" },
            },
        });
    let run: ProgramRun;
    before(async function () {
        this.timeout(120_000);
        run = await previewOf("prod", change(METRICS));
    });

    const withText = (from: string, to: string) =>
        run.registrations.map((each) => {
            const { data } = each.inputs as { data?: Readonly<Record<string, string>> };
            return each.name === "dashboards-extra-shop.orders"
                ? {
                      ...each,
                      inputs: {
                          ...each.inputs,
                          data: { "a.json": Object.values(data ?? {})[0]?.replaceAll(from, to) },
                      },
                  }
                : each;
        });

    it("are right as docs/examples has them, a ConfigMap each", () => {
        const names = run.registrations
            .map(({ name }) => name)
            .filter((name) => /extra-/.test(name));
        assert.deepEqual(names.sort(), ["dashboards-extra-redis", "dashboards-extra-shop.orders"]);
        assert.equal(misreadDashboards(run.registrations, change(METRICS)), undefined);
    });

    it("are refused with a label that a metric lacks, which names alone do not tell", () => {
        const wrong = withText("by (namespace) (redis", "by (namspace) (redis");
        const told = misreadDashboards(wrong, change(METRICS)) ?? "";
        assert.match(told, /^dashboards\.extra: they read what nothing has:/);
        assert.match(told, /panel "Orders that fail"/);
        assert.match(told, /label "namspace".* did you mean "namespace"\?/);
    });

    it("are refused with what is no PromQL, and with a metric that nobody says is theirs", () => {
        const broken = misreadDashboards(withText("sum by", "sum ("), change(METRICS)) ?? "";
        assert.match(broken, /not PromQL, at character/);
        const undeclared = misreadDashboards(run.registrations, change([])) ?? "";
        assert.match(
            undeclared,
            /metric "shop_orders_failed_total": nothing exposes or records it/,
        );
    });
});
