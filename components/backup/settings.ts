import { z } from "zod";

import { parseSchedule } from "../settings/schedule";
import { name, quantity, url } from "../settings/scalars";

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

export const backup = z
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
    .default({ schedules: SCHEDULES });

export const CREDENTIALS = ["accessKeyId", "secretAccessKey"] as const;

/** Of the bucket. */
export const backupCredentials = z
    .partialRecord(z.enum(CREDENTIALS), z.string().min(1))
    .default({});

/** The key of each namespace's repositories, where it is not to be the generated one. */
export const backupPasswords = z.record(name, z.string().min(1)).default({});

/** Of one Redis instance. */
export const redisBackup = z.strictObject({
    schedule,
    /** Whether an instance without a key may be backed up; otherwise that is a failure. */
    allowEmpty: z.boolean().default(false),
});
