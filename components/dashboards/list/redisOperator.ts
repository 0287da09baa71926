import { seconds } from "../../settings/duration";
import {
    DashboardDefinition,
    linkTo,
    logLines,
    logQuery,
    logsLink,
    runbooks,
    tracesLink,
} from "../definition";
import { betterFrom, stat, table, timeseries, words, worseFrom } from "../model/panels";
import { now, query, top } from "../model/queries";
import { IN_PLACE, places, valuesOf } from "../model/variables";
import { containerPanels } from "./containers";
import { alertMarks, firingTable } from "./firing";

const OPERATOR = `${IN_PLACE}, job="redis-operator"`;
const CONTROLLER = `${OPERATOR}, controller=~"$controller"`;
/** What the operator says of a Redis has its namespace, and its name as `instance`. */
const RESOURCE = `${OPERATOR}, namespace=~"$namespace"`;
const OF_RESOURCE = "by (namespace, instance)";
const ALERTS = 'alertname=~"RedisOperator.*|RedisReconcileSkipped"';
const WINDOW = "30m";

const reconciles = (by: string, window: string) =>
    `sum by (${by}) (rate(controller_runtime_reconcile_total{${CONTROLLER}}[${window}]))`;
const errors = (by: string, window: string) =>
    `sum by (${by}) (rate(controller_runtime_reconcile_errors_total{${CONTROLLER}}[${window}]))`;
const quantile = (share: number, by: string) =>
    `histogram_quantile(${share}, sum by (${by}) (rate(controller_runtime_reconcile_time_seconds_bucket{${CONTROLLER}}[$__rate_interval])))`;
/** Where kube-state-metrics says what the operator does not: of the kinds `Redis` and `RedisSentinel`. */
const OTHERS = `${IN_PLACE}, namespace=~"$namespace"`;
const OF_OTHERS = "by (namespace, instance, customresource_kind, image)";
/** Pods that each asks for: a `Redis` is one. */
const wanted = `max ${OF_OTHERS} (redis_resource_size{${OTHERS}} or redis_resource_info{${OTHERS}, customresource_kind="Redis"})`;
/** Pods of each that are ready, none without a StatefulSet: of its name, the parentheses hold the instance's. */
const ready = `${readyPods("Redis", "(.+)")} or ${readyPods("RedisSentinel", "(.+)-sentinel")} or ${wanted} * 0`;

function readyPods(kind: string, statefulSet: string): string {
    const pods = `max ${OF_RESOURCE} (label_replace(kube_statefulset_status_replicas_ready{${OTHERS}}, "instance", "$1", "statefulset", "${statefulSet}"))`;
    return `max ${OF_OTHERS} (redis_resource_info{${OTHERS}, customresource_kind="${kind}"}) * on (namespace, instance) group_left () ${pods}`;
}

const resource = (metric: string) => `max ${OF_RESOURCE} (${metric}{${RESOURCE}})`;

export const redisOperator: DashboardDefinition = {
    uid: "redis-operator",
    title: "Redis / Operator",
    description: "Whether the Redis operator does its work, and on which resources it fails.",
    tags: ["redis"],
    needs: ["redisOperator"],
    content: (context) => {
        const { RedisOperatorHighReconcileErrors, RedisOperatorReconcileStuck } = context.alerts;
        const { errorShare } = RedisOperatorHighReconcileErrors;
        const stuck = seconds(RedisOperatorReconcileStuck.running);
        const others = context.parts.has("kubeStateMetrics");
        const failures = logQuery({
            level: "(error OR fatal)",
            namespace: "${namespace:lucene}",
        });
        return {
            variables: [
                ...places("leader_election_master_status"),
                valuesOf({
                    name: "namespace",
                    label: "Namespace of Redis",
                    series: `{__name__=~"redisreplication_skipreconcile|rediscluster_skipreconcile${others ? "|redis_resource_info" : ""}", ${IN_PLACE}}`,
                }),
                valuesOf({
                    name: "controller",
                    label: "Controller",
                    series: `controller_runtime_reconcile_total{${OPERATOR}}`,
                }),
            ],
            annotations: [alertMarks(`${IN_PLACE}, ${ALERTS}`)],
            links: [
                ...linkTo(context, "redis-instance", "Instances"),
                ...logsLink(context, logQuery({ namespace: "${namespace:lucene}" }), "operator"),
                ...tracesLink(context),
            ],
            rows: [
                {
                    panels: [
                        stat({
                            title: "Up",
                            description: "Whether Prometheus reaches a pod of the operator.",
                            unit: "none",
                            queries: [now(`max(up{${OPERATOR}}) or vector(0)`)],
                            mappings: words({ 1: ["yes", "green"], 0: ["NO", "red"] }),
                            links: runbooks(context, "RedisOperatorDown"),
                        }),
                        stat({
                            title: "Leaders",
                            description:
                                "Pods that lead: one is right, without one nothing is reconciled.",
                            unit: "none",
                            queries: [now(`sum(leader_election_master_status{${OPERATOR}})`)],
                            thresholds: betterFrom([1, "green"]),
                            links: runbooks(context, "RedisOperatorNoLeader"),
                        }),
                        stat({
                            title: "Errors",
                            description:
                                "Share of the reconciliations of 30 minutes that failed, of the worst controller. Red is where RedisOperatorHighReconcileErrors fires.",
                            unit: "percentunit",
                            decimals: 0,
                            queries: [
                                now(
                                    `max(${errors("controller", WINDOW)} / (${reconciles("controller", WINDOW)} > 0))`,
                                ),
                            ],
                            thresholds: worseFrom([errorShare, "red"]),
                            noValue: "none ran",
                            links: runbooks(context, "RedisOperatorHighReconcileErrors"),
                        }),
                        stat({
                            title: "Longest running",
                            description:
                                "How long the oldest reconciliation has run. Red is where RedisOperatorReconcileStuck fires.",
                            unit: "s",
                            queries: [
                                now(
                                    `max(workqueue_longest_running_processor_seconds{${OPERATOR}, name=~"$controller"})`,
                                ),
                            ],
                            thresholds: worseFrom([stuck, "red"]),
                            links: runbooks(context, "RedisOperatorReconcileStuck"),
                        }),
                        stat({
                            title: "Queue",
                            description:
                                "Resources that wait for a worker. It falls to 0 between changes.",
                            unit: "none",
                            queries: [
                                now(`sum(workqueue_depth{${OPERATOR}, name=~"$controller"})`),
                            ],
                            plain: true,
                        }),
                        stat({
                            title: "Without master",
                            description: "Replications in which the operator finds no master.",
                            unit: "none",
                            queries: [
                                now(
                                    `count(${resource("redisreplication_has_master")} == 0) or vector(0)`,
                                ),
                            ],
                            thresholds: worseFrom([1, "red"]),
                            links: runbooks(context, "RedisMasterDown"),
                        }),
                        stat({
                            title: "Of another size",
                            description: others
                                ? "Replications that have not as many pods as are wanted, and standalone ones and Sentinels whose pods are not all ready."
                                : "Replications that have not as many pods as are wanted.",
                            unit: "none",
                            queries: [
                                now(
                                    `count(${resource("redisreplication_replicas_size_mismatch")} > 0${others ? ` or (${wanted} != (${ready}))` : ""}) or vector(0)`,
                                ),
                            ],
                            thresholds: worseFrom([1, "orange"]),
                        }),
                        stat({
                            title: "Skipped",
                            description:
                                "Resources that an annotation keeps out of the operator's hands: changes and repairs do not reach them.",
                            unit: "none",
                            queries: [
                                now(
                                    `count(max ${OF_RESOURCE} ({__name__=~"redisreplication_skipreconcile|rediscluster_skipreconcile", ${RESOURCE}}) == 1${others ? ` or max by (namespace, instance, customresource_kind) (redis_resource_info{${OTHERS}, skipped="true"})` : ""}) or vector(0)`,
                                ),
                            ],
                            thresholds: worseFrom([1, "orange"]),
                            links: runbooks(context, "RedisReconcileSkipped"),
                        }),
                        table({
                            title: "Replications",
                            description:
                                "Whether each has a master, and how many pods it has of how many.",
                            width: 8,
                            queries: [
                                { expr: resource("redisreplication_has_master") },
                                { expr: resource("redisreplication_replicas_size_current") },
                                { expr: resource("redisreplication_replicas_size_desired") },
                            ],
                            labels: { namespace: "Namespace", instance: "Redis" },
                            values: [
                                {
                                    title: "Master",
                                    mappings: words({ 1: ["yes", "green"], 0: ["NO", "red"] }),
                                },
                                { title: "Pods" },
                                { title: "Wanted" },
                            ],
                            sort: "Master",
                            ascending: true,
                            noValue: "no replications",
                        }),
                        table({
                            title: "Clusters",
                            description:
                                "Whether the operator calls each healthy, and how often it has moved slots.",
                            width: 8,
                            queries: [
                                { expr: resource("rediscluster_healthy") },
                                { expr: resource("rediscluster_reshard_total") },
                                { expr: resource("rediscluster_rebalance_total") },
                            ],
                            labels: { namespace: "Namespace", instance: "Redis" },
                            values: [
                                {
                                    title: "Healthy",
                                    mappings: words({ 1: ["yes", "green"], 0: ["NO", "red"] }),
                                },
                                { title: "Resharded" },
                                { title: "Rebalanced" },
                            ],
                            sort: "Healthy",
                            ascending: true,
                            noValue: "no clusters",
                        }),
                        firingTable(context, {
                            title: "Alerts",
                            description: "What fires on the operator.",
                            width: 8,
                            matchers: `${IN_PLACE}, ${ALERTS}`,
                            labels: ["namespace", "controller", "instance"],
                        }),
                        ...(others
                            ? [
                                  table({
                                      title: "Standalone and Sentinels",
                                      description:
                                          "Of these kinds the operator says nothing: how many of their pods are ready, of how many, and the image that is asked for.",
                                      width: 24,
                                      queries: [{ expr: ready }, { expr: wanted }],
                                      labels: {
                                          namespace: "Namespace",
                                          instance: "Redis",
                                          customresource_kind: "Kind",
                                          image: "Image",
                                      },
                                      values: [{ title: "Ready" }, { title: "Wanted" }],
                                      sort: "Ready",
                                      ascending: true,
                                      noValue: "none of these kinds",
                                  }),
                              ]
                            : []),
                    ],
                },
                {
                    title: "Work",
                    panels: [
                        timeseries({
                            title: "Reconciliations",
                            description: "Per second, by controller and result.",
                            unit: "ops",
                            queries: [
                                query(
                                    reconciles("controller, result", "$__rate_interval"),
                                    "{{controller}} {{result}}",
                                ),
                            ],
                        }),
                        timeseries({
                            title: "Share of errors",
                            description:
                                "Of the reconciliations of 30 minutes, by controller: a resource that is broken is tried ever more seldom. The dashed line is where RedisOperatorHighReconcileErrors fires.",
                            unit: "percentunit",
                            min: 0,
                            queries: [
                                query(
                                    `${errors("controller", WINDOW)} / (${reconciles("controller", WINDOW)} > 0)`,
                                    "{{controller}}",
                                ),
                            ],
                            thresholds: worseFrom([errorShare, "red"]),
                            links: runbooks(context, "RedisOperatorHighReconcileErrors"),
                        }),
                        timeseries({
                            title: "Time of a reconciliation",
                            description:
                                "Half of them, and 99 of 100, took no longer; by controller.",
                            unit: "s",
                            queries: [
                                query(quantile(0.5, "controller, le"), "{{controller}} p50"),
                                query(quantile(0.99, "controller, le"), "{{controller}} p99"),
                            ],
                            noValue: "none ran",
                        }),
                        timeseries({
                            title: "Resources that wait",
                            description: "Length of the queue of each controller.",
                            unit: "none",
                            queries: [
                                query(
                                    `sum by (name) (workqueue_depth{${OPERATOR}, name=~"$controller"})`,
                                    "{{name}}",
                                ),
                            ],
                        }),
                        timeseries({
                            title: "Longest running reconciliation",
                            description:
                                "By controller. The dashed line is where RedisOperatorReconcileStuck fires.",
                            unit: "s",
                            queries: [
                                query(
                                    `max by (name) (workqueue_longest_running_processor_seconds{${OPERATOR}, name=~"$controller"})`,
                                    "{{name}}",
                                ),
                            ],
                            thresholds: worseFrom([stuck, "red"]),
                            links: runbooks(context, "RedisOperatorReconcileStuck"),
                        }),
                        timeseries({
                            title: "Changes of master",
                            description:
                                "How often the operator saw another pod as the master, within 15 minutes.",
                            unit: "none",
                            bars: true,
                            queries: [
                                query(
                                    top(
                                        `max ${OF_RESOURCE} (increase(redisreplication_master_role_changes_total{${RESOURCE}}[15m])) > 0`,
                                    ),
                                    "{{namespace}}/{{instance}}",
                                ),
                            ],
                            noValue: "none",
                            links: runbooks(context, "RedisFailoverHappened"),
                        }),
                        timeseries({
                            title: "Requests to the API server",
                            description:
                                "Per second, by the code of the answer. 409 is a conflict that is tried again; 403 is a right that is missing.",
                            unit: "reqps",
                            width: 24,
                            queries: [
                                query(
                                    `sum by (code) (rate(rest_client_requests_total{${OPERATOR}}[$__rate_interval]))`,
                                    "{{code}}",
                                ),
                            ],
                        }),
                    ],
                },
                {
                    title: "Containers",
                    panels: containerPanels(
                        context,
                        `${IN_PLACE}, namespace="${context.namespaces.redisOperator}"`,
                    ),
                },
                {
                    title: "Logs",
                    panels: logLines(context, {
                        title: "Last errors of the operator",
                        description: "What it has logged as an error, the newest first.",
                        stream: "operator",
                        query: failures,
                        noValue: "no errors",
                    }),
                },
            ],
        };
    },
};
