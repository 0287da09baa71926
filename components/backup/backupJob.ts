import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { BackupAges } from "../alerting/rules/backup";
import type { Workload } from "../kubernetes/wiring";
import { intervals } from "../settings/schedule";
import { backupPod, fetchPod, podLabels, Program } from "./backupPods";
import type { BackupPolicy, BackupStore } from "./backupStore";
import { scheduledJob, SLACK } from "./scheduledJob";
import { inTurn } from "./turns";

export interface BackupJobArgs {
    readonly policy: Pick<BackupPolicy, "retention" | "drillSchedule">;
    readonly store: BackupStore;
    /** Name of what is backed up, in its namespace. */
    readonly source: string;
    readonly schedule: string;
    /** Which of the sources that share the store it is: their drills come one after another. */
    readonly turn: { readonly index: number; readonly count: number };
    /** What exports, one after the other. */
    readonly exporters: readonly Program[];
    /** What tries a restored backup. */
    readonly trial: Program;
    /** What writes a backup into what it is of; none where that is left to people. */
    readonly restorer?: Program;
    /** Of the exporters; without it, an account without rights. */
    readonly serviceAccount?: pulumi.Input<string>;
    readonly volumes?: readonly k8s.types.input.core.v1.Volume[];
    /** Size of the pods' scratch volume. */
    readonly scratch: string;
}

/**
 * The backup of one source: a CronJob `backup-<source>` that exports and stores, and a CronJob `drill-<source>` that
 * restores the newest backup into a scratch folder and tries it. A suspended CronJob `restore-<source>` is what
 * `kubectl create job --from` takes to restore in earnest. Leaves the repository.
 */
export class BackupJob extends pulumi.ComponentResource {
    /** Pods of the backup and of the restore, for the edges to what they read and write. */
    public readonly workloads: readonly Workload[];
    /** What the alerts compare with. */
    public readonly ages: BackupAges;

    constructor(name: string, args: BackupJobArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:BackupJob", name, {}, opts);
        const { policy, store, source, schedule } = args;
        const drill = inTurn(policy.drillSchedule, args.turn.index, args.turn.count);
        const maxAgeSeconds = intervals(schedule).longest + SLACK;
        this.ages = {
            source,
            backup: maxAgeSeconds,
            drill: intervals(drill).longest + SLACK,
        };
        this.workloads = (["backup", "restore"] as const).map((role) => ({
            namespace: store.namespace,
            podLabels: podLabels(role, source),
        }));
        const common = {
            store: store.references,
            repository: store.repository(source),
            scratch: args.scratch,
        };
        const { namespace } = store;
        const child = { parent: this };
        scheduledJob(
            name,
            {
                cronJob: `backup-${source}`,
                namespace,
                schedule,
                template: backupPod({
                    ...common,
                    labels: podLabels("backup", source),
                    exporters: args.exporters,
                    retention: policy.retention,
                    ...(args.serviceAccount ? { serviceAccount: args.serviceAccount } : {}),
                    ...(args.volumes ? { volumes: args.volumes } : {}),
                }),
            },
            child,
        );
        scheduledJob(
            `${name}-drill`,
            {
                cronJob: `drill-${source}`,
                namespace,
                schedule: drill,
                template: fetchPod({
                    ...common,
                    labels: podLabels("drill", source),
                    program: args.trial,
                    maxAgeSeconds,
                }),
            },
            child,
        );
        if (args.restorer) {
            scheduledJob(
                `${name}-restore`,
                {
                    cronJob: `restore-${source}`,
                    namespace,
                    template: fetchPod({
                        ...common,
                        labels: podLabels("restore", source),
                        program: args.restorer,
                    }),
                },
                child,
            );
        }
        this.registerOutputs({});
    }
}
