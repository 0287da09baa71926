import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { PART_OF } from "../kubernetes/labels";

/** Seconds that a run may take before it is ended. */
export const DEADLINE = 3600;
/** Seconds by which a run may be late: its start's deadline, and then its own. */
export const SLACK = 2 * DEADLINE;
/** Of a CronJob that never runs by itself. */
const NEVER = "0 0 1 1 *";

export interface ScheduledJobArgs {
    /** Name of the CronJob. */
    readonly cronJob: string;
    readonly namespace: pulumi.Input<string>;
    /** Cron, in UTC; without one it runs by hand only. */
    readonly schedule?: string;
    readonly template: k8s.types.input.core.v1.PodTemplateSpec;
}

/** A CronJob of a backup, a drill or a restore. The alerts watch it by its name. */
export function scheduledJob(
    name: string,
    { cronJob, namespace, schedule, template }: ScheduledJobArgs,
    opts: pulumi.CustomResourceOptions,
): k8s.batch.v1.CronJob {
    return new k8s.batch.v1.CronJob(
        `${name}-cronjob`,
        {
            metadata: { name: cronJob, namespace, labels: PART_OF },
            spec: {
                schedule: schedule ?? NEVER,
                suspend: schedule === undefined,
                timeZone: "Etc/UTC",
                concurrencyPolicy: "Forbid",
                startingDeadlineSeconds: DEADLINE,
                successfulJobsHistoryLimit: 1,
                failedJobsHistoryLimit: 1,
                jobTemplate: {
                    metadata: { labels: PART_OF },
                    spec: {
                        backoffLimit: 2,
                        activeDeadlineSeconds: DEADLINE,
                        // Never two pods at once: store.sh takes the locks of a Job's earlier pods for dead.
                        podReplacementPolicy: "Failed",
                        // A drained node is no failure of the backup.
                        podFailurePolicy: {
                            rules: [
                                {
                                    action: "Ignore",
                                    onPodConditions: [{ type: "DisruptionTarget", status: "True" }],
                                },
                            ],
                        },
                        template,
                    },
                },
            },
        },
        opts,
    );
}
