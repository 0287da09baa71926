import { seconds } from "../../components/common/duration";
import type { Severity } from "../../components/common/prometheusRule";
import { inputSeries, Series, STEP } from "./timeline";

export const ENVIRONMENT = "staging";
/** Namespaces of the cluster that belong to another environment, by namespace. */
export const TENANTS = { "shop-qa": "qa" };
export const RUNBOOKS = "https://runbooks.example.org";

/** An alert with exactly these labels (beside its name and severity, and its environment when it is ENVIRONMENT) and texts. */
export interface ExpectedAlert {
    readonly labels: Readonly<Record<string, string>>;
    readonly summary: string;
    readonly description: string;
}

interface Scenario {
    readonly series: readonly Series[];
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
export type AlertCase = { readonly alert: string; readonly title: string } & (
    ({ readonly kind: "firing" } & Firing) | ({ readonly kind: "quiet" } & Quiet)
);

/** A scenario in which the alert fires. */
export function firing(alert: string, title: string, scenario: Firing): AlertCase {
    return { kind: "firing", alert, title, ...scenario };
}

/** A scenario in which the alert stays quiet. */
export function quiet(alert: string, title: string, scenario: Quiet): AlertCase {
    return { kind: "quiet", alert, title, ...scenario };
}

/** A file for `promtool test rules`. */
export function promtoolTest(testCase: AlertCase, ruleFiles: readonly string[]): object {
    return {
        rule_files: ruleFiles,
        evaluation_interval: `${STEP}s`,
        tests: [
            {
                name: testCase.title,
                interval: `${STEP}s`,
                input_series: testCase.series.map(inputSeries),
                ...(testCase.kind === "firing"
                    ? firingChecks(testCase, testCase.alert)
                    : quietChecks(testCase, testCase.alert)),
            },
        ],
    };
}

function firingChecks({ at, until, alerts, severity }: Firing, alert: string): object {
    const first = seconds(at);
    const check = (time: number, expected: readonly object[]) => ({
        eval_time: `${time}s`,
        alertname: alert,
        exp_alerts: expected,
    });
    return {
        alert_rule_test: [
            check(first - STEP, []),
            check(
                first,
                alerts.map(({ labels, summary, description }) => ({
                    exp_labels: { environment: ENVIRONMENT, ...labels, severity },
                    exp_annotations: {
                        summary,
                        description,
                        runbook_url: `${RUNBOOKS}/${alert}.md`,
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
