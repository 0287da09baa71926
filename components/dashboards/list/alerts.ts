import { DashboardContext, DashboardDefinition, linkTo } from "../definition";
import { Panel, stat, table, timeseries, worseFrom } from "../model/panels";
import { now, query, top } from "../model/queries";
import { IN_CLUSTER, IN_PLACE, places, valuesOf } from "../model/variables";
import { firingTable, SEVERITY, SEVERITY_COLORS } from "./firing";

const HERE = `${IN_PLACE}, severity=~"$severity", severity!="none", team=~"$team", namespace=~"$namespace"`;
const inState = (state: "firing" | "pending", more = "") =>
    `ALERTS{alertstate="${state}", ${HERE}${more}}`;
/** An alert's time of beginning: each change of it is one more beginning, and the first has none. */
const BEGUN = `sum by (alertname) (changes(ALERTS_FOR_STATE{${HERE}}[7d]) + 1)`;

/** Labels that some alerts lack. */
const optional = (name: string, label: string, description: string) => ({
    ...valuesOf({ name, label, series: `ALERTS{${IN_PLACE}}` }),
    description,
    allValue: ".*",
});

const SEVERITIES = { critical: "Critical", warning: "Warnings", info: "Info" } as const;

export const alerts: DashboardDefinition = {
    uid: "alerts",
    title: "Platform / Alerts",
    description: "What fires, on whom, how often, and whether anybody is told.",
    tags: ["platform"],
    needs: [],
    content: (context) => ({
        from: "now-24h",
        variables: [
            ...places("up"),
            optional("severity", "Severity", "Watchdog, which always fires, has none of these"),
            optional("team", "Team", "Who owns the alert"),
            optional("namespace", "Namespace", "Whom the alert is about; some are about none"),
        ],
        links: [...linkTo(context, "slo", "Objectives")],
        rows: [
            {
                panels: [
                    ...Object.entries(SEVERITIES).map(([severity, title]) =>
                        stat({
                            title,
                            description: WHAT[severity as keyof typeof WHAT],
                            unit: "none",
                            queries: [
                                now(
                                    `count(${inState("firing", `, severity="${severity}"`)}) or vector(0)`,
                                ),
                            ],
                            ...(severity === "info"
                                ? { plain: true }
                                : {
                                      thresholds: worseFrom([
                                          1,
                                          severity === "critical" ? "red" : "orange",
                                      ]),
                                  }),
                        }),
                    ),
                    stat({
                        title: "Pending",
                        description: "Alerts that fire when what is wrong goes on.",
                        unit: "none",
                        queries: [now(`count(${inState("pending")}) or vector(0)`)],
                        plain: true,
                    }),
                    ...notificationStats(context),
                    firingTable(context, {
                        title: "What fires",
                        description:
                            "Every alert that fires. A click on its name opens the runbook.",
                        matchers: HERE,
                        labels: ["namespace", "about", "team", "environment"],
                        about: true,
                        width: 16,
                        height: 11,
                    }),
                    table({
                        title: "Most frequent, 7 days",
                        description:
                            "How often each began: what begins often is noise, or is not mended.",
                        width: 8,
                        height: 11,
                        queries: [{ expr: top(BEGUN) }],
                        labels: { alertname: "Alert" },
                        values: [{ title: "Began", decimals: 0 }],
                        sort: "Began",
                        noValue: "none",
                    }),
                ],
            },
            {
                title: "By whom",
                panels: [
                    ...(["severity", "team", "namespace"] as const).map((label) =>
                        timeseries({
                            title: `Firing, by ${label}`,
                            description: `How many at each time, by ${label}.`,
                            unit: "none",
                            stacked: true,
                            ...(label === "severity" ? { colors: SEVERITY_COLORS } : {}),
                            queries: [
                                query(
                                    top(`count by (${label}) (${inState("firing")})`),
                                    `{{${label}}}`,
                                ),
                            ],
                            noValue: "nothing fires",
                        }),
                    ),
                    table({
                        title: "Pending alerts",
                        description: "What fires soon, when it goes on.",
                        width: 12,
                        queries: [
                            {
                                expr: `max by (severity, alertname, namespace, app, team) (${inState("pending")})`,
                            },
                        ],
                        labels: {
                            severity: { title: "Severity", mappings: SEVERITY },
                            alertname: "Alert",
                            namespace: "Namespace",
                            app: "App",
                            team: "Team",
                        },
                        values: [undefined],
                        noValue: "nothing",
                    }),
                    timeseries({
                        title: "Pending, by severity",
                        description: "How many at each time.",
                        unit: "none",
                        stacked: true,
                        width: 12,
                        queries: [
                            query(`count by (severity) (${inState("pending")})`, "{{severity}}"),
                        ],
                        noValue: "nothing",
                    }),
                ],
            },
            { title: "Notifications", panels: notifications(context) },
        ],
    }),
};

const WHAT = {
    critical: "Somebody should look now: each has paged.",
    warning: "Somebody should look within the working day.",
    info: "Nobody is woken: they explain others, and may be told of in a digest.",
} as const;

const ALERTMANAGER = IN_CLUSTER;
const failedShare = `sum(rate(alertmanager_notifications_failed_total{${ALERTMANAGER}}[1h])) / (sum(rate(alertmanager_notifications_total{${ALERTMANAGER}}[1h])) > 0)`;
const DROPPED = `sum(increase(prometheus_notifications_dropped_total{${IN_CLUSTER}}[1h]))`;

function notificationStats({ parts }: DashboardContext): Panel[] {
    return parts.has("alertmanager")
        ? [
              stat({
                  title: "Send failures",
                  description:
                      "Share of the notifications of an hour that did not reach their receiver.",
                  unit: "percentunit",
                  queries: [now(failedShare)],
                  thresholds: worseFrom([0.000001, "red"]),
                  noValue: "none sent",
              }),
              stat({
                  title: "Alerts dropped",
                  description: "Alerts of an hour that Prometheus could not hand to Alertmanager.",
                  unit: "none",
                  decimals: 0,
                  queries: [now(DROPPED)],
                  thresholds: worseFrom([1, "red"]),
              }),
              stat({
                  title: "Alertmanagers",
                  description: "Members that Prometheus sends to.",
                  unit: "none",
                  queries: [
                      now(`min(prometheus_notifications_alertmanagers_discovered{${IN_CLUSTER}})`),
                  ],
                  plain: true,
              }),
              stat({
                  title: "Suppressed",
                  description: "Alerts that a silence or another alert keeps back.",
                  unit: "none",
                  queries: [now(`max(alertmanager_alerts{${ALERTMANAGER}, state="suppressed"})`)],
                  plain: true,
              }),
          ]
        : [];
}

function notifications({ parts }: DashboardContext): Panel[] {
    const rate = (counter: string) =>
        `sum by (integration) (rate(alertmanager_${counter}_total{${ALERTMANAGER}}[$__rate_interval])) > 0`;
    return parts.has("alertmanager")
        ? [
              timeseries({
                  title: "Sent, by integration",
                  description: "Notifications per second.",
                  unit: "ops",
                  queries: [query(rate("notifications"), "{{integration}}")],
                  noValue: "none sent",
              }),
              timeseries({
                  title: "Failed, by integration and reason",
                  description: "Notifications per second that did not reach their receiver.",
                  unit: "ops",
                  queries: [
                      query(
                          `sum by (integration, reason) (rate(alertmanager_notifications_failed_total{${ALERTMANAGER}}[$__rate_interval])) > 0`,
                          "{{integration}} {{reason}}",
                      ),
                  ],
                  noValue: "none failed",
              }),
              timeseries({
                  title: "Time of a notification",
                  description: "99 of 100 took no longer, by integration.",
                  unit: "s",
                  queries: [
                      query(
                          `histogram_quantile(0.99, sum by (integration, le) (rate(alertmanager_notification_latency_seconds_bucket{${ALERTMANAGER}}[$__rate_interval])))`,
                          "{{integration}}",
                      ),
                  ],
                  noValue: "none sent",
              }),
          ]
        : [];
}
