import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { run } from "../support/commands";
import { goTool } from "../support/goTools";
import { ROOT } from "../support/stackFile";
import { promtoolTest } from "./alertCase";
import { containerUsageCases } from "./cases/containerUsage";
import { fluxCases } from "./cases/flux";
import { redisAvailabilityCases } from "./cases/redisAvailability";
import { redisOperatorCases } from "./cases/redisOperator";
import { redisSaturationCases } from "./cases/redisSaturation";
import { redisSentinelCases } from "./cases/redisSentinel";
import { workloadCases } from "./cases/workloads";
import { GROUPS, ruleFile, RULES } from "./renderedRules";

const CASES = [
    ...redisAvailabilityCases,
    ...redisSentinelCases,
    ...redisSaturationCases,
    ...redisOperatorCases,
    ...fluxCases,
    ...workloadCases,
    ...containerUsageCases,
];
const ALERTS = [...new Set(RULES.map(({ alert }) => alert))];

describe("alert rules", () => {
    it("are all under test: renderedRules.ts has every file of components/monitoring/rules", () => {
        const files = fs.readdirSync(path.join(ROOT, "components/monitoring/rules"));
        assert.deepEqual(files.sort(), Object.keys(GROUPS).sort());
    });

    for (const alert of ALERTS) {
        for (const kind of ["firing", "quiet"] as const) {
            it(`${alert} has a ${kind} case in test/signals/cases`, () => {
                assert.ok(CASES.some((each) => each.alert === alert && each.kind === kind));
            });
        }
    }

    it("are what the cases are about", () => {
        const unknown = CASES.filter(({ alert }) => !ALERTS.includes(alert));
        assert.deepEqual(unknown, []);
    });

    it("read every metric that a case has: a mistyped one would keep every alert quiet", () => {
        const expressions = RULES.map(({ expr }) => expr).join("\n");
        const metrics = new Set(CASES.flatMap(({ series }) => series.map(({ metric }) => metric)));
        const unread = [...metrics].filter(
            (metric) => !new RegExp(`\\b${metric}\\b`).test(expressions),
        );
        assert.deepEqual(unread, []);
    });

    describe("in Prometheus", () => {
        let promtool: string;
        let folder: string;

        function write(name: string, content: object): string {
            const file = path.join(folder, name);
            fs.writeFileSync(file, JSON.stringify(content, undefined, 4));
            return file;
        }

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
            const rules = write("rules.json", ruleFile());
            await run(promtool, ["check", "rules", "--lint=all", "--lint-fatal", rules]);
        });

        for (const testCase of CASES) {
            const { alert, kind, title } = testCase;
            it(`${alert} ${kind === "firing" ? "fires" : "is quiet"}: ${title}`, async () => {
                // One alert alone is evaluated ten times as fast as all.
                const rules = write("rules.json", ruleFile(alert));
                await run(promtool, [
                    "test",
                    "rules",
                    write("case.json", promtoolTest(testCase, [rules])),
                ]);
            });
        }
    });
});
