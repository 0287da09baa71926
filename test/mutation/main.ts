import { isAlert, Rule } from "../../components/alerting/prometheusRule";
import { withFolder } from "../../lab/program/runs";
import { isOnPath } from "../../lab/tools/commands";
import { tool } from "../../lab/tools/goTools";
import type { AlertCase, RecordCase } from "../signals/alertCase";
import { writeCase } from "../signals/caseFiles";
import { CASES, RECORD_CASES } from "../signals/cases";
import { RenderedRule, ruleFile, RULES, rulesFor } from "../signals/renderedRules";
import { Evaluated, Mutant, mutantsOf } from "./mutants";
import { survivorsOf, Trial } from "./trials";

/** Of all mutants, so many must be found out. */
const WANTED = 0.95;

type Case = AlertCase | RecordCase;

/**
 * `npm run test:mutation`: changes each rule in each way that a slip of the pen would, and counts how many of these
 * changes a case in test/signals/cases finds. Lists the others. With names of alerts or records: those alone. Needs Go, or
 * the binary that PROMTOOL names.
 */
async function main(names: readonly string[]): Promise<number> {
    if (!process.env.PROMTOOL && !isOnPath("go")) {
        console.log(
            "skipped: it needs promtool: put Go on the PATH to build it, or name it in PROMTOOL",
        );
        console.log("0 passed, 0 failed, 1 skipped");
        return 0;
    }
    const promtool = await tool("promtool");
    const cases = new Map(
        ([...RECORD_CASES, ...CASES] as readonly Case[]).map((each) => [each, rulesFor(each)]),
    );
    const rules = renderedRules().filter(
        ({ rule }) => names.length === 0 || names.includes(nameOf(rule)),
    );
    const trials = rules.flatMap(({ rule, rendered }) =>
        mutantsOf(rendered as unknown as Evaluated).map((mutant) => trial(rule, mutant, cases)),
    );
    const survivors = await withFolder((folder) =>
        survivorsOf(trials, promtool, folder, (text) => console.log(text)),
    );
    for (const { name } of survivors) {
        console.log(`survived: ${name}`);
    }
    const killed = (trials.length - survivors.length) / trials.length;
    const percent = `${(killed * 100).toFixed(1)} %`;
    console.log(
        `${rules.length} rules, ${trials.length} mutants, ${survivors.length} survived: ` +
            `${percent} killed, ${WANTED * 100} % wanted`,
    );
    return killed >= WANTED ? 0 : 1;
}

function renderedRules(): { rule: Rule; rendered: RenderedRule }[] {
    const found: { rule: Rule; rendered: RenderedRule }[] = [];
    ruleFile(RULES, (rule, rendered) => {
        found.push({ rule, rendered });
        return rendered;
    });
    return found;
}

function nameOf(rule: Rule): string {
    return isAlert(rule) ? rule.alert : rule.record;
}

/** The cases of the rule, those in which it fires and the short ones first. */
function trial(rule: Rule, mutant: Mutant, cases: ReadonlyMap<Case, readonly Rule[]>): Trial {
    const tests = [...cases]
        .filter(([, rules]) => rules.includes(rule))
        .map(([each]) => each)
        .sort((a, b) => cost(a) - cost(b));
    return {
        name: `${nameOf(rule)}: ${mutant.change}\n    ${mutant.rule.expr}`,
        tests: tests.map(
            (each) => (folder) =>
                writeCase(each, folder, (other, rendered) =>
                    other === rule ? { ...rendered, ...mutant.rule } : rendered,
                ),
        ),
    };
}

function cost(each: Case): number {
    if ("record" in each) {
        return 0;
    }
    const slow = each.slo !== undefined && each.recorded === undefined ? 10 : 0;
    return slow + (each.kind === "firing" ? 1 : 2);
}

void main(process.argv.slice(2)).then((code) => (process.exitCode = code));
