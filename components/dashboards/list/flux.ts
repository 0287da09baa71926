import { DashboardDefinition, linkTo, logQuery, logsLink, runbooks } from "../definition";
import { stat, table, timeseries, words, worseFrom } from "../model/panels";
import { now, query, top } from "../model/queries";
import { places, IN_PLACE, valuesOf } from "../model/variables";
import { alertMarks, firingTable } from "./firing";
import { reconcileQuantile, SLOW } from "./fluxControllers";

const STATE = "gotk_resource_info";
const HERE = `${IN_PLACE}, exported_namespace=~"$namespace", customresource_kind=~"$kind"`;
const OF_RESOURCE = "by (exported_namespace, customresource_kind, name)";
const ALERTS = 'alertname=~"Flux.*", namespace=~"$namespace"';

/** Resources of Flux in a state. */
const resources = (matchers: string) => `max ${OF_RESOURCE} (${STATE}{${HERE}, ${matchers}})`;
const counted = (matchers: string) => `count(${resources(matchers)}) or vector(0)`;
const NOT_READY = 'ready!="True", suspended!="true"';

const READY = words({
    True: ["yes", "green"],
    False: ["NO", "red"],
    Unknown: ["in progress", "orange"],
});

export const flux: DashboardDefinition = {
    uid: "flux",
    title: "Delivery / Flux",
    description: "Whether the cluster runs what Git says, and which resource of Flux does not.",
    tags: ["delivery"],
    needs: ["kubeStateMetrics"],
    content: (context) => ({
        variables: [
            ...places(STATE),
            valuesOf({
                name: "namespace",
                label: "Namespace",
                series: `${STATE}{${IN_PLACE}}`,
                values: "exported_namespace",
            }),
            valuesOf({
                name: "kind",
                label: "Kind",
                series: `${STATE}{${IN_PLACE}, exported_namespace=~"$namespace"}`,
                values: "customresource_kind",
            }),
        ],
        annotations: [alertMarks(`${IN_PLACE}, ${ALERTS}`)],
        links: [
            ...linkTo(context, "flux-control-plane", "Controllers"),
            ...linkTo(context, "rollouts", "Rollouts"),
            ...logsLink(context, logQuery({ namespace: "${namespace:lucene}" }), "containers"),
        ],
        rows: [
            {
                panels: [
                    stat({
                        title: "Not ready",
                        description:
                            "Resources that are not as Git says, or cannot be fetched. Each is not ready for moments while it is reconciled.",
                        unit: "none",
                        queries: [now(counted(NOT_READY))],
                        thresholds: worseFrom([1, "red"]),
                        noValue: "no Flux",
                        links: runbooks(
                            context,
                            "FluxReconciliationFailed",
                            "FluxGitRepositorySyncFailed",
                            "FluxStateMissing",
                            "FluxReconcileOverdue",
                        ),
                    }),
                    stat({
                        title: "Stalled",
                        description: "Flux has given up on them: only a change helps.",
                        unit: "none",
                        queries: [now(counted('stalled="True", suspended!="true"'))],
                        thresholds: worseFrom([1, "red"]),
                        links: runbooks(context, "FluxStalled"),
                    }),
                    stat({
                        title: "Rolled back",
                        description: "Releases whose last upgrade failed: they run the one before.",
                        unit: "none",
                        queries: [now(counted('remediated="True", suspended!="true"'))],
                        thresholds: worseFrom([1, "orange"]),
                        links: runbooks(context, "FluxReleaseRolledBack"),
                    }),
                    stat({
                        title: "Suspended",
                        description:
                            "Changes in Git do not reach them until somebody resumes them.",
                        unit: "none",
                        queries: [now(counted('suspended="true"'))],
                        thresholds: worseFrom([1, "orange"]),
                        links: runbooks(context, "FluxSuspended"),
                    }),
                    stat({
                        title: "Ready",
                        description: "Resources that are as Git says.",
                        unit: "none",
                        queries: [now(counted('ready="True", suspended!="true"'))],
                        plain: true,
                    }),
                    table({
                        title: "By kind",
                        description: "How many of each kind are ready, not ready and suspended.",
                        width: 9,
                        queries: [
                            'ready="True", suspended!="true"',
                            NOT_READY,
                            'suspended="true"',
                        ].map((matchers) => ({
                            expr: `count by (customresource_kind) (${resources(matchers)})`,
                        })),
                        labels: { customresource_kind: "Kind" },
                        values: [
                            { title: "Ready" },
                            { title: "Not ready", thresholds: worseFrom([1, "red"]) },
                            { title: "Suspended", thresholds: worseFrom([1, "orange"]) },
                        ],
                        sort: "Not ready",
                        noValue: "no Flux",
                    }),
                    table({
                        title: "What is not ready or suspended",
                        description: "Each resource that does not follow Git now.",
                        width: 15,
                        queries: [
                            {
                                expr: `max by (exported_namespace, customresource_kind, name, ready, stalled, suspended, revision, source) (${STATE}{${HERE}, ready!="True"} or ${STATE}{${HERE}, suspended="true"})`,
                            },
                        ],
                        labels: {
                            customresource_kind: "Kind",
                            exported_namespace: "Namespace",
                            name: "Name",
                            ready: { title: "Ready", mappings: READY },
                            stalled: "Stalled",
                            suspended: "Suspended",
                            revision: "Revision",
                            source: "Source",
                        },
                        values: [undefined],
                        noValue: "all follow Git",
                    }),
                ],
            },
            {
                title: "Resources",
                panels: [
                    table({
                        title: "What runs",
                        description:
                            "The revision that each resource has fetched or applied, and the source that it is from.",
                        width: 24,
                        queries: [
                            {
                                expr: `max by (exported_namespace, customresource_kind, name, ready, revision, source) (${STATE}{${HERE}})`,
                            },
                        ],
                        labels: {
                            customresource_kind: "Kind",
                            exported_namespace: "Namespace",
                            name: "Name",
                            ready: { title: "Ready", mappings: READY },
                            revision: "Revision",
                            source: "Source",
                        },
                        values: [undefined],
                        sort: "Kind",
                        ascending: true,
                        noValue: "no Flux",
                    }),
                    timeseries({
                        title: "Changes of revisions",
                        description:
                            "How many resources have got another revision within 15 minutes: what was delivered.",
                        unit: "none",
                        bars: true,
                        width: 24,
                        queries: [
                            query(
                                `count by (customresource_kind) (count by (exported_namespace, customresource_kind, name, revision) (${STATE}{${HERE}, revision!=""}) unless count by (exported_namespace, customresource_kind, name, revision) (${STATE}{${HERE}, revision!=""} offset 15m))`,
                                "{{customresource_kind}}",
                            ),
                        ],
                        noValue: "none",
                    }),
                ],
            },
            {
                title: "Over time",
                panels: [
                    timeseries({
                        title: "Not ready, by kind",
                        description: "How many at each time, by kind.",
                        unit: "none",
                        stacked: true,
                        queries: [
                            query(
                                `count by (customresource_kind) (${resources(NOT_READY)})`,
                                "{{customresource_kind}}",
                            ),
                        ],
                        noValue: "none",
                    }),
                    timeseries({
                        title: "Not ready, each",
                        description: "1 while a resource is not ready.",
                        unit: "none",
                        queries: [
                            query(
                                top(resources(NOT_READY)),
                                "{{customresource_kind}} {{exported_namespace}}/{{name}}",
                            ),
                        ],
                        noValue: "none",
                    }),
                    firingTable(context, {
                        title: "Alerts",
                        description: "What fires on resources of Flux.",
                        width: 8,
                        matchers: `${IN_PLACE}, ${ALERTS}`,
                        labels: ["about"],
                        about: true,
                    }),
                    ...(context.uids.has("flux-control-plane")
                        ? [
                              timeseries({
                                  title: "Time of a reconciliation, by kind",
                                  description: `Half of them, and 99 of 100, took no longer. ${SLOW}`,
                                  unit: "s" as const,
                                  width: 24,
                                  queries: [0.5, 0.99].map((share) =>
                                      query(
                                          reconcileQuantile(share, "kind, le", 'kind=~"$kind"'),
                                          `{{kind}} p${share * 100}`,
                                      ),
                                  ),
                                  noValue: "none ran",
                              }),
                          ]
                        : []),
                ],
            },
        ],
    }),
};
