import { Column, table } from "../model/panels";
import type { Panel } from "../model/panels";
import { DashboardContext, runbooks } from "../definition";
import type { AlertName } from "../../alerting/rules/settings";
import type { AnnotationJson } from "../model/types";
import { marks } from "../model/dashboard";
import { encoded } from "../model/links";

/** Alerts that fire, by the labels that say whom they are about. */
export function firingTable(
    context: DashboardContext,
    args: {
        readonly title: string;
        readonly description: string;
        /** Matchers of `ALERTS`. */
        readonly matchers: string;
        readonly labels: readonly string[];
        /** Whether `about` is among the labels: the most exact of what an alert is about, where there are alerts of all kinds. */
        readonly about?: true;
        readonly alerts?: readonly AlertName[];
        readonly width?: number;
        readonly height?: number;
    },
): Panel {
    const { runbookBaseUrl } = context;
    const labels = ["severity", "alertname", ...args.labels];
    const firing = `ALERTS{alertstate="firing", ${args.matchers}}`;
    const about = args.about ? aboutOf(firing) : firing;
    const name: Column = {
        title: "Alert",
        // The longest name of an alert.
        width: 240,
        ...(runbookBaseUrl
            ? {
                  link: {
                      title: "Runbook",
                      url:
                          encoded(runbookBaseUrl).replaceAll("%2F", "/").replaceAll("%3A", ":") +
                          "/${__value.raw}.md",
                  },
              }
            : {}),
    };
    return table({
        title: args.title,
        description: args.description,
        noValue: "nothing fires",
        width: args.width ?? 12,
        height: args.height ?? 8,
        queries: [
            {
                expr: `max by (${labels.join(", ")}) (${about})`,
            },
        ],
        labels: {
            severity: { title: "Severity", mappings: SEVERITY, width: 90 },
            alertname: name,
            ...Object.fromEntries(args.labels.map((label) => [label, heading(label)])),
        },
        values: [undefined],
        sort: "Severity",
        ascending: true,
        links: runbooks(context, ...(args.alerts ?? [])),
    });
}

/** Labels that say whom an alert is about, the most exact one last. */
const SUBJECTS = ["job", "slo", "probe", "name", "deployment", "cronjob", "app", "pod"];

/** Alerts with a label `about`. */
function aboutOf(alerts: string): string {
    return SUBJECTS.reduce(
        (found, label) => `label_replace(${found}, "about", "$1", "${label}", "(.+)")`,
        alerts,
    );
}

export const SEVERITY = [
    {
        type: "value" as const,
        options: {
            critical: { text: "critical", color: "red", index: 0 },
            warning: { text: "warning", color: "orange", index: 1 },
            info: { text: "info", color: "blue", index: 2 },
        },
    },
];

/** The same in graphs. */
export const SEVERITY_COLORS = { critical: "red", warning: "orange", info: "blue" } as const;

function heading(label: string): string {
    const words = label.replaceAll("_", " ");
    return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Marks where alerts fire. */
export function alertMarks(matchers: string): AnnotationJson {
    return marks({
        name: "Alerts",
        expr: `max by (alertname, severity, namespace, app, pod) (ALERTS{alertstate="firing", severity!="info", ${matchers}})`,
        title: "{{alertname}}",
        text: "{{namespace}} {{app}} {{pod}}",
        tags: "severity",
        color: "red",
    });
}
