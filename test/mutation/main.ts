import { isAlert, Rule } from "../../components/alerting/prometheusRule";
import { withFolder } from "../../lab/program/runs";
import { isOnPath } from "../../lab/tools/commands";
import { tool } from "../../lab/tools/goTools";
import type { AlertCase, RecordCase } from "../signals/alertCase";
import { playedCase } from "../signals/caseFiles";
import { CASES, RECORD_CASES } from "../signals/cases";
import { RenderedRule, ruleFile, RULES, rulesFor } from "../signals/renderedRules";
import { Evaluated, Mutant, mutantsOf } from "./mutants";
import { survivorsOf, Trial } from "./trials";
import type { TestFile } from "./variants";

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
    const trials = rules.map(({ rule, rendered }) =>
        trial(rule, mutantsOf(rendered as unknown as Evaluated), cases),
    );
    const began = Date.now();
    const survivors = await withFolder((folder) =>
        survivorsOf(trials, promtool, folder, (text) =>
            console.log(`${Math.round((Date.now() - began) / 1000)} s: ${text}`),
        ),
    );
    for (const [{ name }, mutants] of survivors) {
        for (const { change, rule } of mutants) {
            console.log(`survived: ${name}: ${change}\n    ${rule.expr}`);
        }
    }
    const all = trials.reduce((sum, { mutants }) => sum + mutants.length, 0);
    const left = [...survivors.values()].flat().length;
    const killed = (all - left) / all;
    console.log(
        `${rules.length} rules, ${all} mutants, ${left} survived: ` +
            `${(killed * 100).toFixed(1)} % killed, ${WANTED * 100} % wanted`,
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

/** The cases of the rule: its own, then those in which an alert fires, the short ones first. */
function trial(
    rule: Rule,
    mutants: readonly Mutant[],
    cases: ReadonlyMap<Case, readonly Rule[]>,
): Trial<Mutant> {
    const own = [...cases]
        .filter(([, rules]) => rules.includes(rule))
        .map(([each]) => each)
        .sort((a, b) => cost(a, rule) - cost(b, rule));
    return {
        name: nameOf(rule),
        mutants,
        rendered: (mutant) => ({ ...mutant.rule }),
        cases: own.map((each) => () => played(each, rule)),
    };
}

function played(testCase: Case, rule: Rule): ReturnType<Trial<Mutant>["cases"][number]> {
    let found: RenderedRule | undefined;
    const { rules, test } = playedCase(testCase, (other, rendered) => {
        found = other === rule ? rendered : found;
        return rendered;
    });
    if (found === undefined) {
        throw new Error(`${nameOf(rule)} is not among the rules of "${testCase.title}"`);
    }
    return { rules, test: test([]) as TestFile, rule: found };
}

function cost(each: Case, rule: Rule): number {
    const other = ("record" in each ? each.record : each.alert) === nameOf(rule) ? 0 : 100;
    if ("record" in each) {
        return other;
    }
    const slow = each.slo !== undefined && each.recorded === undefined ? 10 : 0;
    return other + slow + (each.kind === "firing" ? 1 : 2);
}

void main(process.argv.slice(2)).then((code) => (process.exitCode = code));
