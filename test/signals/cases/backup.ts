import { AlertCase, ExpectedAlert, firing, quiet } from "../alertCase";
import { KUBE_STATE_METRICS, stateSeries } from "../clusterSeries";
import { from, Phase, Series, series, Value } from "../timeline";

type History = Value | readonly Phase[];

/** Ages of the rules under test, in seconds. */
export const AGES = { source: "cache", backup: 7200, drill: 3600 };
export const BACKUP_NAMESPACE = "orders";
/** What makes its own backups has drills only. */
export const DRILL_AGES = { source: "elasticsearch", drill: 3600 };
export const DRILL_NAMESPACE = "logging";

const job = (cronjob: string) => ({
    namespace: cronjob.endsWith(DRILL_AGES.source) ? DRILL_NAMESPACE : BACKUP_NAMESPACE,
    cronjob,
});

/** A CronJob by what kube-state-metrics shows: times in seconds from the start of the case. */
function cronJob(
    cronjob: string,
    {
        scheduled,
        succeeded,
        active = 0,
    }: { scheduled?: History; succeeded?: History; active?: History },
): Series[] {
    const at = (metric: string, over: History) => stateSeries(metric, job(cronjob), over);
    return [
        at("kube_cronjob_created", 0),
        at("kube_cronjob_status_active", active),
        ...(scheduled === undefined
            ? []
            : [at("kube_cronjob_status_last_schedule_time", scheduled)]),
        ...(succeeded === undefined
            ? []
            : [at("kube_cronjob_status_last_successful_time", succeeded)]),
    ];
}

function backupFailed(): ExpectedAlert {
    return {
        labels: job("backup-cache"),
        summary: "The last run of backup orders/backup-cache failed",
        description:
            "The last run of CronJob orders/backup-cache ended without a success. The backups before it are still there; the next run tries again.",
    };
}

function drillFailed(cronjob = "drill-cache"): ExpectedAlert {
    const { namespace } = job(cronjob);
    return {
        labels: job(cronjob),
        summary: `Restore drill ${namespace}/${cronjob} failed`,
        description: `The last run of CronJob ${namespace}/${cronjob} could not restore the newest backup: it may be old, damaged or incomplete, or its key is wrong.`,
    };
}

function backupTooOld(age: string): ExpectedAlert {
    return {
        labels: job("backup-cache"),
        summary: "There is no recent backup by orders/backup-cache",
        description: `The last success of CronJob orders/backup-cache is ${age} ago. What changed since then would be lost.`,
    };
}

function drillTooOld(age: string, cronjob = "drill-cache"): ExpectedAlert {
    const { namespace } = job(cronjob);
    return {
        labels: job(cronjob),
        summary: `Restore drill ${namespace}/${cronjob} has not succeeded for long`,
        description: `The last success of CronJob ${namespace}/${cronjob} is ${age} ago. Whether its backups restore is not known.`,
    };
}

/** Runs at 10 minutes, and is active until 20 minutes. */
const RUN = {
    scheduled: from("10m", 600, -3000),
    active: [...from("10m", 1, 0).slice(0, 1), ["10m", 1], ["4h", 0]] as Phase[],
};

export const backupCases: AlertCase[] = [
    firing("BackupFailed", "a run ends without a success", {
        series: cronJob("backup-cache", { ...RUN, succeeded: -2900 }),
        severity: "warning",
        at: "25m",
        alerts: [backupFailed()],
        until: "2h",
    }),
    firing("BackupFailed", "the first run of all fails", {
        series: cronJob("backup-cache", { scheduled: from("10m", 600, "gone") }),
        severity: "warning",
        at: "15m",
        alerts: [backupFailed()],
    }),
    quiet("BackupFailed", "a run is still going on", {
        series: cronJob("backup-cache", { ...RUN, succeeded: -2900, active: 1 }),
        until: "1h",
    }),
    quiet("BackupFailed", "a run succeeds", {
        series: cronJob("backup-cache", { ...RUN, succeeded: from("20m", 1200, -2900) }),
        until: "1h",
    }),
    quiet("BackupFailed", "a drill fails, which has its own alert", {
        series: cronJob("drill-cache", { ...RUN, succeeded: -2900 }),
        until: "1h",
    }),
    firing("BackupTooOld", "no run succeeds any more", {
        series: cronJob("backup-cache", { succeeded: 600 }),
        severity: "critical",
        // 600 s + 7200 s, the evaluation after it, and 5 minutes.
        at: "8130s",
        alerts: [backupTooOld("2h 5m 30s")],
        until: "3h",
    }),
    firing("BackupTooOld", "a new backup never succeeds, and kube-state-metrics restarts", {
        series: cronJob("backup-cache", {}).flatMap(({ metric, labels }) => [
            series(metric, labels, from("1h", "gone", 0)),
            series(
                metric,
                { ...labels, pod: `${KUBE_STATE_METRICS.pod}-new`, instance: "10.0.1.2:8080" },
                from("1h", 0, "gone"),
            ),
        ]),
        severity: "critical",
        at: "7530s",
        alerts: [backupTooOld("2h 5m 30s")],
        until: "3h",
    }),
    quiet("BackupTooOld", "a success comes in time", {
        series: cronJob("backup-cache", { succeeded: from("110m", 6600, 0) }),
        until: "3h",
    }),
    firing("RestoreDrillFailed", "the newest backup does not restore", {
        series: cronJob("drill-cache", { ...RUN, succeeded: -2900 }),
        severity: "critical",
        at: "25m",
        alerts: [drillFailed()],
    }),
    quiet("RestoreDrillFailed", "a second run by hand succeeds", {
        series: cronJob("drill-cache", { ...RUN, succeeded: from("22m", 1320, -2900) }),
        until: "2h",
    }),
    firing("RestoreDrillTooOld", "drills have stopped", {
        series: cronJob("drill-cache", { succeeded: 0 }),
        severity: "warning",
        at: "3930s",
        alerts: [drillTooOld("1h 5m 30s")],
    }),
    quiet("RestoreDrillTooOld", "a drill succeeds in time", {
        series: cronJob("drill-cache", { succeeded: from("50m", 3000, 0) }),
        until: "100m",
    }),
    firing("RestoreDrillFailed", "the newest snapshot of Elasticsearch does not restore", {
        series: cronJob("drill-elasticsearch", { ...RUN, succeeded: -2900 }),
        severity: "critical",
        at: "25m",
        alerts: [drillFailed("drill-elasticsearch")],
    }),
    firing("RestoreDrillTooOld", "Elasticsearch's snapshots are not tried any more", {
        series: cronJob("drill-elasticsearch", { succeeded: 0 }),
        severity: "warning",
        at: "3930s",
        alerts: [drillTooOld("1h 5m 30s", "drill-elasticsearch")],
    }),
];
