import * as fs from "node:fs";
import * as path from "node:path";

import type { Rule } from "../../components/alerting/prometheusRule";
import { AlertCase, promtoolTest, RecordCase, recordTest } from "./alertCase";
import { expectedDashboard, RenderedRule, ruleFile, rulesFor, strangersOf } from "./renderedRules";

/** Writes a case and the rules that it needs, each as `change` makes it, and returns the file for `promtool test rules`. */
export function writeCase(
    testCase: AlertCase | RecordCase,
    folder: string,
    change?: (rule: Rule, rendered: RenderedRule) => RenderedRule,
): string {
    const rules = ruleFile(rulesFor(testCase), change);
    const underTest = {
        ruleFiles: [writeJson(folder, "rules.json", rules)],
        groups: rules.groups.map(({ name }) => name),
    };
    const content =
        "record" in testCase
            ? recordTest(testCase, underTest)
            : promtoolTest(testCase, {
                  ...underTest,
                  dashboardUrl: expectedDashboard,
                  strangers: strangersOf(testCase.alert),
              });
    return writeJson(folder, "case.json", content);
}

/** Writes a file that promtool reads, and returns its path. */
export function writeJson(folder: string, name: string, content: object): string {
    const file = path.join(folder, name);
    fs.writeFileSync(file, JSON.stringify(content, undefined, 4));
    return file;
}
