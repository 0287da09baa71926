import { z } from "zod";

import { seconds } from "../settings/duration";
import type { Part, SettingsOf } from "../settings/part";
import type { Pending } from "../settings/pending";
import { Problem, show } from "../settings/problems";
import { name, quantity, url } from "../settings/scalars";
import { intervals, parseSchedule } from "../settings/schedule";

const schedule = z.string().refine((text) => parseSchedule(text) !== undefined, {
    error: 'allowed: a cron schedule of five fields in UTC, such as "0 1 * * *"',
});

/** Where backups go; without one, nothing is backed up. */
const repository = z.discriminatedUnion("type", [
    z.strictObject({
        type: z.literal("s3"),
        /** Of the service, without the bucket; it and the bucket may be set later. */
        endpoint: z.union([z.literal(""), url]),
        bucket: z.string(),
        region: z.string().min(1).default("us-east-1"),
    }),
    /** A claim in each namespace with backups. */
    z.strictObject({ type: z.literal("volume"), storageSize: quantity }),
]);

const SCHEDULES = { grafana: "0 1 * * *", prometheus: "0 2 * * 0", drill: "0 4 1 * *" };
const CREDENTIALS = ["accessKeyId", "secretAccessKey"] as const;

const keys = {
    backup: z
        .strictObject({
            repository: repository.optional(),
            schedules: z
                .strictObject({
                    grafana: schedule.default(SCHEDULES.grafana),
                    prometheus: schedule.default(SCHEDULES.prometheus),
                    /** Of the restore drill of every backup. */
                    drill: schedule.default(SCHEDULES.drill),
                })
                .default(SCHEDULES),
        })
        .default({ schedules: SCHEDULES }),
    /** Of the bucket. */
    backupCredentials: z.partialRecord(z.enum(CREDENTIALS), z.string().min(1)).default({}),
    /** The key of each namespace's repositories, where it is not to be the generated one. */
    backupPasswords: z.record(name, z.string().min(1)).default({}),
};

/** Of one source that asks for backups itself, such as a Redis instance. */
export const sourceBackup = z.strictObject({
    schedule,
    /** Whether a source without a key may be backed up; otherwise that is a failure. */
    allowEmpty: z.boolean().default(false),
});

type Settings = SettingsOf<typeof keys> & { readonly retention: { readonly backups: string } };
export type BackupSettings = Settings["backup"];
export type RepositorySettings = NonNullable<BackupSettings["repository"]>;

/** Where backups go, when they and their restore drills run, and how long they stay. */
export const backupPart: Part<typeof keys, Settings> = {
    keys,
    problems: credentialProblems,
    platformProblems: ({ backup, retention }) =>
        scheduleProblems(
            [
                ["backup.schedules.grafana", backup.schedules.grafana],
                ["backup.schedules.prometheus", backup.schedules.prometheus],
            ],
            backup,
            retention.backups,
        ),
    pending: pendingBucket,
};

function credentialProblems({ backup, backupCredentials }: Settings): Problem[] {
    if (Object.keys(backupCredentials).length === 0 || backup.repository?.type === "s3") {
        return [];
    }
    return [
        {
            path: "backupCredentials",
            got: "the credentials of no bucket",
            allowed: `nothing, unless backup.repository has type "s3"`,
        },
    ];
}

/** Schedules, by where each is set, that pause for longer than a backup is kept. */
export function scheduleProblems(
    schedules: readonly (readonly [path: string, schedule: string])[],
    { repository: destination }: Pick<BackupSettings, "repository">,
    kept: string,
): Problem[] {
    // Less than a day is a problem of its own.
    if (!destination || seconds(kept) < 86400) {
        return [];
    }
    return schedules
        .filter(([, each]) => intervals(each).longest > seconds(kept))
        .map(([path, each]) => ({
            path,
            got: show(each),
            allowed: `a schedule that runs within retention.backups (${kept}): it pauses for ${Math.ceil(intervals(each).longest / 86400)}d`,
        }));
}

function pendingBucket({ backup, backupCredentials }: Settings): Pending[] {
    const destination = backup.repository;
    if (destination?.type !== "s3") {
        return [];
    }
    const service: Pending = {
        path: "backup.repository.endpoint",
        why: "the URL of the S3 service for backups",
        placeholder: "URL",
    };
    const bucket: Pending = {
        path: "backup.repository.bucket",
        why: "the bucket for backups",
        placeholder: "BUCKET",
    };
    return [
        ...(destination.endpoint === "" ? [service] : []),
        ...(destination.bucket === "" ? [bucket] : []),
        ...CREDENTIALS.filter((key) => !backupCredentials[key]).map((key) => ({
            path: `backupCredentials.${key}`,
            why: `the ${key} of that bucket`,
            placeholder: "VALUE",
            secret: true,
        })),
    ];
}
