import { DashboardContext, DashboardDefinition, linkTo, runbooks, TAG } from "../definition";
import {
    dashboardList,
    Panel,
    stat,
    table,
    timeseries,
    worseFrom,
    betterFrom,
    words,
} from "../model/panels";
import { now, query } from "../model/queries";
import { IN_CLUSTER, IN_PLACE, places } from "../model/variables";
import { firingTable, SEVERITY_COLORS } from "./firing";

const firing = (severity: string) =>
    `count(ALERTS{alertstate="firing", ${IN_PLACE}, severity="${severity}"}) or vector(0)`;
const instances = (state: 0 | 1) =>
    `count(redis:instance_available:bool{${IN_PLACE}} == ${state}) or vector(0)`;
/** Below this share of an error budget somebody should slow down. */
const LOW_BUDGET = 0.25;

export const home: DashboardDefinition = {
    uid: "home",
    title: "Home",
    description: "Is anything wrong, and where.",
    tags: ["platform"],
    needs: [],
    content: (context) => ({
        variables: places("up"),
        rows: [
            {
                panels: [
                    stat({
                        title: "Critical alerts",
                        description: "Somebody should look now: each has paged.",
                        unit: "none",
                        queries: [now(firing("critical"))],
                        thresholds: worseFrom([1, "red"]),
                        links: linkTo(context, "alerts", "Alerts"),
                    }),
                    stat({
                        title: "Warnings",
                        description: "Somebody should look within the working day.",
                        unit: "none",
                        queries: [now(firing("warning"))],
                        thresholds: worseFrom([1, "orange"]),
                        links: linkTo(context, "alerts", "Alerts"),
                    }),
                    ...redisStats(context),
                    stat({
                        title: "Low budgets",
                        description: `Objectives that have less than ${LOW_BUDGET * 100} % of their error budget left.`,
                        unit: "none",
                        queries: [
                            now(
                                `count(slo:error_budget_remaining:ratio{${IN_PLACE}} < ${LOW_BUDGET}) or vector(0)`,
                            ),
                        ],
                        thresholds: worseFrom([1, "red"]),
                        links: linkTo(context, "slo", "Objectives"),
                    }),
                    ...deliveryStats(context),
                    stat({
                        title: "Targets down",
                        description:
                            "What Prometheus should scrape and cannot reach: of these nothing is known.",
                        unit: "none",
                        queries: [now(`count(up{${IN_PLACE}} == 0) or vector(0)`)],
                        thresholds: worseFrom([1, "orange"]),
                        links: runbooks(context, "TargetMissing"),
                    }),
                    firingTable(context, {
                        title: "What fires",
                        description:
                            "Every alert that fires, by whom it is about. A click on its name opens the runbook.",
                        matchers: `${IN_PLACE}, severity=~"critical|warning"`,
                        labels: ["namespace", "about", "environment", "team"],
                        about: true,
                        width: 16,
                        height: 10,
                    }),
                    table({
                        title: "Error budgets",
                        description:
                            "What is left of the errors that each objective allows over its window: at 0 the promise is broken.",
                        width: 8,
                        height: 10,
                        queries: [
                            {
                                expr: `min by (slo, namespace, app) (slo:error_budget_remaining:ratio{${IN_PLACE}})`,
                            },
                        ],
                        labels: {
                            slo: { title: "Objective", width: 180 },
                            namespace: "Namespace",
                            app: "Redis",
                        },
                        values: [
                            {
                                title: "Left",
                                unit: "percentunit",
                                decimals: 0,
                                thresholds: betterFrom([0.01, "orange"], [LOW_BUDGET, "green"]),
                            },
                        ],
                        sort: "Left",
                        ascending: true,
                    }),
                ],
            },
            {
                title: "Over time",
                panels: [
                    timeseries({
                        title: "Alerts that fire",
                        description: "How many at each time, by severity.",
                        unit: "none",
                        stacked: true,
                        colors: SEVERITY_COLORS,
                        queries: [
                            query(
                                `count by (severity) (ALERTS{alertstate="firing", ${IN_PLACE}, severity!="none"})`,
                                "{{severity}}",
                            ),
                        ],
                        noValue: "nothing fires",
                    }),
                    ...redisGraphs(context),
                    dashboardList({
                        title: "All dashboards",
                        description:
                            "Each answers one question; the variables and the time go along.",
                        tags: [TAG],
                        width: 8,
                    }),
                ],
            },
        ],
    }),
};

function redisStats(context: DashboardContext): Panel[] {
    return context.parts.has("redis")
        ? [
              stat({
                  title: "Redis up",
                  description: "Instances on which clients can read and write.",
                  unit: "none",
                  queries: [now(instances(1))],
                  plain: true,
                  links: linkTo(context, "redis-instance", "Instances"),
              }),
              stat({
                  title: "Redis down",
                  description: "Instances on which clients cannot read or write.",
                  unit: "none",
                  queries: [now(instances(0))],
                  thresholds: worseFrom([1, "red"]),
                  links: [
                      ...linkTo(context, "redis-instance", "Instances"),
                      ...runbooks(context, "RedisInstanceDown"),
                  ],
              }),
          ]
        : [];
}

const INSTANCE = {
    title: "Instance",
    url: "/d/redis-instance?var-namespace=${__data.fields.Namespace}&var-instance=${__value.raw}&${__url_time_range}",
};

function redisGraphs({ parts, uids }: DashboardContext): Panel[] {
    return parts.has("redis")
        ? [
              table({
                  title: "Redis instances",
                  description: "Whether each serves. A click opens the instance.",
                  width: 8,
                  queries: [
                      {
                          expr: `min by (environment, namespace, instance_name) (redis:instance_available:bool{${IN_PLACE}})`,
                      },
                  ],
                  labels: {
                      environment: "Environment",
                      namespace: "Namespace",
                      instance_name: {
                          title: "Redis",
                          ...(uids.has("redis-instance") ? { link: INSTANCE } : {}),
                      },
                  },
                  values: [
                      {
                          title: "Serves",
                          mappings: words({ 1: ["yes", "green"], 0: ["NO", "red"] }),
                      },
                  ],
                  sort: "Serves",
                  ascending: true,
                  noValue: "no instances",
              }),
          ]
        : [];
}

function deliveryStats(context: DashboardContext): Panel[] {
    const { parts, namespaces } = context;
    const zero = (expression: string) => `(${expression} or vector(0))`;
    const records = (counter: string) =>
        `sum(rate(fluentbit_output_${counter}_records_total{${IN_CLUSTER}, namespace="${namespaces.logging}"}[5m]))`;
    const spans = (counter: string) =>
        `sum(rate(otelcol_${counter}_spans_total{${IN_CLUSTER}, namespace="${namespaces.tracing}"}[5m]))`;
    const taken = spans("receiver_accepted");
    const refused = zero(spans("receiver_refused"));
    const lost = `${refused} + ${zero(spans("exporter_send_failed"))} + ${zero(spans("exporter_enqueue_failed"))}`;
    return [
        ...(parts.has("logging")
            ? [
                  stat({
                      title: "Logs lost",
                      description:
                          "Share of the log records of 5 minutes that Fluent Bit dropped. Records that wait on a node are not lost.",
                      unit: "percentunit",
                      queries: [
                          now(
                              `${zero(records("dropped"))} / (${records("proc")} + ${zero(records("dropped"))} > 0)`,
                          ),
                      ],
                      thresholds: worseFrom([0.000001, "red"]),
                      noValue: "no logs",
                      links: [
                          ...linkTo(context, "logs-pipeline", "Logs pipeline"),
                          ...runbooks(context, "FluentBitRecordsLost"),
                      ],
                  }),
              ]
            : []),
        ...(parts.has("tracing")
            ? [
                  stat({
                      title: "Spans lost",
                      description:
                          "Share of the spans of 5 minutes that were refused or not stored.",
                      unit: "percentunit",
                      queries: [now(`(${lost}) / (${taken} + ${refused} > 0)`)],
                      thresholds: worseFrom([0.000001, "red"]),
                      noValue: "no spans",
                      links: [
                          ...linkTo(context, "traces-pipeline", "Traces pipeline"),
                          ...runbooks(context, "JaegerSpansLost"),
                      ],
                  }),
              ]
            : []),
    ];
}
