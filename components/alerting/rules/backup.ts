import { DASHBOARDS } from "../dashboardLinks";
import type { AlertRule, RuleGroup } from "../prometheusRule";

/** Seconds after which the last success of a source's CronJobs is too old. */
export interface BackupAges {
    /** CronJobs `backup-<source>` and `drill-<source>`. */
    readonly source: string;
    /** None for what a CronJob does not back up. */
    readonly backup?: number;
    readonly drill: number;
}

/** Without it the alert would name the pod of kube-state-metrics, and start again when that restarts. */
const last = (metric: string, matchers: string) =>
    `max by (namespace, cronjob) (${metric}{${matchers}})`;

/** The last success; a CronJob that never had one counts from when it was made. */
const success = (matchers: string) =>
    `max by (namespace, cronjob) (kube_cronjob_status_last_successful_time{${matchers}} or kube_cronjob_created{${matchers}})`;

const NAME = "{{ $labels.namespace }}/{{ $labels.cronjob }}";

/** The last run has ended, and no success is later. */
function failed(matchers: string): string {
    return `${last("kube_cronjob_status_last_schedule_time", matchers)} > ${success(matchers)} and ${last("kube_cronjob_status_active", matchers)} == 0`;
}

function tooOld(matchers: string, seconds: number): string {
    return `time() - ${success(matchers)} > ${seconds}`;
}

function backupFailed(matchers: string): AlertRule {
    return {
        alert: "BackupFailed",
        expr: failed(matchers),
        summary: `The last run of backup ${NAME} failed`,
        description: `The last run of CronJob ${NAME} ended without a success. The backups before it are still there; the next run tries again.`,
        dashboard: DASHBOARDS.backups,
    };
}

/** CronJobs of one age, whose number makes no more rules. */
function byAge<T>(of: readonly T[], age: (each: T) => number): [number, T[]][] {
    const found = new Map<number, T[]>();
    of.forEach((each) => found.set(age(each), [...(found.get(age(each)) ?? []), each]));
    return [...found];
}

/** Alerts on the backups of a namespace and their restore drills. */
export function backupRules(namespace: string, ages: readonly BackupAges[]): RuleGroup {
    const backups = ages.flatMap(({ source, backup }) => (backup ? [{ source, backup }] : []));
    const all = (prefix: string, of: readonly { readonly source: string }[]) => {
        const names = of.map(({ source }) => `${prefix}-${source}`);
        return `namespace="${namespace}", cronjob=~"${names.join("|")}"`;
    };
    return {
        name: "backup",
        rules: [
            ...(backups.length > 0 ? [backupFailed(all("backup", backups))] : []),
            ...byAge(backups, ({ backup }) => backup).map(([age, of]): AlertRule => ({
                alert: "BackupTooOld",
                expr: tooOld(all("backup", of), age),
                summary: `There is no recent backup by ${NAME}`,
                description: `The last success of CronJob ${NAME} is {{ $value | humanizeDuration }} ago. What changed since then would be lost.`,
                dashboard: DASHBOARDS.backups,
            })),
            {
                alert: "RestoreDrillFailed",
                expr: failed(all("drill", ages)),
                summary: `Restore drill ${NAME} failed`,
                description: `The last run of CronJob ${NAME} could not restore the newest backup: it may be old, damaged or incomplete, or its key is wrong.`,
                dashboard: DASHBOARDS.backups,
            },
            ...byAge(ages, ({ drill }) => drill).map(([age, of]): AlertRule => ({
                alert: "RestoreDrillTooOld",
                expr: tooOld(all("drill", of), age),
                summary: `Restore drill ${NAME} has not succeeded for long`,
                description: `The last success of CronJob ${NAME} is {{ $value | humanizeDuration }} ago. Whether its backups restore is not known.`,
                dashboard: DASHBOARDS.backups,
            })),
        ],
    };
}
