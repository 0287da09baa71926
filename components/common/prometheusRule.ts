import type { Labels } from "./labels";

/** `critical` pages, `warning` goes to chat, `info` to nobody unless a receiver asks for it. */
export const SEVERITIES = ["critical", "warning", "info"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** One alert. The name is also its runbook's file name. */
export interface AlertRule {
    readonly alert: string;
    readonly expr: string;
    /** How long the expression must hold, such as `5m`. */
    readonly for: string;
    readonly severity: Severity;
    /** One line: what is wrong, where. */
    readonly summary: string;
    /** What it means now, with the numbers. */
    readonly description: string;
    /** Labels that the expression does not give, such as the namespace of an `absent()`. */
    readonly labels?: Labels;
}

export interface RuleGroup {
    readonly name: string;
    readonly rules: readonly AlertRule[];
}

/** The spec of a PrometheusRule: every alert gets its severity, the given labels and its runbook's URL. */
export function prometheusRuleSpec(
    groups: readonly RuleGroup[],
    common: { readonly labels: Labels; readonly runbookBaseUrl: string },
): object {
    return {
        groups: groups.map((group) => ({
            name: group.name,
            rules: group.rules.map((rule) => ({
                alert: rule.alert,
                expr: rule.expr,
                for: rule.for,
                labels: { ...common.labels, ...rule.labels, severity: rule.severity },
                annotations: {
                    summary: rule.summary,
                    description: rule.description,
                    runbook_url: `${common.runbookBaseUrl}/${rule.alert}.md`,
                },
            })),
        })),
    };
}
