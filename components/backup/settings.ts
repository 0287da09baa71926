import { z } from "zod";

import { seconds } from "../settings/duration";
import type { Part, SettingsOf } from "../settings/part";
import type { Pending } from "../settings/pending";
import { Problem, show } from "../settings/problems";
import {
    ca,
    cron as schedule,
    name,
    region,
    s3BucketOrEmpty,
    secret,
    serviceUrlOrEmpty,
    volume,
} from "../settings/scalars";
import { intervals } from "../settings/schedule";

/** Where backups go; without one, nothing is backed up. */
const repository = z.discriminatedUnion("type", [
    z.strictObject({
        type: z.literal("s3"),
        endpoint: serviceUrlOrEmpty
            .meta({ toSet: true })
            .describe("Of the service, without the bucket"),
        bucket: s3BucketOrEmpty.meta({ toSet: true }).describe("The bucket"),
        region: region.describe("Region of the bucket").default("us-east-1"),
        ca: ca.describe("Authority of the service's certificate").optional(),
    }),
    z.strictObject({
        type: z.literal("volume"),
        storageSize: volume.describe("Of the claim in each namespace with backups"),
    }),
]);

const SCHEDULES = { grafana: "0 1 * * *", prometheus: "0 2 * * 0", drill: "0 4 1 * *" };
const CREDENTIALS = ["accessKeyId", "secretAccessKey"] as const;

const keys = {
    backup: z
        .strictObject({
            repository: repository
                .meta({ otherwise: "no backups" })
                .describe("Where [backups](components/backup.md) go")
                .optional(),
            schedules: z
                .strictObject({
                    grafana: schedule.describe("Backup of Grafana").default(SCHEDULES.grafana),
                    prometheus: schedule
                        .describe("Backup of the Prometheus Operator's resources")
                        .default(SCHEDULES.prometheus),
                    drill: schedule
                        .describe(
                            "Restore drill of every backup, and of [Elasticsearch's snapshots](components/elasticsearch.md#restore-drill)",
                        )
                        .default(SCHEDULES.drill),
                })
                .default(SCHEDULES),
        })
        .describe(
            "Where backups go, and when they and their restore drills run; without a repository there are none",
        )
        .default({ schedules: SCHEDULES }),
    backupCredentials: z
        .partialRecord(z.enum(CREDENTIALS), secret)
        .meta({ kind: "secret", toSet: true })
        .describe("Access key of the backups' bucket")
        .default({}),
    backupPasswords: z
        .record(name, secret)
        .describe(
            "Key of a namespace's backups, by namespace, instead of the generated one: for [backups that are older than the stack](restore.md#everything)",
        )
        .default({}),
};

/** Of one source that asks for backups itself, such as a Redis instance. */
export const sourceBackup = z.strictObject({
    schedule: schedule.describe("When it is backed up, into `backup.repository`"),
    allowEmpty: z
        .boolean()
        .describe("Whether an instance without a key may be backed up; otherwise that fails")
        .default(false),
});

type Settings = SettingsOf<typeof keys> & {
    readonly retention: { readonly backups: string };
    readonly components: { readonly backup: "on" | "off" };
    readonly existingSecrets: { readonly backups?: string | undefined };
};
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

function pendingBucket({
    backup,
    backupCredentials,
    components,
    existingSecrets,
}: Settings): Pending[] {
    const destination = backup.repository;
    if (destination?.type !== "s3" || components.backup === "off") {
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
        ...CREDENTIALS.filter((key) => !existingSecrets.backups && !backupCredentials[key]).map(
            (key) => ({
                path: `backupCredentials.${key}`,
                why: `the ${key} of that bucket`,
                placeholder: "VALUE",
                secret: true,
            }),
        ),
    ];
}
