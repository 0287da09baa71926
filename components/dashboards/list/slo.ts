import { BURNS, BurnAlert, burnRate } from "../../alerting/slos/burnRates";
import { DashboardContext, DashboardDefinition, linkTo, runbooks, ShownSlo } from "../definition";
import { betterFrom, Panel, stat, table, timeseries, worseFrom } from "../model/panels";
import { now, query, top } from "../model/queries";
import { IN_PLACE, places, valuesOf } from "../model/variables";
import { alertMarks, firingTable } from "./firing";

const ALERTS = 'alertname=~"ErrorBudgetBurn.*"';
const ONE = "slo, namespace, app";
/** Objectives of the platform have no environment, which `.*` allows. */
const HERE = `${IN_PLACE}`;
const OBJECTIVE = `${HERE}, slo=~"$objective"`;
const BUDGET = `min by (${ONE}) (slo:error_budget_remaining:ratio{${OBJECTIVE}})`;
/** What may be bad, of each objective. */
const ALLOWED = (matchers: string) =>
    `(1 - max by (cluster, environment, slo) (slo:objective:ratio{${matchers}}))`;
/** How many times faster than evenly a budget is spent. */
const burn = (window: string, matchers: string) =>
    `max by (${ONE}) (slo:sli_error:ratio_rate${window}{${matchers}} / on (cluster, environment, slo) group_left () ${ALLOWED(matchers)})`;
/** Below this share of a budget somebody should slow down; the same as at home. */
const LOW = 0.25;

export const slo: DashboardDefinition = {
    uid: "slo",
    title: "Platform / Objectives",
    description: "Which promise is kept, which is at risk, and how fast its error budget is spent.",
    tags: ["platform", "redis"],
    needs: ["objectives"],
    content: (context) => ({
        from: "now-24h",
        variables: [
            ...places("slo:objective:ratio"),
            valuesOf({
                name: "objective",
                label: "Objective",
                series: `slo:objective:ratio{${HERE}}`,
                values: "slo",
            }),
        ],
        annotations: [alertMarks(`${IN_PLACE}, ${ALERTS}`)],
        links: [
            ...linkTo(context, "redis-instance", "Redis"),
            ...linkTo(context, "logs-pipeline", "Logs pipeline"),
            ...linkTo(context, "traces-pipeline", "Traces pipeline"),
        ],
        rows: [
            {
                panels: [
                    stat({
                        title: "Broken",
                        description: "Promises whose error budget is spent.",
                        unit: "none",
                        queries: [now(`count(${BUDGET} <= 0) or vector(0)`)],
                        thresholds: worseFrom([1, "red"]),
                    }),
                    stat({
                        title: "At risk",
                        description: `Promises that have less than ${LOW * 100} % of their error budget left.`,
                        unit: "none",
                        queries: [now(`count(${BUDGET} < ${LOW}) or vector(0)`)],
                        thresholds: worseFrom([1, "orange"]),
                    }),
                    stat({
                        title: "Burning",
                        description: "Alerts on error budgets that fire.",
                        unit: "none",
                        queries: [
                            now(
                                `count(ALERTS{alertstate="firing", ${IN_PLACE}, ${ALERTS}, slo=~"$objective"}) or vector(0)`,
                            ),
                        ],
                        thresholds: worseFrom([1, "red"]),
                        links: runbooks(context, "ErrorBudgetBurnFast", "ErrorBudgetBurnSlow"),
                    }),
                    stat({
                        title: "Least budget left",
                        description: "Of the worst promise. Below 0 it is broken.",
                        unit: "percentunit",
                        decimals: 0,
                        queries: [now(`min(${BUDGET})`)],
                        thresholds: betterFrom([0.01, "orange"], [LOW, "green"]),
                        noValue: "not yet",
                    }),
                    stat({
                        title: "Fastest burn, 1 hour",
                        description:
                            "How many times faster than evenly the budget was spent within an hour: at 1 it is just gone at the end of its window.",
                        unit: "none",
                        decimals: 1,
                        queries: [now(`max(${burn("1h", OBJECTIVE)})`)],
                        plain: true,
                        noValue: "not yet",
                    }),
                    table({
                        title: "Promises",
                        description:
                            "What each promises, what was good within a day, what is left of its error budget, and how fast it is spent.",
                        width: 14,
                        queries: [
                            { expr: BUDGET },
                            {
                                expr: `max by (${ONE}) (1 - slo:sli_error:ratio_rate1d{${OBJECTIVE}})`,
                            },
                            { expr: burn("1h", OBJECTIVE) },
                            { expr: burn("6h", OBJECTIVE) },
                            { expr: burn("3d", OBJECTIVE) },
                        ],
                        labels: {
                            slo: { title: "Objective", width: 180 },
                            namespace: "Namespace",
                            app: "Redis",
                        },
                        values: [
                            {
                                title: "Budget left",
                                unit: "percentunit",
                                decimals: 0,
                                thresholds: betterFrom([0.01, "orange"], [LOW, "green"]),
                            },
                            { title: "Good, 1 day", unit: "percentunit", decimals: 3 },
                            { title: "Burn 1 h", decimals: 1 },
                            { title: "6 h", decimals: 1 },
                            { title: "3 days", decimals: 1 },
                        ],
                        sort: "Budget left",
                        ascending: true,
                        noValue: "nothing is counted yet",
                    }),
                    firingTable(context, {
                        title: "Alerts",
                        description: "Error budgets that burn.",
                        width: 10,
                        matchers: `${IN_PLACE}, ${ALERTS}, slo=~"$objective"`,
                        labels: ["slo", "namespace", "app"],
                    }),
                ],
            },
            {
                title: "Over time",
                panels: [
                    timeseries({
                        title: "Budget left",
                        description: "Of each promise, over its window: at 0 it is broken.",
                        unit: "percentunit",
                        max: 1,
                        width: 12,
                        queries: [query(`bottomk(20, ${BUDGET})`, "{{slo}} {{namespace}} {{app}}")],
                        noValue: "nothing is counted yet",
                    }),
                    timeseries({
                        title: "What is counted",
                        description:
                            "Events per second of what an objective counts, or its instances for one of time: without events there is no ratio.",
                        unit: "short",
                        width: 12,
                        queries: [
                            query(
                                top(`max by (${ONE}) (slo:sli_events:rate{${OBJECTIVE}})`),
                                "{{slo}} {{namespace}} {{app}}",
                            ),
                        ],
                        noValue: "nothing is counted yet",
                    }),
                ],
            },
            {
                title: "Burn rates",
                panels: Object.entries(context.slos).map(([name, settings]) =>
                    burnGraph(context, name, settings),
                ),
            },
        ],
    }),
};

/** An objective's two long windows, each with the line above which its alert fires if the short window is as bad. */
function burnGraph(context: DashboardContext, name: string, settings: ShownSlo): Panel {
    const limit = (alert: BurnAlert) => {
        const [first] = BURNS[alert];
        return burnRate(settings, first.long, first.share(context.alerts));
    };
    const matchers = `${HERE}, slo="${name}"`;
    const [fast, slow] = [limit("ErrorBudgetBurnFast"), limit("ErrorBudgetBurnSlow")];
    return timeseries({
        title: `Burn of ${name}`,
        description: `How many times faster than evenly its budget over ${settings.window} is spent, of the worst. Dashed: where ErrorBudgetBurnFast (over 1 hour) and ErrorBudgetBurnSlow (over 1 day) fire.`,
        unit: "none",
        min: 0,
        queries: [
            query(`max(${burn("1h", matchers)})`, "over 1 hour"),
            query(`max(${burn("6h", matchers)})`, "over 6 hours"),
            query(`max(${burn("1d", matchers)})`, "over 1 day"),
            query(`max(${burn("3d", matchers)})`, "over 3 days"),
        ],
        thresholds: worseFrom([slow, "orange"], [fast, "red"]),
        noValue: "nothing is counted yet",
        links: runbooks(context, "ErrorBudgetBurnFast", "ErrorBudgetBurnSlow"),
    });
}
