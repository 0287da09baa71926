import { DashboardDefinition, linkTo, logQuery, logsLink, runbooks } from "../definition";
import { stat, table, timeseries, words, worseFrom } from "../model/panels";
import { now, query, top } from "../model/queries";
import { IN_PLACE, places, valuesOf } from "../model/variables";
import { alertMarks, firingTable } from "./firing";

/* From what Argo CD says of its applications, https://argo-cd.readthedocs.io/en/stable/operator-manual/metrics/. */

const STATE = "argocd_app_info";
const HERE = `${IN_PLACE}, namespace=~"$namespace"`;
const OF_APPLICATION = `${HERE}, name=~"$application"`;
const BY = "by (namespace, name)";
const ALERTS = `${HERE}, name=~"$application", alertname=~"Argocd.*"`;

/** Applications in a state. */
const applications = (matchers = "") =>
    `max ${BY} (${STATE}{${OF_APPLICATION}${matchers ? `, ${matchers}` : ""}})`;
const counted = (matchers?: string) => `count(${applications(matchers)}) or vector(0)`;
const NOT_SYNCED = 'sync_status!="Synced"';
const UNHEALTHY = 'health_status!="Healthy"';
const FAILED = 'phase=~"Failed|Error"';
/**
 * Synchronizations within some time, without those that only try what would happen. A counter is there from its first one
 * on, and begins with 1: its increase alone would lack that.
 */
const synced = (by: string, window: string, matchers = "") => {
    const counter = `argocd_app_sync_total{${OF_APPLICATION}, dry_run!="true"${matchers}}`;
    const increase = `increase(${counter}[${window}])`;
    const begun = `(min_over_time(${counter}[${window}]) unless ${counter} offset ${window})`;
    return `sum by (${by}) (${increase} + ${begun} or ${increase})`;
};
const reconcile = (share: number) =>
    `histogram_quantile(${share}, sum by (le) (rate(argocd_app_reconcile_bucket{${HERE}}[$__rate_interval])))`;

const SYNC = words({
    Synced: ["as in Git", "green"],
    OutOfSync: ["DIFFERS", "orange"],
    Unknown: ["unknown", "red"],
});
const HEALTH = words({
    Healthy: ["healthy", "green"],
    Progressing: ["in progress", "blue"],
    Suspended: ["suspended", "orange"],
    Degraded: ["DEGRADED", "red"],
    Missing: ["MISSING", "red"],
    Unknown: ["unknown", "orange"],
});
const COLUMNS = {
    name: "Application",
    namespace: "Namespace",
    project: "Project",
    sync_status: { title: "Git", mappings: SYNC },
    health_status: { title: "Health", mappings: HEALTH },
    operation: "Operation",
    dest_namespace: "Into",
    repo: "Repository",
};
const STATES = `max by (${Object.keys(COLUMNS).join(", ")})`;

export const argocd: DashboardDefinition = {
    uid: "argocd",
    title: "Delivery / Argo CD",
    description:
        "Whether the cluster runs what Git says, and which application of Argo CD does not.",
    tags: ["delivery"],
    needs: ["argocd"],
    content: (context) => ({
        variables: [
            ...places(STATE),
            valuesOf({ name: "namespace", label: "Namespace", series: `${STATE}{${IN_PLACE}}` }),
            valuesOf({
                name: "application",
                label: "Application",
                series: `${STATE}{${HERE}}`,
                values: "name",
            }),
        ],
        annotations: [alertMarks(ALERTS)],
        links: [
            ...linkTo(context, "rollouts", "Rollouts"),
            ...logsLink(context, logQuery({ namespace: "${namespace:lucene}" }), "containers"),
        ],
        rows: [
            {
                panels: [
                    stat({
                        title: "Degraded",
                        description:
                            "Applications of which something has failed or does not become ready.",
                        unit: "none",
                        queries: [now(counted('health_status=~"Degraded|Missing"'))],
                        thresholds: worseFrom([1, "red"]),
                        links: runbooks(context, "ArgocdApplicationDegraded"),
                    }),
                    stat({
                        title: "Out of sync",
                        description: "Applications that are not as Git says.",
                        unit: "none",
                        queries: [now(counted(NOT_SYNCED))],
                        thresholds: worseFrom([1, "orange"]),
                        links: runbooks(context, "ArgocdApplicationOutOfSync"),
                    }),
                    stat({
                        title: "Failed, 1 h",
                        description: "Synchronizations of the last hour that failed.",
                        unit: "none",
                        decimals: 0,
                        queries: [
                            now(
                                `sum(${synced("namespace, name", "1h", `, ${FAILED}`)}) or vector(0)`,
                            ),
                        ],
                        thresholds: worseFrom([1, "orange"]),
                    }),
                    stat({
                        title: "In progress",
                        description: "Applications that something is being done to.",
                        unit: "none",
                        queries: [now(counted('health_status="Progressing"'))],
                        plain: true,
                    }),
                    stat({
                        title: "By hand",
                        description:
                            "Applications that Argo CD does not synchronize by itself: a change in Git waits for somebody.",
                        unit: "none",
                        queries: [now(counted('autosync_enabled="false"'))],
                        plain: true,
                    }),
                    stat({
                        title: "Applications",
                        description: "All of the selection.",
                        unit: "none",
                        queries: [now(counted())],
                        plain: true,
                    }),
                    stat({
                        title: "Controller",
                        description: "Whether Prometheus reaches the application controller.",
                        unit: "none",
                        queries: [
                            now(
                                `min(up{${IN_PLACE}, job="argocd-application-controller"}) or vector(0)`,
                            ),
                        ],
                        mappings: words({ 0: ["DOWN", "red"], 1: ["up", "green"] }),
                    }),
                    table({
                        title: "What is not as it should be",
                        description:
                            "Each application that differs from Git, or is not healthy, with where it is from and where it goes.",
                        width: 16,
                        queries: [
                            {
                                expr: `${STATES} (${STATE}{${OF_APPLICATION}, ${NOT_SYNCED}} or ${STATE}{${OF_APPLICATION}, ${UNHEALTHY}})`,
                            },
                        ],
                        labels: COLUMNS,
                        values: [undefined],
                        sort: "Health",
                        ascending: true,
                        noValue: "all are as Git says, and healthy",
                    }),
                    firingTable(context, {
                        title: "Alerts",
                        description: "What fires on these applications.",
                        width: 8,
                        matchers: ALERTS,
                        labels: ["name"],
                    }),
                ],
            },
            {
                title: "Over time",
                panels: [
                    timeseries({
                        title: "Not as in Git or not healthy",
                        description: "How many at each time, by what they are.",
                        unit: "none",
                        queries: [
                            query(
                                `count by (sync_status) (${STATE}{${OF_APPLICATION}, ${NOT_SYNCED}})`,
                                "{{sync_status}}",
                            ),
                            query(
                                `count by (health_status) (${STATE}{${OF_APPLICATION}, ${UNHEALTHY}})`,
                                "{{health_status}}",
                            ),
                        ],
                        noValue: "none",
                    }),
                    timeseries({
                        title: "Synchronizations",
                        description: "Within 15 minutes, by how they ended.",
                        unit: "none",
                        bars: true,
                        queries: [query(`${synced("phase", "15m")} > 0`, "{{phase}}")],
                        noValue: "none",
                    }),
                    timeseries({
                        title: "Failed synchronizations",
                        description: "Within 15 minutes, by application.",
                        unit: "none",
                        bars: true,
                        queries: [
                            query(
                                top(`${synced("namespace, name", "15m", `, ${FAILED}`)} > 0`),
                                "{{namespace}}/{{name}}",
                            ),
                        ],
                        noValue: "none",
                    }),
                    timeseries({
                        title: "Time of a reconciliation",
                        description:
                            "Half of them, and 99 of 100, took no longer. A large repository or a slow API server makes it long.",
                        unit: "s",
                        width: 12,
                        queries: [0.5, 0.99].map((share) =>
                            query(reconcile(share), `p${share * 100}`),
                        ),
                        noValue: "none ran",
                    }),
                    timeseries({
                        title: "Requests to the API server",
                        description: "Per second, by the status of the answer.",
                        unit: "reqps",
                        width: 12,
                        queries: [
                            query(
                                `sum by (response_code) (rate(argocd_app_k8s_request_total{${OF_APPLICATION}}[$__rate_interval]))`,
                                "{{response_code}}",
                            ),
                        ],
                        noValue: "none",
                    }),
                ],
            },
            {
                title: "Applications",
                panels: [
                    table({
                        title: "State of each",
                        description: "Every application of the selection.",
                        width: 24,
                        queries: [{ expr: `${STATES} (${STATE}{${OF_APPLICATION}})` }],
                        labels: COLUMNS,
                        values: [undefined],
                        sort: "Application",
                        ascending: true,
                        noValue: "no Argo CD",
                    }),
                ],
            },
        ],
    }),
};
