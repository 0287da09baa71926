import type { Labels } from "../kubernetes/labels";
import { Dashboard, dashboardUrl } from "./dashboardLinks";
import type { AlertName, AlertSettings } from "./rules/settings";

/** One alert; its severity, its duration and whether it is on are configured. The name is also its runbook's. */
export interface AlertRule {
    readonly alert: AlertName;
    readonly expr: string;
    /** One line: what is wrong, where. */
    readonly summary: string;
    /** What it means now, with the numbers. */
    readonly description: string;
    /** Labels that the expression does not give, such as the namespace of an `absent()`. */
    readonly labels?: Labels;
    /** Where to look first. */
    readonly dashboard: Dashboard;
}

/** A series that others are made of; named LEVEL:METRIC:OPERATIONS. */
export interface RecordingRule {
    readonly record: string;
    readonly expr: string;
    readonly labels?: Labels;
}

export type Rule = AlertRule | RecordingRule;

/**
 * Bytes of a PrometheusRule, above which the operator drops it:
 * https://github.com/prometheus-operator/prometheus-operator/blob/main/pkg/operator/rules.go. The API server's limit and
 * etcd's are higher.
 */
export const RULE_BYTES = 524_288;

/** Rules that are evaluated one after the other, at one time. */
export interface RuleGroup {
    readonly name: string;
    /** Time between two evaluations, where it is not Prometheus' own. */
    readonly interval?: string;
    readonly rules: readonly Rule[];
}

/** What all alerts of a PrometheusRule share. */
export interface AlertContext {
    /** What the configuration says of each alert. */
    readonly settings: AlertSettings;
    /** On every alert: its environment, since one Prometheus may serve several. */
    readonly labels: Labels;
    /** Owner of the alerts that have none of their own; undefined where the expressions give it. */
    readonly team: string | undefined;
    readonly runbookBaseUrl: string;
    /** Where people open Grafana; without it alerts link to no dashboard. */
    readonly grafanaUrl: string | undefined;
}

/** What the configuration says about every alert of an environment; `grafanaUrl` is where people reach Grafana, if they do. */
export function alertContext(
    alerting: {
        readonly rules: AlertSettings;
        readonly team: string;
        readonly runbookBaseUrl: string;
    },
    environment: string,
    grafanaUrl: string | undefined,
): AlertContext {
    return {
        settings: alerting.rules,
        labels: { environment },
        team: alerting.team,
        runbookBaseUrl: alerting.runbookBaseUrl || "docs/runbooks",
        grafanaUrl,
    };
}

/**
 * The spec of a PrometheusRule. An alert gets its severity, duration and owner from the configuration, the given
 * labels, and the URLs of its runbook and dashboard; one that is switched off is left out, and so is a group without
 * rules.
 */
export function prometheusRuleSpec(groups: readonly RuleGroup[], context: AlertContext): object {
    const enabled = (rule: Rule) => !isAlert(rule) || context.settings[rule.alert].enabled;
    return {
        groups: groups
            .map((group) => ({ ...group, rules: group.rules.filter(enabled) }))
            .filter(({ rules }) => rules.length > 0)
            .map(({ name, interval, rules }) => ({
                name,
                ...(interval === undefined ? {} : { interval }),
                rules: rules.map((rule) => (isAlert(rule) ? alertSpec(rule, context) : rule)),
            })),
    };
}

/**
 * Not while another alert is about the same, nor for some time after it: what lingers in the windows of rates, or goes on
 * firing, is no second incident. `on` are the labels that both carry; with none, the cluster has the cause once.
 */
export function unlessAlert(
    alerts: readonly AlertName[],
    on: string,
    lookback: string,
    matchers: readonly string[] = [],
): string {
    const all = [`alertname=~"${alerts.join("|")}"`, ...matchers].join(", ");
    return `unless on (${on}) present_over_time(ALERTS{${all}}[${lookback}])`;
}

export function isAlert(rule: Rule): rule is AlertRule {
    return "alert" in rule;
}

function alertSpec(rule: AlertRule, context: AlertContext): object {
    const settings = context.settings[rule.alert];
    const team = settings.team ?? context.team;
    const { grafanaUrl } = context;
    return {
        alert: rule.alert,
        expr: rule.expr,
        for: settings.for,
        ...(settings.keepFiringFor === "0s" ? {} : { keep_firing_for: settings.keepFiringFor }),
        labels: {
            ...context.labels,
            ...(team === undefined ? {} : { team }),
            ...rule.labels,
            severity: settings.severity,
        },
        annotations: {
            summary: rule.summary,
            description: rule.description,
            runbook_url: `${context.runbookBaseUrl}/${rule.alert}.md`,
            ...(grafanaUrl === undefined
                ? {}
                : { dashboard_url: dashboardUrl(grafanaUrl, rule.dashboard, rule.labels) }),
        },
    };
}
