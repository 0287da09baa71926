import { z } from "zod";

import type { Pending } from "../settings/pending";
import { Problem, suggestion } from "../settings/problems";
import {
    azureContainerOrEmpty,
    ca,
    folder,
    gcsBucketOrEmpty,
    objectName,
    region,
    s3BucketOrEmpty,
    secret,
    serviceUrl,
    volume,
} from "../settings/scalars";

const bucket = { toSet: true } as const;
const basePath = folder.describe("Folder in it").default("elasticsearch");

/** Where Elasticsearch puts its snapshots. An empty bucket or container is still to set before an update. */
export const snapshots = z.discriminatedUnion("type", [
    /** No snapshots: logs are deleted without one. */
    z.strictObject({ type: z.literal("none") }),
    z.strictObject({
        type: z.literal("s3"),
        bucket: s3BucketOrEmpty.meta(bucket).describe("The bucket"),
        basePath,
        endpoint: serviceUrl.describe("Of another store than Amazon's").optional(),
        region: region.describe("Region of another store than Amazon's").optional(),
        pathStyleAccess: z
            .boolean()
            .describe("The bucket in the path, for stores without a host per bucket")
            .default(false),
        ca: ca
            .describe(
                "Authority of that store's certificate; Elasticsearch trusts it beside the public ones",
            )
            .optional(),
    }),
    z.strictObject({
        type: z.literal("gcs"),
        bucket: gcsBucketOrEmpty.meta(bucket).describe("The bucket"),
        basePath,
    }),
    z.strictObject({
        type: z.literal("azure"),
        container: azureContainerOrEmpty.meta({ toSet: true }).describe("The container"),
        basePath,
    }),
    /** A volume that all nodes write to. */
    z.strictObject({
        type: z.literal("sharedFileSystem"),
        storageClass: objectName.describe("StorageClass with the access mode ReadWriteMany"),
        storageSize: volume.describe("Of the volume that all nodes write to"),
    }),
]);

export type SnapshotSettings = z.output<typeof snapshots>;

/** What each type needs to log in, by the key in `snapshotCredentials`, and the setting of Elasticsearch's keystore. */
export const SNAPSHOT_CREDENTIALS: Readonly<
    Record<
        SnapshotSettings["type"],
        Readonly<Record<string, { readonly what: string; readonly keystore: string }>>
    >
> = {
    none: {},
    s3: {
        accessKey: { what: "access key id", keystore: "s3.client.default.access_key" },
        secretKey: { what: "secret access key", keystore: "s3.client.default.secret_key" },
    },
    gcs: {
        serviceAccount: {
            what: "JSON key of a service account",
            keystore: "gcs.client.default.credentials_file",
        },
    },
    azure: {
        account: { what: "storage account's name", keystore: "azure.client.default.account" },
        key: { what: "storage account's access key", keystore: "azure.client.default.key" },
    },
    sharedFileSystem: {},
};

/** By the keys of SNAPSHOT_CREDENTIALS. */
export const snapshotCredentials = z
    .partialRecord(
        z.enum(
            Object.values(SNAPSHOT_CREDENTIALS).flatMap((keys) => Object.keys(keys)) as [
                string,
                ...string[],
            ],
        ),
        secret,
    )
    .meta({ kind: "secret", toSet: true })
    .describe("What the store of Elasticsearch's snapshots asks for, by the keys below")
    .default({});

type SnapshotCredentials = z.output<typeof snapshotCredentials>;

/** Secrets that the store does not take. */
export function snapshotCredentialProblems(
    { type }: SnapshotSettings,
    credentials: SnapshotCredentials,
): Problem[] {
    const known = Object.keys(SNAPSHOT_CREDENTIALS[type]);
    return Object.keys(credentials)
        .filter((key) => !known.includes(key))
        .map((key) => ({
            path: `snapshotCredentials.${key}`,
            got: `a secret that snapshots of type "${type}" do not have`,
            allowed: `${suggestion(key, known)}allowed: ${known.join(", ") || "none"}`,
        }));
}

/** What of the store is not set yet. */
export function pendingSnapshots(
    settings: SnapshotSettings,
    credentials: SnapshotCredentials,
    existing: string | undefined,
): Pending[] {
    const where = "for Elasticsearch's snapshots";
    const place = (key: "bucket" | "container"): Pending => ({
        path: `elasticsearch.snapshots.${key}`,
        why: `the ${key} ${where}`,
        placeholder: "NAME",
    });
    return [
        ...("bucket" in settings && settings.bucket === "" ? [place("bucket")] : []),
        ...("container" in settings && settings.container === "" ? [place("container")] : []),
        ...Object.entries(SNAPSHOT_CREDENTIALS[settings.type])
            .filter(([key]) => existing === undefined && !(key in credentials))
            .map(([key, { what }]) => ({
                path: `snapshotCredentials.${key}`,
                why: `the ${what} ${where}`,
                placeholder: "VALUE",
                secret: true,
            })),
    ];
}
