import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { withFolder } from "../../lab/program/runs";
import { goTool } from "../support/goTool";
import { movedCase, writeJson } from "./caseFiles";
import { CASES } from "./cases";
import { failuresOf } from "./promtoolRun";

/** Processes at once. */
const PARALLEL = 2;

describe("A target that gets another address while Prometheus restarts", () => {
    it("ends no rule with an error, and fires the same alerts, each once", async function () {
        this.timeout(0);
        const promtool = await goTool(this, "promtool");
        const failed = await withFolder(async (folder) => {
            const files = new Map(
                CASES.map((testCase, i) => {
                    const own = path.join(folder, String(i % PARALLEL), String(i));
                    fs.mkdirSync(own, { recursive: true });
                    const { rules, test } = movedCase(testCase);
                    const content = test([writeJson(own, "rules.json", rules)]);
                    return [writeJson(own, "case.json", content), testCase];
                }),
            );
            const parts = Array.from({ length: PARALLEL }, (_, part) =>
                [...files.keys()].filter((_file, i) => i % PARALLEL === part),
            );
            const found = await Promise.all(parts.map((part) => failuresOf(promtool, part)));
            return found
                .flatMap((each) => [...each])
                .filter(([, texts]) => texts.length > 0)
                .map(([file, texts]) => {
                    const testCase = files.get(file);
                    return `${testCase?.alert}, ${testCase?.title}: ${texts[0]}`;
                });
        });
        assert.deepEqual(failed, []);
    });
});
