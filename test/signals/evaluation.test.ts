import assert from "node:assert/strict";

import { lookbacks } from "../../commands/bench/lookbacks";
import { redisPopulation, redisSettings } from "../../commands/bench/redisPopulation";
import { seriesFor } from "../../commands/bench/ruleSeries";
import { evaluateRules, ruleGroups } from "../../commands/bench/ruleTimes";
import { previewOf, STACKS, withFolder } from "../../lab/program/runs";
import { readStackFile, Settings } from "../../lab/program/stackFile";
import { expressionsOf } from "../../lab/promql/expressions";
import { parsePromql, selectorsOf } from "../../lab/promql/syntax";
import { goTool } from "../support/goTool";

/** So that recording rules are read as well. */
const TWICE = { interval: 3, rounds: 1 };

describe("The rules of a stack", () => {
    for (const stack of STACKS) {
        it(`${stack}: a real Prometheus evaluates each of them on what the exporters answered, without an error`, async function () {
            // It may have to be built.
            this.timeout(0);
            await goTool(this, "prometheus");
            // Beside its own instances some of every mode.
            const redis = { ...(readStackFile(stack).redis as Settings), ...redisSettings(10) };
            const { registrations } = await previewOf(stack, { redis });
            const expressions = expressionsOf(registrations).filter(({ dashboard }) => !dashboard);
            const parsed = expressions.map(({ text }) => parsePromql(text));
            const pods = redisPopulation(redis);
            const groups = ruleGroups(registrations);
            const series = seriesFor(pods, parsed.flatMap(selectorsOf));
            const { rules } = await withFolder((folder) =>
                evaluateRules(folder, { groups, series, lookbacks: lookbacks(parsed) }, TWICE),
            );
            const names = groups
                .flatMap((group) => group.rules)
                .map((rule) => ({ alert: "", record: "", ...rule }))
                .map(({ alert, record }) => alert || record);
            assert.deepEqual([...rules.keys()].sort(), [...new Set(names)].sort());
        });
    }
});
