import assert from "node:assert/strict";

import { ruleGroups } from "../../commands/bench/ruleTimes";
import type { ProgramRun } from "../../lab/program/program";
import { everyModeRun, stackRun, STACKS } from "../../lab/program/runs";
import { RenderedRule, ruleFile } from "./renderedRules";

/** A rule without names and numbers: what another namespace, instance or threshold does not change. */
function shapeOf({ alert, record, expr }: RenderedRule): string {
    const shape = String(expr)
        .replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')
        .replaceAll(/\b\d+(\.\d+)?[smhdw]?\b/g, "N");
    return `${String(alert ?? record)}: ${shape}`;
}

const tested = new Set(
    ruleFile()
        .groups.flatMap(({ rules }) => rules)
        .map(shapeOf),
);

describe("The rules that cases in test/signals/cases are about", () => {
    const runs: Readonly<Record<string, () => Promise<ProgramRun>>> = {
        ...Object.fromEntries(STACKS.map((stack) => [stack, () => stackRun(stack)])),
        "a stack with every mode of Redis": everyModeRun,
    };
    for (const [name, run] of Object.entries(runs)) {
        it(`are those that ${name} ships, but for names and numbers`, async () => {
            const shipped = ruleGroups((await run()).registrations)
                .flatMap(({ rules }) => rules as readonly RenderedRule[])
                .map(shapeOf);
            assert.notEqual(shipped.length, 0);
            assert.deepEqual(
                shipped.filter((shape) => !tested.has(shape)),
                [],
            );
        });
    }
});
