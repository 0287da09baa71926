import { ENVIRONMENT } from "../../commands/pictures/redisTargets";
import type { AlertName } from "../../components/alerting/rules/settings";
import type { Severity } from "../../components/alerting/severity";
import { seconds } from "../../components/settings/duration";
import { inputSeries, moved, Series, STEP } from "./timeline";

export { ENVIRONMENT };
/** Namespaces of the cluster that belong to another environment, by namespace. */
export const TENANTS = { "shop-qa": "qa" };
export const RUNBOOKS = "https://runbooks.example.org";
export const TEAM = "platform";

/**
 * An alert with exactly these labels and texts. Its name and severity come from the case; its environment and team are
 * ENVIRONMENT and TEAM when not given.
 */
export interface ExpectedAlert {
    readonly labels: Readonly<Record<string, string>>;
    readonly summary: string;
    readonly description: string;
}

interface Scenario {
    readonly series: readonly Series[];
    /** Between two scrapes and two evaluations, for a scenario of days; otherwise STEP. */
    readonly step?: string;
    /** Of all objectives, only the rules of this one are evaluated. */
    readonly slo?: string;
    /** The series are those that recording rules write, which are not evaluated then. */
    readonly recorded?: true;
}

interface Firing extends Scenario {
    readonly severity: Severity;
    /** Time of the first evaluation at which it fires; one earlier it must not. */
    readonly at: string;
    /** Every alert of the name that then fires. */
    readonly alerts: readonly ExpectedAlert[];
    /** It fires at every evaluation until this time. */
    readonly until?: string;
}

interface Quiet extends Scenario {
    /** It fires at no evaluation until this time. */
    readonly until: string;
}

/** A scenario, and whether the alert fires in it. */
export type AlertCase = { readonly alert: AlertName; readonly title: string } & (
    ({ readonly kind: "firing" } & Firing) | ({ readonly kind: "quiet" } & Quiet)
);

/** A scenario in which the alert fires. */
export function firing(alert: AlertName, title: string, scenario: Firing): AlertCase {
    return { kind: "firing", alert, title, ...scenario };
}

/** A scenario in which the alert stays quiet. */
export function quiet(alert: AlertName, title: string, scenario: Quiet): AlertCase {
    return { kind: "quiet", alert, title, ...scenario };
}

/** What a case needs to know about the rules. */
export interface RulesUnderTest {
    readonly ruleFiles: readonly string[];
    /** Names of the groups, in the order in which they are evaluated. */
    readonly groups: readonly string[];
    /** Address of the dashboard that an alert with these labels links to. */
    readonly dashboardUrl: (alert: AlertName, labels: Readonly<Record<string, string>>) => string;
    /** Series of others, who are no concern of the alert. */
    readonly strangers: (series: readonly Series[]) => readonly Series[];
}

/** A file for `promtool test rules`. */
export function promtoolTest(testCase: AlertCase, rules: RulesUnderTest): object {
    const { series, title } = testCase;
    return testFile(
        title,
        { ...testCase, series: [...series, ...rules.strangers(series)] },
        rules,
        testCase.kind === "firing"
            ? firingChecks(testCase, testCase.alert, rules)
            : quietChecks(testCase, testCase.alert),
    );
}

/**
 * The same scenario with every target at another address shortly before the case looks: the same alerts fire, each once.
 * Their texts may differ, since a rate over two series is estimated.
 */
export function movedTest(
    testCase: AlertCase,
    rules: Pick<RulesUnderTest, "ruleFiles" | "groups" | "strangers">,
): object {
    const { alert, series, step, title } = testCase;
    const at = testCase.kind === "firing" ? testCase.at : testCase.until;
    const every = stepOf(step);
    // Later than the fault: what is remembered of the old address as well would hide it for five minutes.
    const time = seconds(at) - every;
    const scenario = {
        ...testCase,
        series: [...series, ...rules.strangers(series)].flatMap((each) => moved(each, time)),
    };
    return testFile(
        title,
        scenario,
        rules,
        testCase.kind === "quiet"
            ? quietChecks(testCase, alert)
            : {
                  promql_expr_test: [
                      {
                          eval_time: at,
                          expr: firingSeries(alert),
                          exp_samples: testCase.alerts.map(({ labels }) => ({
                              labels: selector("ALERTS", {
                                  ...{ alertname: alert, alertstate: "firing" },
                                  ...{ environment: ENVIRONMENT, team: TEAM },
                                  ...labels,
                                  severity: testCase.severity,
                              }),
                              value: 1,
                          })),
                      },
                  ],
              },
    );
}

/** What a recording rule writes. */
export interface RecordCase extends Pick<Scenario, "series" | "step" | "slo"> {
    readonly record: string;
    readonly title: string;
    readonly at: string;
    /** All that it writes. */
    readonly samples: readonly {
        readonly labels: Readonly<Record<string, string>>;
        readonly value: number;
    }[];
}

/** The same for a recording rule. */
export function recordTest(
    recordCase: RecordCase,
    rules: Pick<RulesUnderTest, "ruleFiles" | "groups">,
): object {
    const { record, title, at, samples } = recordCase;
    return testFile(title, recordCase, rules, {
        promql_expr_test: [
            {
                eval_time: at,
                expr: record,
                exp_samples: samples.map(({ labels, value }) => ({
                    labels: selector(record, labels),
                    value,
                })),
            },
        ],
    });
}

function testFile(
    name: string,
    { series, step }: Scenario,
    { ruleFiles, groups }: Pick<RulesUnderTest, "ruleFiles" | "groups">,
    checks: object,
): object {
    const every = stepOf(step);
    return {
        rule_files: ruleFiles,
        // Otherwise in any order, by chance.
        group_eval_order: groups,
        evaluation_interval: `${every}s`,
        fuzzy_compare: true,
        tests: [
            {
                name,
                interval: `${every}s`,
                input_series: series.map((each) => inputSeries(each, every)),
                ...checks,
            },
        ],
    };
}

function selector(metric: string, labels: Readonly<Record<string, string>>): string {
    return `${metric}{${Object.entries(labels)
        .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
        .join(", ")}}`;
}

function stepOf(step: string | undefined): number {
    return step === undefined ? STEP : seconds(step);
}

function firingChecks(
    { at, until, alerts, severity, step }: Firing,
    alert: AlertName,
    { dashboardUrl }: RulesUnderTest,
): object {
    const first = seconds(at);
    const before = first - stepOf(step);
    const check = (time: number, expected: readonly object[]) => ({
        eval_time: `${time}s`,
        alertname: alert,
        exp_alerts: expected,
    });
    return {
        alert_rule_test: [
            check(before, []),
            check(
                first,
                alerts.map(({ labels, summary, description }) => ({
                    exp_labels: { environment: ENVIRONMENT, team: TEAM, ...labels, severity },
                    exp_annotations: {
                        summary,
                        description,
                        runbook_url: `${RUNBOOKS}/${alert}.md`,
                        dashboard_url: dashboardUrl(alert, labels),
                    },
                })),
            ),
        ],
        ...(until
            ? {
                  promql_expr_test: [
                      {
                          eval_time: until,
                          expr: `min_over_time((count(${firingSeries(alert)}) or vector(0))[${seconds(until) - first}s:${STEP}s])`,
                          exp_samples: [{ labels: "{}", value: alerts.length }],
                      },
                  ],
              }
            : {}),
    };
}

function quietChecks({ until }: Quiet, alert: string): object {
    return {
        promql_expr_test: [
            {
                eval_time: until,
                expr: `last_over_time(${firingSeries(alert)}[${seconds(until) + 1}s])`,
                exp_samples: [],
            },
        ],
    };
}

function firingSeries(alert: string): string {
    return `ALERTS{alertname="${alert}", alertstate="firing"}`;
}
