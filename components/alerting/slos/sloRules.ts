import type { Labels } from "../../kubernetes/labels";
import { seconds } from "../../settings/duration";
import { DASHBOARDS } from "../dashboardLinks";
import { AlertRule, RecordingRule, RuleGroup, unlessAlert } from "../prometheusRule";
import type { AlertSettings } from "../rules/settings";
import { percent } from "../rules/texts";
import {
    BurnAlert,
    BURNS,
    errorBudget,
    errorThreshold,
    WINDOW_PAIRS,
    WindowPair,
} from "./burnRates";
import type { Indicator } from "./indicators";
import type { SloSettings } from "./settings";

/** What an indicator counts at each evaluation; every window is made of these two. */
const COUNTS = { errors: "slo:sli_errors:rate", events: "slo:sli_events:rate" };
/** The same over 5 minutes, once in 5 minutes: days of it are read at a tenth of the cost, and nothing is left out. */
const COARSE = { errors: "slo:sli_errors:avg5m", events: "slo:sli_events:avg5m" };
const COARSE_INTERVAL = "5m";
type Counted = typeof COUNTS;
/** There where an objective is measured, whether or not anything is bad. */
export const MEASURED_ERRORS = COUNTS.errors;
/** For dashboards: percent of good events that are promised, and the share of the error budget that is left. */
const OBJECTIVE = "slo:objective:ratio";
const BUDGET_LEFT = "slo:error_budget_remaining:ratio";

const errorRatio = (window: string) => `slo:sli_error:ratio_rate${window}`;
/** The lower of two windows: it is above a threshold when both are. */
const lower = ({ long, short }: WindowPair) => `slo:sli_error:ratio_min${long}_${short}`;

/** These are made of the counts themselves; windows of hours and days of their averages. */
const FINE: readonly string[] = ["5m", "30m", "1h", "2h"];
/** The windows that a page about minutes needs, and the counts. */
const OFTEN: readonly string[] = ["5m", "1h"];
const OFTEN_INTERVAL = "1m";
/** Less than the five minutes for which a sample counts. */
const SELDOM_INTERVAL = "4m";
const BUDGET_INTERVAL = "5m";

/** The error ratios of every objective in the cluster, whichever stack declares it. */
export function errorRatioRules(): RuleGroup[] {
    const windows = [...new Set(WINDOW_PAIRS.flatMap(({ long, short }) => [short, long]))];
    const pairs = (often: boolean) =>
        WINDOW_PAIRS.filter(({ long }) => OFTEN.includes(long) === often).map(lowerRule);
    const ratios = (often: boolean) =>
        windows.filter((window) => OFTEN.includes(window) === often).map(ratioRule);
    return [
        {
            name: "slo-averages",
            interval: COARSE_INTERVAL,
            rules: (["errors", "events"] as const).map((each) => ({
                record: COARSE[each],
                expr: `avg_over_time(${COUNTS[each]}[${COARSE_INTERVAL}])`,
            })),
        },
        {
            name: "slo-error-ratios",
            interval: OFTEN_INTERVAL,
            rules: [...ratios(true), ...pairs(true)],
        },
        {
            name: "slo-error-ratios-long",
            interval: SELDOM_INTERVAL,
            rules: [...ratios(false), ...pairs(false)],
        },
    ];
}

/** Where nothing is counted there is no ratio. */
function ratioOver({ errors, events }: Counted, window: string, matchers = ""): string {
    const sum = (metric: string) => `sum_over_time(${metric}${matchers}[${window}])`;
    return `${sum(errors)} / (${sum(events)} > 0)`;
}

function ratioRule(window: string): RecordingRule {
    const counted = FINE.includes(window) ? COUNTS : COARSE;
    return { record: errorRatio(window), expr: ratioOver(counted, window) };
}

/** Where less than half of the long window has been counted, the little that there is says nothing about it. */
function lowerRule(pair: WindowPair): RecordingRule {
    const [long, short] = [errorRatio(pair.long), errorRatio(pair.short)];
    const counted = FINE.includes(pair.long) ? COUNTS : COARSE;
    const half = `${seconds(pair.long) / 120}m`;
    return {
        record: lower(pair),
        expr: `(${long} < ${short} or ${short}) and ${counted.events} offset ${half}`,
    };
}

/** An objective with what it measures in one namespace. */
export interface Slo {
    readonly name: string;
    readonly settings: Pick<SloSettings, "objective" | "window">;
    readonly indicator: Indicator;
}

/** What the objectives count, their alerts and their budgets. `scope` makes the groups' names unique. */
export function sloRules(
    scope: string,
    slos: readonly Slo[],
    settings: AlertSettings,
): RuleGroup[] {
    return [
        {
            name: `slo-${scope}`,
            interval: OFTEN_INTERVAL,
            rules: slos.flatMap((slo) => [...countRules(slo), ...burnAlerts(slo, settings)]),
        },
        {
            name: `slo-budget-${scope}`,
            interval: BUDGET_INTERVAL,
            rules: slos.flatMap(budgetRules),
        },
    ];
}

function countRules({ name, indicator }: Slo): RecordingRule[] {
    return indicator.counts.flatMap(({ errors, events, labels }) => [
        { record: COUNTS.errors, expr: errors, labels: { ...labels, slo: name } },
        { record: COUNTS.events, expr: events, labels: { ...labels, slo: name } },
    ]);
}

function budgetRules(slo: Slo): RecordingRule[] {
    const { settings } = slo;
    const labels = labelsOf(slo);
    return [
        {
            record: OBJECTIVE,
            expr: `vector(${Number((settings.objective / 100).toPrecision(8))})`,
            labels,
        },
        {
            record: BUDGET_LEFT,
            expr: `1 - ${ratioOver(COARSE, settings.window, matchers(slo))} / ${errorBudget(settings)}`,
            labels,
        },
    ];
}

function burnAlerts(slo: Slo, alertSettings: AlertSettings): AlertRule[] {
    const { name, settings, indicator } = slo;
    const { objective, window } = settings;
    const promise = `the objective ${name} allows ${percent(errorBudget(settings))} over ${window}`;
    return (Object.keys(BURNS) as BurnAlert[]).map((alert) => {
        const burns = BURNS[alert].map((burn) => ({ ...burn, share: burn.share(alertSettings) }));
        const spent = burns.map(({ long, share }) => `${percent(share)} of it within ${long}`);
        return {
            alert,
            expr: burns
                .map(
                    ({ share, ...pair }) =>
                        `${lower(pair)}${matchers(slo)} > ${errorThreshold(settings, pair, share)} ${unlessCaused(slo, alert, pair.short)}`,
                )
                .join(" or "),
            labels: labelsOf(slo),
            summary: `${indicator.subject}: the error budget of ${name} burns ${alert === "ErrorBudgetBurnFast" ? "fast" : "steadily"}`,
            description: `{{ $value | humanizePercentage }} of ${indicator.events} are bad, and ${promise} (${objective} % good). That spends ${spent.join(", or ")}, or more.`,
            dashboard: DASHBOARDS.objective,
        };
    });
}

/** Of the platform its namespace; of a stack's instances the environment, as their own labels say the rest. */
function labelsOf({ name, indicator }: Slo): Labels {
    const { namespace, environment } = indicator;
    return {
        ...(namespace === undefined ? {} : { namespace }),
        ...(environment === undefined ? {} : { environment }),
        slo: name,
    };
}

function matchers(slo: Slo): string {
    const pairs = Object.entries(labelsOf(slo)).map(([label, value]) => `${label}="${value}"`);
    return `{${pairs.join(", ")}}`;
}

/**
 * Not while an alert names the cause, nor for as long after it as its errors are in the short window: one incident is
 * one page.
 */
function unlessCaused({ name, indicator }: Slo, alert: BurnAlert, lookback: string): string {
    const { causes, environment } = indicator;
    const scope = environment === undefined ? [] : [`environment="${environment}"`];
    const firing = ['alertstate="firing"', ...scope];
    const faster = unlessAlert(["ErrorBudgetBurnFast"], "namespace, app", lookback, [
        ...firing,
        `slo="${name}"`,
    ]);
    return [
        ...causes.map((cause) =>
            "series" in cause
                ? `unless on (${cause.on}) present_over_time(${cause.series}[${lookback}])`
                : unlessAlert(cause.alerts, cause.on, lookback, firing),
        ),
        ...(alert === "ErrorBudgetBurnSlow" ? [faster] : []),
    ].join(" ");
}
