import type { RenderedRule, RuleFile } from "../signals/renderedRules";

/** A rule file, and what `promtool test rules` is to find with it. */
export interface Played {
    readonly rules: RuleFile;
    readonly test: TestFile;
}

/** The parts of a file for `promtool test rules` that name rules. */
export interface TestFile {
    readonly tests: readonly {
        readonly input_series: readonly { readonly series: string; readonly values: string }[];
        readonly alert_rule_test?: readonly Readonly<Record<string, unknown>>[];
        readonly promql_expr_test?: readonly Readonly<Record<string, unknown>>[];
    }[];
    readonly [key: string]: unknown;
}

/**
 * Many variants of one rule side by side in one test: each with all that is made of it, under names of its own, and with
 * the checks once more on these names. Series and all other rules are evaluated once for all. Undefined where no check
 * sees the rule.
 */
export function sideBySide(
    { rules, test }: Played,
    rule: RenderedRule,
    variants: ReadonlyMap<number, RenderedRule>,
): Played | undefined {
    const affected = affectedBy(rule, rules);
    const names = new Set([...affected].map(nameOf));
    const ofEach = <T extends object>(value: T): T[] =>
        seen(value, names)
            ? [...variants.keys()].map((variant) => renamedIn(value, names, variant))
            : [value];
    const copies = (of: RenderedRule): RenderedRule[] =>
        [...variants].map(([number, variant]) => {
            const own = of === rule ? variant : of;
            return {
                ...own,
                [own.alert === undefined ? "record" : "alert"]: suffixed(nameOf(own), number),
                expr: renamed(String(own.expr), names, number),
            };
        });
    const groups = rules.groups.map((group) => ({
        ...group,
        rules: group.rules.flatMap((each) => (affected.has(each) ? copies(each) : [each])),
    }));
    const tests = test.tests.map((each) => ({
        ...each,
        input_series: each.input_series.flatMap(ofEach),
        alert_rule_test: each.alert_rule_test?.flatMap(ofEach),
        promql_expr_test: each.promql_expr_test?.flatMap(ofEach),
    }));
    const checks = test.tests.flatMap(({ alert_rule_test = [], promql_expr_test = [] }) => [
        ...alert_rule_test,
        ...promql_expr_test,
    ]);
    return checks.some((check) => seen(check, names))
        ? { rules: { groups }, test: { ...test, tests } }
        : undefined;
}

/** The variant that a text of promtool is about. */
export function variantIn(text: string): number | undefined {
    const [, number] = /__variant(\d+)/.exec(text) ?? [];
    return number === undefined ? undefined : Number(number);
}

/** A rule, others of its name, and all that reads them, however deep. */
function affectedBy(rule: RenderedRule, { groups }: RuleFile): Set<RenderedRule> {
    const all = groups.flatMap(({ rules }) => rules);
    const found = new Set(all.filter((each) => nameOf(each) === nameOf(rule)));
    for (const each of found) {
        const own = new Set([nameOf(each)]);
        all.filter(({ expr }) => renamed(String(expr), own, 0) !== expr).forEach((reader) =>
            all
                .filter((other) => nameOf(other) === nameOf(reader))
                .forEach((other) => found.add(other)),
        );
    }
    return found;
}

function nameOf(rule: RenderedRule): string {
    return String(rule.alert ?? rule.record);
}

function suffixed(name: string, variant: number): string {
    return `${name}__variant${variant}`;
}

const isRecord = (name: string): boolean => name.includes(":");

/** Records by their name wherever it stands; alerts where `alertname` is compared. */
function renamed(text: string, names: ReadonlySet<string>, variant: number): string {
    return text
        .replace(/[A-Za-z_][\w:]*/g, (word) =>
            isRecord(word) && names.has(word) ? suffixed(word, variant) : word,
        )
        .replace(/alertname=~?"[^"]*"/g, (matcher) =>
            matcher.replace(/\w+/g, (word, at) =>
                at > 0 && names.has(word) ? suffixed(word, variant) : word,
            ),
        );
}

function renamedIn<T extends object>(value: T, names: ReadonlySet<string>, variant: number): T {
    return JSON.parse(JSON.stringify(value), (key, part: unknown) => {
        if (typeof part !== "string") {
            return part;
        }
        return key === "alertname" && names.has(part)
            ? suffixed(part, variant)
            : renamed(part, names, variant);
    }) as T;
}

function seen(value: object, names: ReadonlySet<string>): boolean {
    return JSON.stringify(renamedIn(value, names, 0)) !== JSON.stringify(value);
}
