import { DashboardDefinition, linkTo, logQuery, logsLink } from "../definition";
import { stat, table, timeseries, worseFrom } from "../model/panels";
import { now, query, top } from "../model/queries";
import { places, IN_PLACE, valuesOf } from "../model/variables";
import { containerPanels } from "./containers";

/** Flux' controllers, which are scraped with `delivery.flux`, or by a monitor of somebody's own. */

const TIMES = "gotk_reconcile_duration_seconds";
const CONTROLLERS =
    'controller=~"kustomization|helmrelease|gitrepository|ocirepository|helmrepository|helmchart|bucket"';
const HERE = `${IN_PLACE}, namespace=~"$namespace", pod=~".+-controller-.+"`;
const CONTROLLER = `${HERE}, ${CONTROLLERS}`;

export const SLOW = "A slow source, a large Helm chart or a wait for health makes it long.";

/** Time of reconciliations, from the controllers. */
export function reconcileQuantile(share: number, by: string, matchers: string): string {
    return `histogram_quantile(${share}, sum by (${by}) (rate(${TIMES}_bucket{${IN_PLACE}, ${matchers}}[$__rate_interval])))`;
}

const OVERDUE = `max by (exported_namespace, kind, name) (${TIMES}_count{${IN_PLACE}}) unless max by (exported_namespace, kind, name) (increase(${TIMES}_count{${IN_PLACE}}[2h])) > 0`;

export const fluxControllers: DashboardDefinition = {
    uid: "flux-control-plane",
    title: "Delivery / Flux controllers",
    description: "Whether Flux' controllers keep up, and what they need for it.",
    tags: ["delivery"],
    needs: ["kubeStateMetrics"],
    content: (context) => ({
        variables: [
            ...places(`${TIMES}_count`),
            valuesOf({
                name: "namespace",
                label: "Namespace of Flux",
                series: `${TIMES}_count{${IN_PLACE}}`,
            }),
        ],
        links: [
            ...linkTo(context, "flux", "Resources"),
            ...logsLink(context, logQuery({ namespace: "${namespace:lucene}" }), "containers"),
        ],
        rows: [
            {
                panels: [
                    stat({
                        title: "Controllers down",
                        description: "Targets of the controllers that Prometheus cannot reach.",
                        unit: "none",
                        queries: [now(`count(up{${HERE}} == 0) or vector(0)`)],
                        thresholds: worseFrom([1, "red"]),
                    }),
                    stat({
                        title: "Errors",
                        description: "Share of the reconciliations of 30 minutes that failed.",
                        unit: "percentunit",
                        queries: [
                            now(
                                `sum(rate(controller_runtime_reconcile_errors_total{${CONTROLLER}}[30m])) / (sum(rate(controller_runtime_reconcile_total{${CONTROLLER}}[30m])) > 0)`,
                            ),
                        ],
                        thresholds: worseFrom([0.25, "orange"]),
                        noValue: "none ran",
                    }),
                    stat({
                        title: "p99 of reconciling",
                        description: `99 of 100 took no longer. ${SLOW}`,
                        unit: "s",
                        queries: [
                            now(
                                `histogram_quantile(0.99, sum by (le) (rate(${TIMES}_bucket{${HERE}}[30m])))`,
                            ),
                        ],
                        plain: true,
                        noValue: "none ran",
                    }),
                    stat({
                        title: "Queue",
                        description: "Resources that wait for a worker.",
                        unit: "none",
                        queries: [now(`sum(workqueue_depth{${CONTROLLER}})`)],
                        plain: true,
                    }),
                    stat({
                        title: "Longest running",
                        description: "How long the oldest reconciliation has run.",
                        unit: "s",
                        queries: [
                            now(`max(workqueue_longest_running_processor_seconds{${CONTROLLER}})`),
                        ],
                        plain: true,
                    }),
                    stat({
                        title: "Overdue",
                        description: "Resources that were not reconciled for two hours.",
                        unit: "none",
                        queries: [now(`count(${OVERDUE}) or vector(0)`)],
                        thresholds: worseFrom([1, "orange"]),
                    }),
                    table({
                        title: "What is overdue",
                        description:
                            "Resources that were not reconciled for two hours: suspended ones, those with a longer interval, and those that Flux has forgotten.",
                        width: 12,
                        queries: [{ expr: OVERDUE }],
                        labels: { kind: "Kind", exported_namespace: "Namespace", name: "Name" },
                        values: [undefined],
                        noValue: "nothing",
                    }),
                    timeseries({
                        title: "Time of a reconciliation",
                        description: `By kind: half of them, and 99 of 100, took no longer. ${SLOW}`,
                        unit: "s",
                        width: 12,
                        queries: [0.5, 0.99].map((share) =>
                            query(
                                reconcileQuantile(share, "kind, le", 'namespace=~"$namespace"'),
                                `{{kind}} p${share * 100}`,
                            ),
                        ),
                        noValue: "none ran",
                    }),
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
                                `sum by (controller, result) (rate(controller_runtime_reconcile_total{${CONTROLLER}}[$__rate_interval]))`,
                                "{{controller}} {{result}}",
                            ),
                        ],
                    }),
                    timeseries({
                        title: "Resources that wait",
                        description: "Length of the queue of each controller.",
                        unit: "none",
                        queries: [
                            query(
                                `sum by (controller) (workqueue_depth{${CONTROLLER}})`,
                                "{{controller}}",
                            ),
                        ],
                    }),
                    timeseries({
                        title: "Slowest resources",
                        description: "Mean time of the reconciliations of the ten slowest.",
                        unit: "s",
                        queries: [
                            query(
                                top(
                                    `sum by (kind, exported_namespace, name) (rate(${TIMES}_sum{${HERE}}[30m])) / (sum by (kind, exported_namespace, name) (rate(${TIMES}_count{${HERE}}[30m])) > 0)`,
                                    10,
                                ),
                                "{{kind}} {{exported_namespace}}/{{name}}",
                            ),
                        ],
                        noValue: "none ran",
                    }),
                ],
            },
            { title: "Containers", panels: containerPanels(context, HERE) },
        ],
    }),
};
