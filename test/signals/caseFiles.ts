import * as fs from "node:fs";
import * as path from "node:path";

import type { Rule } from "../../components/alerting/prometheusRule";
import { AlertCase, movedTest, promtoolTest, RecordCase, recordTest } from "./alertCase";
import {
    expectedDashboard,
    RenderedRule,
    RuleFile,
    ruleFile,
    rulesFor,
    strangersOf,
} from "./renderedRules";

/** A case with the rules that it needs, each as `change` makes it. */
export function playedCase(
    testCase: AlertCase | RecordCase,
    change?: (rule: Rule, rendered: RenderedRule) => RenderedRule,
): { readonly rules: RuleFile; readonly test: (ruleFiles: readonly string[]) => object } {
    const rules = ruleFile(rulesFor(testCase), change);
    const groups = rules.groups.map(({ name }) => name);
    return {
        rules,
        test: (ruleFiles) =>
            "record" in testCase
                ? recordTest(testCase, { ruleFiles, groups })
                : promtoolTest(testCase, {
                      ruleFiles,
                      groups,
                      dashboardUrl: expectedDashboard,
                      strangers: strangersOf(testCase.alert),
                  }),
    };
}

/** The same for a case in which every target gets another address. */
export function movedCase(
    testCase: AlertCase,
    change?: (rule: Rule, rendered: RenderedRule) => RenderedRule,
): ReturnType<typeof playedCase> {
    const { rules } = playedCase(testCase, change);
    const groups = rules.groups.map(({ name }) => name);
    const strangers = strangersOf(testCase.alert);
    return { rules, test: (ruleFiles) => movedTest(testCase, { ruleFiles, groups, strangers }) };
}

/** Writes a case and its rules, and returns the file for `promtool test rules`. */
export function writeCase(testCase: AlertCase | RecordCase, folder: string): string {
    const { rules, test } = playedCase(testCase);
    return writeJson(folder, "case.json", test([writeJson(folder, "rules.json", rules)]));
}

/** Writes a file that promtool reads, and returns its path. */
export function writeJson(folder: string, name: string, content: object): string {
    const file = path.join(folder, name);
    fs.writeFileSync(file, JSON.stringify(content, undefined, 4));
    return file;
}
