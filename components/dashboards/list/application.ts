import {
    DashboardContext,
    DashboardDefinition,
    linkTo,
    logLines,
    logQuery,
    logsLink,
    runbooks,
    tracesLink,
} from "../definition";
import { Panel, stat, timeseries, worseFrom } from "../model/panels";
import { now, query, top } from "../model/queries";
import { places, IN_PLACE, valuesOf } from "../model/variables";
import { containerPanels } from "./containers";
import { firingTable } from "./firing";
import { rolloutMarks } from "./rollouts";

const HERE = `${IN_PLACE}, namespace=~"$namespace"`;
const DEPLOYMENT = `${HERE}, deployment=~"$application"`;
const PODS = `${HERE}, pod=~"$application-.+"`;
const BY = "by (namespace, deployment)";
const wanted = `max ${BY} (kube_deployment_spec_replicas{${DEPLOYMENT}})`;
const ready = `max ${BY} (kube_deployment_status_replicas_ready{${DEPLOYMENT}})`;

/** The autoscalers of the chosen Deployments. */
const scaler = (metric: string, more = "") =>
    `(max by (namespace, horizontalpodautoscaler${more}) (kube_horizontalpodautoscaler_${metric}{${HERE}}) and on (namespace, horizontalpodautoscaler) kube_horizontalpodautoscaler_info{${HERE}, scaletargetref_kind="Deployment", scaletargetref_name=~"$application"})`;

/** Requests as the mesh counts them at the application, and as its spans do; of both, who has any. */
const MESH = `${IN_PLACE}, reporter="destination", destination_workload_namespace=~"$namespace", destination_workload=~"$application"`;
const SPANS = `${IN_PLACE}, service_name=~"$application", span_kind="SPAN_KIND_SERVER"`;

interface Requests {
    readonly rate: string;
    readonly failed: string;
    readonly quantile: (share: number) => string;
}

/** All of them by the application's name, as label `application`. */
function requests({ parts }: DashboardContext, window: string): Requests {
    const named = (label: string, expression: string) =>
        `label_replace(${expression}, "application", "$1", "${label}", "(.+)")`;
    const either = (mesh: string, spans: string) =>
        parts.has("tracing")
            ? `sum without (destination_workload) (${named("destination_workload", mesh)}) or on (application) sum without (service_name) (${named("service_name", spans)})`
            : `sum without (destination_workload) (${named("destination_workload", mesh)})`;
    const mesh = (more: string) =>
        `sum by (destination_workload) (rate(istio_requests_total{${MESH}${more}}[${window}]))`;
    const spans = (more: string) =>
        `sum by (service_name) (rate(traces_span_metrics_calls_total{${SPANS}${more}}[${window}]))`;
    return {
        rate: either(mesh(""), spans("")),
        failed: either(mesh(', response_code=~"5.."'), spans(', status_code="STATUS_CODE_ERROR"')),
        quantile: (share) =>
            either(
                `histogram_quantile(${share}, sum by (destination_workload, le) (rate(istio_request_duration_milliseconds_bucket{${MESH}}[${window}])))`,
                `histogram_quantile(${share}, sum by (service_name, le) (rate(traces_span_metrics_duration_milliseconds_bucket{${SPANS}}[${window}])))`,
            ),
    };
}

const SOURCE =
    "As Istio counts them at the application; without a mesh, as its spans do, whose service has the Deployment's name.";

export const application: DashboardDefinition = {
    uid: "application",
    title: "Applications / Application",
    description:
        "Whether an application answers, how fast, with how many pods, and what was rolled out before.",
    tags: ["applications"],
    needs: ["kubeStateMetrics"],
    content: (context) => {
        const { IstioHighErrorRate } = context.alerts;
        const { rate, failed, quantile } = requests(context, "5m");
        const over = requests(context, "$__rate_interval");
        const logged = logQuery({ namespace: "${namespace:lucene}", pod: "${pod:lucene}" });
        return {
            variables: [
                ...places("kube_deployment_spec_replicas"),
                valuesOf({
                    name: "namespace",
                    label: "Namespace",
                    series: `kube_deployment_spec_replicas{${IN_PLACE}}`,
                }),
                valuesOf({
                    name: "application",
                    label: "Application",
                    description: "The name of its Deployment",
                    series: `kube_deployment_spec_replicas{${HERE}}`,
                    values: "deployment",
                }),
                valuesOf({
                    name: "pod",
                    label: "Pod",
                    description: "For the log",
                    series: `kube_pod_info{${PODS}}`,
                }),
            ],
            annotations: [rolloutMarks(HERE, "$application")],
            links: [
                ...linkTo(context, "rollouts", "Rollouts"),
                ...logsLink(context, logged, "containers"),
                ...tracesLink(context, "${application}"),
            ],
            rows: [
                {
                    panels: [
                        stat({
                            title: "Errors",
                            description: `Share of the requests of 5 minutes that failed, of the worst application. Red is where IstioHighErrorRate fires. ${SOURCE}`,
                            unit: "percentunit",
                            queries: [now(`max((${failed} or 0 * (${rate})) / ((${rate}) > 0))`)],
                            thresholds: worseFrom([IstioHighErrorRate.share, "red"]),
                            noValue: "not measured",
                            links: runbooks(context, "IstioHighErrorRate"),
                        }),
                        stat({
                            title: "Requests",
                            description: `Per second. ${SOURCE}`,
                            unit: "reqps",
                            queries: [now(`sum(${rate})`)],
                            plain: true,
                            noValue: "not measured",
                        }),
                        stat({
                            title: "p95",
                            description: `95 of 100 requests took no longer, of the slowest application. ${SOURCE}`,
                            unit: "ms",
                            queries: [now(`max(${quantile(0.95)})`)],
                            plain: true,
                            noValue: "not measured",
                        }),
                        stat({
                            title: "Pods missing",
                            description: "Pods that are wanted and not ready.",
                            unit: "none",
                            queries: [now(`sum(${wanted}) - sum(${ready})`)],
                            thresholds: worseFrom([1, "orange"]),
                            links: runbooks(context, "DeploymentNotReady"),
                        }),
                        stat({
                            title: "Pods ready",
                            description: "Pods that can serve.",
                            unit: "none",
                            queries: [now(`sum(${ready})`)],
                            plain: true,
                        }),
                        stat({
                            title: "Restarts, 1 h",
                            description: "Of all containers: each is a crash or a kill.",
                            unit: "none",
                            decimals: 0,
                            queries: [
                                now(
                                    `sum(max by (namespace, pod, container) (increase(kube_pod_container_status_restarts_total{${PODS}}[1h]) > 0)) or vector(0)`,
                                ),
                            ],
                            thresholds: worseFrom([1, "orange"]),
                            links: runbooks(context, "PodCrashLooping"),
                        }),
                        stat({
                            title: "At the maximum",
                            description:
                                "Autoscalers that want no fewer pods than they may have: more load is not scaled for.",
                            unit: "none",
                            queries: [
                                now(
                                    `count(${scaler("status_desired_replicas")} >= on (namespace, horizontalpodautoscaler) ${scaler("spec_max_replicas")}) or vector(0)`,
                                ),
                            ],
                            thresholds: worseFrom([1, "orange"]),
                        }),
                        timeseries({
                            title: "Requests by application",
                            description: `Per second. ${SOURCE}`,
                            unit: "reqps",
                            queries: [query(top(over.rate), "{{application}}")],
                            noValue: "not measured",
                        }),
                        timeseries({
                            title: "Share of errors",
                            description: `Share of the requests that failed. The dashed line is where IstioHighErrorRate fires. ${SOURCE}`,
                            unit: "percentunit",
                            min: 0,
                            queries: [
                                query(
                                    top(
                                        `(${over.failed} or 0 * (${over.rate})) / ((${over.rate}) > 0)`,
                                    ),
                                    "{{application}}",
                                ),
                            ],
                            thresholds: worseFrom([IstioHighErrorRate.share, "red"]),
                            noValue: "not measured",
                            links: runbooks(context, "IstioHighErrorRate"),
                        }),
                        timeseries({
                            title: "Time of a request",
                            description: `Half of them, 95 and 99 of 100, took no longer. ${SOURCE}`,
                            unit: "ms",
                            queries: [0.5, 0.95, 0.99].map((share) =>
                                query(
                                    top(over.quantile(share), 10),
                                    `{{application}} p${share * 100}`,
                                ),
                            ),
                            noValue: "not measured",
                        }),
                    ],
                },
                {
                    title: "Pods",
                    panels: [
                        timeseries({
                            title: "Pods, wanted and ready",
                            description: "By Deployment.",
                            unit: "none",
                            min: 0,
                            queries: [
                                query(top(wanted), "{{namespace}}/{{deployment}} wanted"),
                                query(top(ready), "{{namespace}}/{{deployment}} ready"),
                            ],
                        }),
                        timeseries({
                            title: "Autoscaling",
                            description: "Pods that each autoscaler has, wants, and may have.",
                            unit: "none",
                            min: 0,
                            queries: [
                                ["status_current_replicas", "now"],
                                ["status_desired_replicas", "wanted"],
                                ["spec_min_replicas", "min"],
                                ["spec_max_replicas", "max"],
                            ].map(([metric = "", name = ""]) =>
                                query(
                                    scaler(metric),
                                    `{{namespace}}/{{horizontalpodautoscaler}} ${name}`,
                                ),
                            ),
                            noValue: "no autoscaler",
                            links: runbooks(context, "HorizontalPodAutoscalerInactive"),
                        }),
                        timeseries({
                            title: "What drives the autoscaler",
                            description:
                                "The value of each metric that it decides by, for each of its target: above 1 it adds pods, below it takes some away.",
                            unit: "none",
                            queries: [
                                query(
                                    `(${scaler("status_target_metric", ", metric_name, metric_target_type")}) / on (namespace, horizontalpodautoscaler, metric_name, metric_target_type) ((${scaler("spec_target_metric", ", metric_name, metric_target_type")}) > 0)`,
                                    "{{namespace}}/{{horizontalpodautoscaler}} {{metric_name}}",
                                ),
                            ],
                            noValue: "no autoscaler",
                        }),
                        ...containerPanels(context, PODS),
                        timeseries({
                            title: "Restarts",
                            description: "Of each container, within 15 minutes.",
                            unit: "none",
                            bars: true,
                            interval: "5m",
                            width: 12,
                            queries: [
                                query(
                                    top(
                                        `max by (namespace, pod, container) (increase(kube_pod_container_status_restarts_total{${PODS}}[15m]) > 0)`,
                                    ),
                                    "{{pod}} {{container}}",
                                ),
                            ],
                            noValue: "none",
                            links: runbooks(context, "PodCrashLooping"),
                        }),
                        firingTable(context, {
                            title: "Alerts",
                            description: "What fires on these applications.",
                            width: 12,
                            matchers: `${HERE}, pod=~"$application-.+|"`,
                            labels: ["namespace", "deployment", "pod"],
                        }),
                    ],
                },
                { title: "Queues", panels: queues(context) },
                {
                    title: "Logs",
                    panels: logLines(context, {
                        title: "Log of these pods",
                        description:
                            "What the chosen pods have written; a line with a trace links to it.",
                        stream: "containers",
                        query: logged,
                    }),
                },
            ],
        };
    },
};

/** Queues that an application has in Redis, where the exporter is told to look at their keys. */
function queues({ parts }: DashboardContext): Panel[] {
    return parts.has("redis")
        ? [
              timeseries({
                  title: "Length of queues",
                  description:
                      "Items of each list, stream or set in Redis of the namespace that `checkSingleKeys` names.",
                  unit: "short",
                  width: 8,
                  queries: [
                      query(
                          top(`max by (namespace, app, key) (redis_key_size{${HERE}})`),
                          "{{app}} {{key}}",
                      ),
                  ],
                  noValue: "no keys are looked at",
              }),
              timeseries({
                  title: "Behind, by consumer group",
                  description:
                      "Entries of a stream that a group has not got yet, where `checkStreams` names the stream.",
                  unit: "short",
                  width: 8,
                  queries: [
                      query(
                          top(
                              `max by (namespace, app, stream, group) (redis_stream_group_lag{${HERE}})`,
                          ),
                          "{{stream}} {{group}}",
                      ),
                  ],
                  noValue: "no streams are looked at",
              }),
              timeseries({
                  title: "Processed jobs",
                  description: "Entries of a stream per second that a consumer group has read.",
                  unit: "ops",
                  width: 8,
                  queries: [
                      query(
                          top(
                              `max by (namespace, app, stream, group) (rate(redis_stream_group_entries_read{${HERE}}[$__rate_interval]))`,
                          ),
                          "{{stream}} {{group}}",
                      ),
                  ],
                  noValue: "no streams are looked at",
              }),
          ]
        : [];
}
