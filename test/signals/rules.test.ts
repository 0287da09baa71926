import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import type { Rule } from "../../components/alerting/prometheusRule";
import { alertSettings, AlertName } from "../../components/alerting/rules/settings";
import { DASHBOARD_UIDS as OUR_DASHBOARDS } from "../../components/dashboards/uids";
import { CHARTS } from "../../components/versions";
import { chartFacts } from "../../lab/charts/facts";
import { run } from "../../lab/tools/commands";
import { goTool } from "../support/goTool";
import { writeCase, writeJson } from "./caseFiles";
import { CASES, RECORD_CASES } from "./cases";
import {
    ALERT_RULES,
    DASHBOARD_UIDS,
    EXPRESSIONS,
    ruleFile,
    RULES,
    rulesFor,
} from "./renderedRules";

const ALERTS = Object.keys(alertSettings.unwrap().shape) as AlertName[];

/** What kube-prometheus-stack brings itself. */
const chart = chartFacts()["kube-prometheus-stack"] ?? assert.fail("lab/charts/pinned.json");

describe("alert rules", () => {
    it("are there for every name that a stack can configure", () => {
        const written = new Set(ALERT_RULES.map(({ alert }) => alert));
        assert.deepEqual(
            ALERTS.filter((alert) => !written.has(alert)),
            [],
        );
    });

    for (const alert of ALERTS) {
        for (const kind of ["firing", "quiet"] as const) {
            it(`${alert} has a ${kind} case in test/signals/cases`, () => {
                assert.ok(CASES.some((each) => each.alert === alert && each.kind === kind));
            });
        }
    }

    it("have a case of each recording rule, or of an alert that reads it", () => {
        const tested = new Set<Rule>([...CASES, ...RECORD_CASES].flatMap(rulesFor));
        assert.deepEqual(
            RULES.filter((rule) => !tested.has(rule)),
            [],
        );
    });

    it("repeat none of kube-prometheus-stack's own", () => {
        assert.equal(chart.version, CHARTS.kubePrometheusStack.version, "npm run chart-facts");
        assert.deepEqual(
            ALERTS.filter((alert) => chart.alerts.includes(alert)),
            [],
        );
    });

    it("link to dashboards of ours, or to some that kube-prometheus-stack has", () => {
        const known: readonly string[] = [...OUR_DASHBOARDS, ...chart.dashboards];
        assert.deepEqual(
            DASHBOARD_UIDS.filter((uid) => !known.includes(uid)),
            [],
        );
    });

    it("read every metric that a case has: a mistyped one would keep every alert quiet", () => {
        const expressions = EXPRESSIONS.join("\n");
        const metrics = new Set(CASES.flatMap(({ series }) => series.map(({ metric }) => metric)));
        const unread = [...metrics].filter(
            (metric) => !new RegExp(`\\b${metric}\\b`).test(expressions),
        );
        assert.deepEqual(unread, []);
    });

    describe("in Prometheus", () => {
        let promtool: string;
        let folder: string;

        before(async function () {
            // It may have to be built.
            this.timeout(0);
            promtool = await goTool(this, "promtool");
            folder = fs.mkdtempSync(path.join(os.tmpdir(), "observability-rules-"));
        });

        after(() => {
            if (folder) {
                fs.rmSync(folder, { recursive: true });
            }
        });

        it("are accepted without a warning", async () => {
            // Each group by itself: several have the same alerts, on the backups of their namespaces.
            const files = ruleFile().groups.map((group) =>
                writeJson(folder, `${group.name}.json`, { groups: [group] }),
            );
            await run(promtool, ["check", "rules", "--lint=all", "--lint-fatal", ...files]);
        });

        for (const testCase of RECORD_CASES) {
            it(`${testCase.record} is right: ${testCase.title}`, async () => {
                await run(promtool, ["test", "rules", writeCase(testCase, folder)]);
            });
        }

        for (const testCase of CASES) {
            const { alert, kind, title } = testCase;
            it(`${alert} ${kind === "firing" ? "fires" : "is quiet"}: ${title}`, async () => {
                await run(promtool, ["test", "rules", writeCase(testCase, folder)]);
            });
        }
    });
});
