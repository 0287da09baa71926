import { DASHBOARDS } from "../../components/alerting/dashboardLinks";
import { environmentOf, platformRules } from "../../components/alerting/platformAlerts";
import {
    alertContext,
    AlertRule,
    isAlert,
    prometheusRuleSpec,
    Rule,
    RuleGroup,
} from "../../components/alerting/prometheusRule";
import { redisStackRules } from "../../components/alerting/redisAlerts";
import { applicationRules, samplesNearLimit } from "../../components/alerting/rules/applications";
import { autoscalerRules, queueRules } from "../../components/alerting/rules/autoscaling";
import { argocdRules, flaggerRules, istioRules } from "../../components/alerting/rules/delivery";
import { fluxOverdueRules } from "../../components/alerting/rules/flux";
import { backupRules } from "../../components/alerting/rules/backup";
import { alertSettings, AlertName } from "../../components/alerting/rules/settings";
import { INDICATORS } from "../../components/alerting/slos/settings";
import { probeRules } from "../../components/alerting/rules/probes";
import { redisNamespaceRules } from "../../components/redis/namespaceRules";
import { AlertCase, ENVIRONMENT, RecordCase, RUNBOOKS, TEAM, TENANTS } from "./alertCase";
import { QUEUES } from "./cases/autoscaling";
import { AGES, BACKUP_NAMESPACE, DRILL_AGES, DRILL_NAMESPACE } from "./cases/backup";
import { INSTANCES, NAMESPACE } from "./redisWorld";
import { Series, series } from "./timeline";

const GRAFANA = "grafana.example.org";

/** One of each indicator. */
export const SLOS = Object.fromEntries(
    INDICATORS.map((name) => [name, { objective: 99.9, window: "30d" }]),
);

const PROMISE = { objective: 99.9, window: "30d" };
/** With the names of docs/metrics.md. */
const APPLICATION_SLO = {
    availability: { ...PROMISE, requests: "http_requests_total", status: "code" },
    latency: { ...PROMISE, durations: "http_request_duration_seconds", within: 0.3 },
};

const ALERTS = alertSettings.parse({});
const NAMESPACES = {
    monitoring: "monitoring",
    redisOperator: "redis-operator-system",
    logging: "logging",
    tracing: "tracing",
};

/** The rules of each PrometheusRule, and the environment that they give their alerts. */
const PROMETHEUS_RULES: readonly {
    groups: readonly RuleGroup[];
    environment: string;
    /** Where the expressions say who owns an alert. */
    team?: undefined;
}[] = [
    {
        groups: platformRules(
            {
                parts: {
                    kubeStateMetrics: true,
                    redisOperator: true,
                    logging: true,
                    elasticsearch: true,
                    tracing: true,
                },
                namespaces: NAMESPACES,
                slos: SLOS,
                scrapeInterval: "30s",
            },
            ALERTS,
        ),
        environment: environmentOf(ENVIRONMENT, TENANTS),
    },
    {
        groups: [
            ...applicationRules(
                {
                    namespace: "ode",
                    name: "ode-api",
                    interval: "30s",
                    team: undefined,
                    proxies: [],
                    sampleLimit: 5000,
                    slo: APPLICATION_SLO,
                },
                ALERTS,
            ),
            {
                name: "annotated-pods",
                rules: [samplesNearLimit({ job: "annotated-pods", sampleLimit: 5000 }, ALERTS)],
            },
            queueRules("ode-worker", QUEUES, ALERTS),
        ],
        environment: ENVIRONMENT,
    },
    {
        groups: [
            { name: "flux-overdue", rules: fluxOverdueRules("1h", ALERTS) },
            { name: "argocd", rules: argocdRules(ALERTS) },
            { name: "flagger", rules: flaggerRules(ALERTS, true) },
            { name: "probes", rules: probeRules("monitoring", { kubeStateMetrics: true }, ALERTS) },
            autoscalerRules(
                "autoscaling",
                ["v1beta1.custom.metrics.k8s.io", "v1beta1.external.metrics.k8s.io"],
                true,
                ALERTS,
            ),
            { name: "istio", rules: istioRules("sidecar", ALERTS, true) },
        ],
        environment: environmentOf(ENVIRONMENT, TENANTS),
    },
    { groups: [backupRules(BACKUP_NAMESPACE, [AGES])], environment: ENVIRONMENT },
    {
        // A file has each name of a group once.
        groups: [{ ...backupRules(DRILL_NAMESPACE, [DRILL_AGES]), name: "snapshot-drill" }],
        environment: ENVIRONMENT,
    },
    {
        groups: redisNamespaceRules(
            NAMESPACE,
            { instances: INSTANCES },
            { environment: ENVIRONMENT, team: TEAM },
        ),
        environment: ENVIRONMENT,
    },
    {
        groups: redisStackRules(
            {
                environment: ENVIRONMENT,
                slos: SLOS,
                scrapeIntervals: ["30s"],
                recordedByPlatform: true,
            },
            ALERTS,
        ),
        environment: ENVIRONMENT,
        team: undefined,
    },
];

export const RULES: readonly Rule[] = PROMETHEUS_RULES.flatMap(({ groups }) => groups).flatMap(
    ({ rules }) => rules,
);

/** Every alert, with each of the rules that fire it. */
export const ALERT_RULES: readonly AlertRule[] = RULES.filter(isAlert);
export const EXPRESSIONS: readonly string[] = RULES.map(({ expr }) => expr);

export interface RuleFile {
    readonly groups: readonly {
        readonly name: string;
        readonly rules: readonly Readonly<Record<string, unknown>>[];
    }[];
}

export type RenderedRule = RuleFile["groups"][number]["rules"][number];

/** A rule file for Prometheus: every rule, or those given; each as `change` makes it. */
export function ruleFile(
    only: readonly Rule[] = RULES,
    change: (rule: Rule, rendered: RenderedRule) => RenderedRule = (_, rendered) => rendered,
): RuleFile {
    return {
        groups: PROMETHEUS_RULES.flatMap(({ groups, environment, ...owner }) => {
            const alerting = { rules: ALERTS, team: TEAM, runbookBaseUrl: RUNBOOKS };
            const context = {
                ...alertContext(alerting, environment, `http://${GRAFANA}`),
                ...owner,
            };
            return groups
                .map((group) => ({
                    group,
                    rules: group.rules.filter((rule) => only.includes(rule)),
                }))
                .filter(({ rules }) => rules.length > 0)
                .flatMap(({ group, rules }) => {
                    const spec = prometheusRuleSpec([{ ...group, rules }], context) as RuleFile;
                    return spec.groups.map((rendered) => ({
                        ...rendered,
                        rules: rendered.rules.map((each, i) => change(rules[i] as Rule, each)),
                    }));
                });
        }),
    };
}

/** What a case evaluates: one alert alone is evaluated ten times as fast as all. */
export function rulesFor(testCase: AlertCase | RecordCase): Rule[] {
    const { slo } = testCase;
    return candidatesFor(testCase).filter(
        (rule) => slo === undefined || [undefined, slo].includes(sloOf(rule)),
    );
}

function candidatesFor(testCase: AlertCase | RecordCase): readonly Rule[] {
    if ("record" in testCase) {
        const own = RULES.filter((rule) => !isAlert(rule) && rule.record === testCase.record);
        // What counts is made of what else is recorded; what is made of counts has them as series.
        return /:rate$/.test(testCase.record) ? withRecorded(own) : own;
    }
    const { alert, recorded } = testCase;
    return recorded ? ALERT_RULES.filter((rule) => rule.alert === alert) : rulesOf(alert);
}

/** The objective that a rule belongs to. */
function sloOf({ expr, labels }: Rule): string | undefined {
    return labels?.slo ?? /\bslo="([^"]+)"/.exec(expr)?.[1];
}

/** The rules of an alert, those of the alerts that silence it, and the recording rules that they read, however deep. */
function rulesOf(alert: AlertName, withCauses = true): Rule[] {
    const own = ALERT_RULES.filter((rule) => rule.alert === alert);
    const causes =
        !withCauses || /^ErrorBudget/.test(alert)
            ? []
            : own.flatMap(({ expr }) =>
                  [...expr.matchAll(/alertname=~"([^"]+)"/g)].flatMap(([, names = ""]) =>
                      names.split("|"),
                  ),
              );
    return withRecorded([...own, ...ALERT_RULES.filter((rule) => causes.includes(rule.alert))]);
}

function withRecorded(rules: readonly Rule[]): Rule[] {
    const found = new Set<Rule>(rules);
    for (const rule of found) {
        RULES.filter((other) => !isAlert(other) && rule.expr.includes(other.record)).forEach(
            (other) => found.add(other),
        );
    }
    return [...found];
}

/** The address of the dashboard of an alert with the most variables that its labels fill. */
export function expectedDashboard(
    alert: AlertName,
    labels: Readonly<Record<string, string>>,
): string {
    const fitting = ALERT_RULES.filter((rule) => rule.alert === alert)
        .map(({ dashboard }) => dashboard)
        .sort((a, b) => Object.keys(b.variables).length - Object.keys(a.variables).length)
        .find(({ variables }) => Object.values(variables).every((label) => labels[label]));
    if (fitting === undefined) {
        throw new Error(
            `${alert}: no dashboard takes the labels ${Object.keys(labels).join(", ")}`,
        );
    }
    const query = Object.entries(fitting.variables).map(
        ([variable, label]) => `var-${variable}=${encodeURIComponent(labels[label] ?? "")}`,
    );
    return `http://${GRAFANA}/d/${fitting.uid}${query.length > 0 ? `?${query.join("&")}` : ""}`;
}

export const DASHBOARD_UIDS: readonly string[] = Object.values(DASHBOARDS).map(({ uid }) => uid);

/**
 * Those with whom the same happens as in the case, but whom the alert's expressions do not select, and those who are
 * well: an expression that had lost its `namespace` or `job` would count them.
 */
export function strangersOf(alert: AlertName): (series: readonly Series[]) => readonly Series[] {
    const expressions = rulesOf(alert, false)
        .map(({ expr }) => expr)
        .join("\n");
    const selected = (label: string) =>
        new Set(
            [...expressions.matchAll(new RegExp(`\\b${label}="([^"]+)"`, "g"))].map((m) => m[1]),
        );
    const declared = expressions.includes("redis:declared_pods");
    const [label, values] = declared
        ? (["namespace", new Set([NAMESPACE])] as const)
        : selected("namespace").size
          ? (["namespace", selected("namespace")] as const)
          : (["job", selected("job")] as const);
    return (own) => {
        const ours = own.filter(({ labels }) => values.has(labels[label]));
        const well = new Map(
            ours
                .filter(({ metric }) => metric === "up" || metric === "redis_up")
                .map(({ metric, labels }) => [
                    `${metric} ${labels.app}`,
                    series(metric, { ...labels, [label]: "well" }, 1),
                ]),
        );
        return [
            // What is recorded for another stack's instances has its environment.
            ...ours.map((each) => ({
                ...each,
                labels: {
                    ...each.labels,
                    [declared && each.metric.includes(":") ? "environment" : label]: "other",
                },
            })),
            ...well.values(),
        ];
    };
}
