import { seconds } from "../../settings/duration";
import {
    DashboardContext,
    DashboardDefinition,
    linkTo,
    logQuery,
    logsLink,
    runbooks,
} from "../definition";
import { Panel, stat, table, timeseries, worseFrom } from "../model/panels";
import { now, query, top } from "../model/queries";
import { places, IN_PLACE, valuesOf } from "../model/variables";
import { alertMarks, firingTable } from "./firing";

const ALERTS =
    'alertname=~"Backup.*|RestoreDrill.*|ElasticsearchSnapshot.*|ElasticsearchRepositoryLost"';
const HERE = `${IN_PLACE}, namespace=~"$namespace"`;
const BY = "by (namespace, cronjob)";
/** CronJobs of ours are named by what they do and its source. */
const jobs = (kind: "backup" | "drill") => `${HERE}, cronjob=~"${kind}-.+"`;
const age = (kind: "backup" | "drill") =>
    `time() - max ${BY} (kube_cronjob_status_last_successful_time{${jobs(kind)}})`;
/** Where none has succeeded yet, the time since the CronJob was made. */
const oldest = (kind: "backup" | "drill") =>
    `time() - max ${BY} (kube_cronjob_status_last_successful_time{${jobs(kind)}} or kube_cronjob_created{${jobs(kind)}})`;
/** The last run has ended, and no success is later: as BackupFailed and RestoreDrillFailed have it. */
const failed = (kind: "backup" | "drill") =>
    `max ${BY} (kube_cronjob_status_last_schedule_time{${jobs(kind)}}) > max ${BY} (kube_cronjob_status_last_successful_time{${jobs(kind)}} or kube_cronjob_created{${jobs(kind)}}) and max ${BY} (kube_cronjob_status_active{${jobs(kind)}}) == 0`;
/** Of a Job of a CronJob, whose name it begins with. */
const ofCronJob = (expression: string) =>
    `label_replace(${expression}, "cronjob", "$1", "job_name", "(.+)-[0-9]+")`;
const duration = (kind: "backup" | "drill") => {
    const runs = `${HERE}, job_name=~"${kind}-.+"`;
    return `max ${BY} (${ofCronJob(`max by (namespace, job_name) (kube_job_status_completion_time{${runs}}) - max by (namespace, job_name) (kube_job_status_start_time{${runs}})`)})`;
};

export const backups: DashboardDefinition = {
    uid: "backups",
    title: "Platform / Backups",
    description: "How much would be lost now, and whether what was saved can be restored.",
    tags: ["platform", "redis"],
    needs: ["backup", "kubeStateMetrics"],
    content: (context) => ({
        from: "now-7d",
        variables: [
            ...places("kube_cronjob_created"),
            valuesOf({
                name: "namespace",
                label: "Namespace",
                series: `kube_cronjob_created{${IN_PLACE}, cronjob=~"(backup|drill)-.+"}`,
            }),
        ],
        annotations: [alertMarks(`${IN_PLACE}, ${ALERTS}`)],
        links: [
            ...linkTo(context, "logs-pipeline", "Logs pipeline"),
            ...logsLink(
                context,
                logQuery({ namespace: "${namespace:lucene}", pod: "(backup-* OR drill-*)" }),
                "containers",
            ),
        ],
        rows: [
            {
                panels: [
                    stat({
                        title: "Failed backups",
                        description: "Backups whose last run has not succeeded.",
                        unit: "none",
                        queries: [now(`count(${failed("backup")}) or vector(0)`)],
                        thresholds: worseFrom([1, "red"]),
                        links: runbooks(context, "BackupFailed"),
                    }),
                    stat({
                        title: "Failed drills",
                        description: "Restore drills whose last run has not succeeded.",
                        unit: "none",
                        queries: [now(`count(${failed("drill")}) or vector(0)`)],
                        thresholds: worseFrom([1, "red"]),
                        links: runbooks(context, "RestoreDrillFailed"),
                    }),
                    stat({
                        title: "Too old",
                        description:
                            "Backups and drills that BackupTooOld and RestoreDrillTooOld fire on: each has the age that its schedule allows.",
                        unit: "none",
                        queries: [
                            now(
                                `count(ALERTS{alertstate="firing", ${HERE}, alertname=~"BackupTooOld|RestoreDrillTooOld"}) or vector(0)`,
                            ),
                        ],
                        thresholds: worseFrom([1, "red"]),
                        links: runbooks(context, "BackupTooOld", "RestoreDrillTooOld"),
                    }),
                    stat({
                        title: "Oldest backup",
                        description:
                            "Of the source whose newest backup is the oldest: so much would be lost.",
                        unit: "dtdurations",
                        queries: [now(`max(${oldest("backup")})`)],
                        plain: true,
                        links: runbooks(context, "BackupTooOld"),
                    }),
                    stat({
                        title: "Oldest drill",
                        description: "Of the source that was restored the longest ago.",
                        unit: "dtdurations",
                        queries: [now(`max(${oldest("drill")})`)],
                        plain: true,
                        links: runbooks(context, "RestoreDrillTooOld"),
                    }),
                    ...snapshotAge(context),
                    stat({
                        title: "Running",
                        description: "Backups and drills that run now.",
                        unit: "none",
                        queries: [
                            now(
                                `sum(max ${BY} (kube_cronjob_status_active{${HERE}, cronjob=~"(backup|drill)-.+"}))`,
                            ),
                        ],
                        plain: true,
                    }),
                    table({
                        title: "Backups, by source",
                        description:
                            "Age of the newest backup of each source, how long the last runs took, and when the next one is due.",
                        queries: [
                            { expr: age("backup") },
                            { expr: duration("backup") },
                            {
                                expr: `max ${BY} (kube_cronjob_next_schedule_time{${jobs("backup")}}) - time()`,
                            },
                        ],
                        labels: { namespace: "Namespace", cronjob: "Backup" },
                        values: [
                            { title: "Age", unit: "dtdurations" },
                            { title: "Took", unit: "s" },
                            { title: "Next in", unit: "dtdurations" },
                        ],
                        sort: "Age",
                        noValue: "no backup has succeeded",
                    }),
                    firingTable(context, {
                        title: "Alerts",
                        description: "What fires on backups, drills and snapshots.",
                        matchers: `${HERE}, ${ALERTS}`,
                        labels: ["namespace", "cronjob", "repository"],
                    }),
                ],
            },
            {
                title: "Runs",
                panels: [
                    table({
                        title: "Restore drills, by source",
                        description:
                            "How long ago the newest backup of each source was last restored, how long it took, and when the next drill is due.",
                        queries: [
                            { expr: age("drill") },
                            { expr: duration("drill") },
                            {
                                expr: `max ${BY} (kube_cronjob_next_schedule_time{${jobs("drill")}}) - time()`,
                            },
                        ],
                        labels: { namespace: "Namespace", cronjob: "Drill" },
                        values: [
                            { title: "Age", unit: "dtdurations" },
                            { title: "Took", unit: "s" },
                            { title: "Next in", unit: "dtdurations" },
                        ],
                        sort: "Age",
                        noValue: "no drill has succeeded",
                    }),
                    timeseries({
                        title: "Age of the newest backup",
                        description:
                            "It falls with each success: a line that goes on rising is a source that fails.",
                        unit: "s",
                        width: 12,
                        queries: [query(top(age("backup")), "{{namespace}} {{cronjob}}")],
                        noValue: "no backup has succeeded",
                        links: runbooks(context, "BackupTooOld"),
                    }),
                    timeseries({
                        title: "Time that runs take",
                        description:
                            "Of the runs that are still listed: what grows will one day not be done by the next.",
                        unit: "s",
                        queries: [
                            query(top(duration("backup")), "{{namespace}} {{cronjob}}"),
                            query(top(duration("drill")), "{{namespace}} {{cronjob}}"),
                        ],
                        noValue: "no run is listed",
                    }),
                    timeseries({
                        title: "Failed pods of runs",
                        description: "Of the runs that are still listed, by reason.",
                        unit: "none",
                        bars: true,
                        queries: [
                            query(
                                `sum by (namespace, job_name, reason) (kube_job_status_failed{${HERE}, job_name=~"(backup|drill)-.+"}) > 0`,
                                "{{namespace}} {{job_name}} {{reason}}",
                            ),
                        ],
                        noValue: "none",
                        links: runbooks(context, "BackupFailed", "RestoreDrillFailed"),
                    }),
                    timeseries({
                        title: "Volumes, by share used",
                        description:
                            "Of the namespaces with backups: what is saved lies on them, and a drill needs room beside it.",
                        unit: "percentunit",
                        min: 0,
                        max: 1,
                        queries: [
                            query(
                                top(
                                    `max by (namespace, persistentvolumeclaim) (kubelet_volume_stats_used_bytes{${HERE}}) / max by (namespace, persistentvolumeclaim) (kubelet_volume_stats_capacity_bytes{${HERE}})`,
                                ),
                                "{{namespace}} {{persistentvolumeclaim}}",
                            ),
                        ],
                        noValue: "no volumes",
                    }),
                    ...snapshots(context),
                ],
            },
        ],
    }),
};

const SNAPSHOTS = (context: DashboardContext) =>
    `${IN_PLACE}, namespace="${context.namespaces.logging}"`;

function snapshotAge(context: DashboardContext): Panel[] {
    return context.parts.has("elasticsearch")
        ? [
              stat({
                  title: "Snapshot",
                  description: "Age of the newest. Red is where ElasticsearchSnapshotOld fires.",
                  unit: "dtdurations",
                  queries: [
                      now(
                          `max(time() - (elasticsearch_snapshot_stats_latest_snapshot_timestamp_seconds{${SNAPSHOTS(context)}} > 0))`,
                      ),
                  ],
                  thresholds: worseFrom([
                      seconds(context.alerts.ElasticsearchSnapshotOld.age),
                      "red",
                  ]),
                  noValue: "none",
                  links: runbooks(
                      context,
                      "ElasticsearchSnapshotOld",
                      "ElasticsearchSnapshotMissing",
                  ),
              }),
          ]
        : [];
}

function snapshots(context: DashboardContext): Panel[] {
    return context.parts.has("elasticsearch")
        ? [
              timeseries({
                  title: "Snapshots of Elasticsearch",
                  description: "How many the repository has, and how many failed within a day.",
                  unit: "none",
                  width: 24,
                  queries: [
                      query(
                          `max by (repository) (elasticsearch_snapshot_stats_number_of_snapshots{${SNAPSHOTS(context)}})`,
                          "{{repository}} kept",
                      ),
                      query(
                          `sum by (policy) (increase(elasticsearch_slm_stats_snapshots_failed_total{${SNAPSHOTS(context)}}[1d]))`,
                          "{{policy}} failed",
                      ),
                  ],
                  noValue: "no repository",
                  links: runbooks(
                      context,
                      "ElasticsearchSnapshotFailed",
                      "ElasticsearchRepositoryLost",
                  ),
              }),
          ]
        : [];
}
