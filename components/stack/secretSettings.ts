import { z } from "zod";

import type { Part, SettingsOf } from "../settings/part";
import { Problem, show } from "../settings/problems";
import { objectName } from "../settings/scalars";

const keys = {
    existingSecrets: z
        .strictObject({
            receivers: objectName
                .describe(
                    "In Alertmanager's namespace: a key for each receiver, of its name (of `dingtalk`, `<name>.url` and `<name>.signingSecret`), instead of `receiverSecrets`",
                )
                .optional(),
            backups: objectName
                .describe(
                    "In each namespace with backups: `accessKeyId` and `secretAccessKey`, instead of `backupCredentials`",
                )
                .optional(),
            snapshots: objectName
                .describe(
                    "In Elasticsearch's namespace: settings of its keystore such as `s3.client.default.access_key`, instead of `snapshotCredentials`",
                )
                .optional(),
            grafanaAdmin: objectName
                .describe(
                    "In Grafana's namespace: `admin-user` and `admin-password`, instead of a generated password",
                )
                .optional(),
        })
        .describe(
            "Names of Secrets that are there already, filled by External Secrets, Sealed Secrets, Vault or by hand; the stack never sees what is in them. Of a Redis it is `passwordSecret`",
        )
        .prefault({}),
};

export type ExistingSecrets = SettingsOf<typeof keys>["existingSecrets"];

interface Others {
    readonly receiverSecrets: object;
    readonly backupCredentials: object;
    readonly snapshotCredentials: object;
    readonly backup: { readonly repository?: { readonly type: string } | undefined };
    readonly elasticsearch: { readonly snapshots: { readonly type: string } };
    readonly components: { readonly grafana: string; readonly alertmanager: string };
}

/** Secrets that somebody else fills. */
export const secretsPart: Part<typeof keys, SettingsOf<typeof keys> & Others> = {
    keys,
    problems: (settings) => {
        const { existingSecrets: named, backup, elasticsearch, components } = settings;
        const told = [
            ["receivers", "receiverSecrets"],
            ["backups", "backupCredentials"],
            ["snapshots", "snapshotCredentials"],
        ] as const;
        const twice = told
            .filter(([key, secrets]) => named[key] && Object.keys(settings[secrets]).length > 0)
            .map(([key, secrets]) => ({
                path: `existingSecrets.${key}`,
                got: show(named[key]),
                allowed: `one of it and ${secrets}: two would say what the secrets are`,
            }));
        const needed = {
            receivers: components.alertmanager !== "off",
            backups: backup.repository?.type === "s3",
            snapshots: ["s3", "gcs", "azure"].includes(elasticsearch.snapshots.type),
            grafanaAdmin: components.grafana === "on",
        };
        const why = {
            receivers: "components.alertmanager: on",
            backups: "backup.repository of type s3",
            snapshots: "elasticsearch.snapshots in a bucket",
            grafanaAdmin: "components.grafana: on",
        };
        const idle = (Object.keys(needed) as (keyof typeof needed)[])
            .filter((key) => named[key] && !needed[key])
            .map((key): Problem => ({
                path: `existingSecrets.${key}`,
                got: `${show(named[key])}, which nothing would read`,
                allowed: `nothing, or ${why[key]}`,
            }));
        return [...twice, ...idle];
    },
};
