import { REPLICAS_MISSING } from "../../alerting/rules/workloads";
import { DashboardDefinition, linkTo, logQuery, logsLink, runbooks } from "../definition";
import { marks } from "../model/dashboard";
import { stat, table, timeseries, words, worseFrom } from "../model/panels";
import { now, query, top } from "../model/queries";
import type { AnnotationJson } from "../model/types";
import { places, IN_PLACE, valuesOf } from "../model/variables";
import { firingTable } from "./firing";

const BY_DEPLOYMENT = "by (namespace, deployment)";

/** When each ReplicaSet of a Deployment was made, with the Deployment's name as `owner_name`. */
function madeBy(namespaces: string, deployments: string): string {
    return `max by (namespace, replicaset) (kube_replicaset_created{${namespaces}}) * on (namespace, replicaset) group_left (owner_name) max by (namespace, replicaset, owner_name) (kube_replicaset_owner{${namespaces}, owner_kind="Deployment", owner_name=~"${deployments}"})`;
}

/** ReplicaSets that were made within some seconds: rollouts of new versions. */
function made(namespaces: string, deployments: string, seconds: number): string {
    return `(time() - (${madeBy(namespaces, deployments)})) < ${seconds}`;
}

/**
 * Deployments that have gone back within a time: the newest ReplicaSet has lost its pods, and an older one has some. After a
 * rollout or a scale-up the newest has pods, a first version has no other, and to zero all go together.
 */
export function wentBack(namespaces: string, deployments: string, within: string): string {
    const created = madeBy(namespaces, deployments);
    const pods = `kube_replicaset_spec_replicas{${namespaces}}`;
    const some = (series: string) =>
        `on (namespace, replicaset) max by (namespace, replicaset) (${series}) > 0`;
    const newest = `${created} == on (namespace, owner_name) group_left () max by (namespace, owner_name) (${created})`;
    return `count by (namespace, owner_name) (((${newest}) and ${some(`max_over_time(${pods}[${within}])`)} unless ${some(pods)}) and on (namespace, owner_name) (${created} and ${some(pods)}))`;
}

/** Marks at rollouts of a new version. */
export function rolloutMarks(namespaces: string, deployments: string): AnnotationJson {
    return marks({
        name: "Rollouts",
        expr: `max by (namespace, owner_name) (${made(namespaces, deployments, 120)})`,
        title: "Rollout of {{owner_name}}",
        text: "{{namespace}}",
        color: "blue",
    });
}

const HERE = `${IN_PLACE}, namespace=~"$namespace"`;
const DEPLOYMENT = `${HERE}, deployment=~"$deployment"`;
const DAY = 86_400;
const ROLLED_BACK = wentBack(HERE, "$deployment", "15m");
const wanted = `max ${BY_DEPLOYMENT} (kube_deployment_spec_replicas{${DEPLOYMENT}})`;
const ready = `max ${BY_DEPLOYMENT} (kube_deployment_status_replicas_ready{${DEPLOYMENT}})`;
const updated = `max ${BY_DEPLOYMENT} (kube_deployment_status_replicas_updated{${DEPLOYMENT}})`;
const FAILED = `max ${BY_DEPLOYMENT} (kube_deployment_status_condition{${DEPLOYMENT}, condition="Progressing", status="false"}) == 1`;
const CANARY = `max by (namespace, name) (flagger_canary_status{${HERE}, name=~"$deployment"})`;

export const rollouts: DashboardDefinition = {
    uid: "rollouts",
    title: "Delivery / Rollouts",
    description: "Which versions were rolled out, which failed, and which were taken back.",
    tags: ["delivery"],
    needs: ["kubeStateMetrics"],
    content: (context) => ({
        from: "now-24h",
        variables: [
            ...places("kube_deployment_spec_replicas"),
            valuesOf({
                name: "namespace",
                label: "Namespace",
                series: `kube_deployment_spec_replicas{${IN_PLACE}}`,
            }),
            valuesOf({
                name: "deployment",
                label: "Deployment",
                series: `kube_deployment_spec_replicas{${HERE}}`,
            }),
        ],
        annotations: [rolloutMarks(HERE, "$deployment")],
        links: [
            ...linkTo(context, "application", "Application"),
            ...linkTo(context, "flux", "Flux"),
            ...logsLink(context, logQuery({ namespace: "${namespace:lucene}" }), "containers"),
        ],
        rows: [
            {
                panels: [
                    stat({
                        title: "Pods missing",
                        description: "Pods that are wanted and not ready, of all Deployments.",
                        unit: "none",
                        queries: [now(`sum(${wanted}) - sum(${ready})`)],
                        thresholds: worseFrom([1, "orange"]),
                        links: runbooks(context, "DeploymentNotReady"),
                    }),
                    stat({
                        title: "Rollouts that hang",
                        description:
                            "Deployments whose rollout has made no progress within its deadline.",
                        unit: "none",
                        queries: [now(`count(${FAILED}) or vector(0)`)],
                        thresholds: worseFrom([1, "red"]),
                        links: runbooks(context, "DeploymentNotReady"),
                    }),
                    stat({
                        title: "Rollouts in progress",
                        description: "Deployments with pods of an older version.",
                        unit: "none",
                        queries: [now(`count(${updated} < ${wanted}) or vector(0)`)],
                        plain: true,
                    }),
                    stat({
                        title: "Rollbacks, 15 m",
                        description:
                            "Deployments that went back: the newest version has lost its last pod, and an older one runs.",
                        unit: "none",
                        queries: [now(`count(${ROLLED_BACK}) or vector(0)`)],
                        thresholds: worseFrom([1, "red"]),
                    }),
                    stat({
                        title: "Versions, 24 h",
                        description:
                            "ReplicaSets that were made within a day, as far as they are still there.",
                        unit: "none",
                        queries: [now(`count(${made(HERE, "$deployment", DAY)}) or vector(0)`)],
                        plain: true,
                    }),
                    stat({
                        title: "Canaries failed",
                        description:
                            "Canaries of Flagger whose analysis failed: the old version serves.",
                        unit: "none",
                        queries: [now(`count(${CANARY} == 2) or vector(0)`)],
                        thresholds: worseFrom([1, "red"]),
                        links: runbooks(context, "FlaggerCanaryFailed"),
                    }),
                    stat({
                        title: "Canaries",
                        description: "Canaries of Flagger that are analysed: two versions serve.",
                        unit: "none",
                        queries: [now(`count(${CANARY} == 0) or vector(0)`)],
                        plain: true,
                        links: runbooks(context, "FlaggerCanaryStuck"),
                    }),
                    table({
                        title: "Deployments that are not complete",
                        description: "Pods that are wanted, of the newest version, and ready.",
                        queries: [
                            { expr: `${wanted} > ${ready} or ${wanted} > ${updated}` },
                            {
                                expr: `${updated} and (${wanted} > ${ready} or ${wanted} > ${updated})`,
                            },
                            {
                                expr: `${ready} and (${wanted} > ${ready} or ${wanted} > ${updated})`,
                            },
                        ],
                        labels: { namespace: "Namespace", deployment: "Deployment" },
                        values: [{ title: "Wanted" }, { title: "New version" }, { title: "Ready" }],
                        sort: "Wanted",
                        noValue: "all are complete",
                    }),
                    firingTable(context, {
                        title: "Alerts",
                        description: "What fires on rollouts and canaries.",
                        matchers: `${HERE}, alertname=~"DeploymentNotReady|PodCrashLooping|Flagger.*|FluxReleaseRolledBack"`,
                        labels: ["namespace", "deployment", "pod", "name"],
                    }),
                ],
            },
            {
                title: "Over time",
                panels: [
                    timeseries({
                        title: "Wanted minus ready",
                        description: "Pods that are missing, of the Deployments with the most.",
                        unit: "none",
                        queries: [
                            query(
                                top(`max ${BY_DEPLOYMENT} (${REPLICAS_MISSING}{${DEPLOYMENT}})`),
                                "{{namespace}}/{{deployment}}",
                            ),
                        ],
                        noValue: "none missing",
                        links: runbooks(context, "DeploymentNotReady"),
                    }),
                    timeseries({
                        title: "Rollbacks",
                        description:
                            "1 for 15 minutes after a Deployment went back to an older version.",
                        unit: "none",
                        bars: true,
                        queries: [query(ROLLED_BACK, "{{namespace}}/{{owner_name}}")],
                        noValue: "none",
                    }),
                    timeseries({
                        title: "New versions and failures, per day",
                        description:
                            "ReplicaSets that were made within the day before each time, and Deployments whose rollout hung within it.",
                        unit: "none",
                        queries: [
                            query(
                                `count(${made(HERE, "$deployment", DAY)}) or vector(0)`,
                                "new versions",
                            ),
                            query(
                                `count(max ${BY_DEPLOYMENT} (max_over_time(kube_deployment_status_condition{${DEPLOYMENT}, condition="Progressing", status="false"}[1d])) == 1) or vector(0)`,
                                "hung",
                            ),
                        ],
                    }),
                ],
            },
            {
                title: "Canaries",
                panels: [
                    table({
                        title: "State of each",
                        description:
                            "Whether each canary's last analysis has come to an end, and how.",
                        width: 8,
                        queries: [{ expr: CANARY }],
                        labels: { namespace: "Namespace", name: "Canary" },
                        values: [
                            {
                                title: "State",
                                mappings: words({
                                    0: ["in progress", "blue"],
                                    1: ["succeeded", "green"],
                                    2: ["FAILED", "red"],
                                }),
                            },
                        ],
                        noValue: "no Flagger",
                    }),
                    timeseries({
                        title: "Weight",
                        description: "Percent of the requests that each workload gets.",
                        unit: "none",
                        min: 0,
                        max: 100,
                        queries: [
                            query(
                                top(
                                    `max by (namespace, workload) (flagger_canary_weight{${HERE}})`,
                                ),
                                "{{namespace}}/{{workload}}",
                            ),
                        ],
                        noValue: "no Flagger",
                    }),
                    timeseries({
                        title: "Failed analyses, per hour",
                        description: "Canaries that were taken back.",
                        unit: "none",
                        bars: true,
                        queries: [
                            query(
                                `sum by (namespace, name) (increase(flagger_canary_failures_total{${HERE}}[1h])) > 0`,
                                "{{namespace}}/{{name}}",
                            ),
                        ],
                        noValue: "none",
                        links: runbooks(context, "FlaggerCanaryFailed"),
                    }),
                ],
            },
        ],
    }),
};
