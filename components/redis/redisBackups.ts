import * as pulumi from "@pulumi/pulumi";

import type { AlertContext } from "../alerting/prometheusRule";
import { backupAlerts } from "../backup/backupAlerts";
import { BackupJob } from "../backup/backupJob";
import { EXPORT, Program } from "../backup/backupPods";
import { BackupPolicy, BackupStore } from "../backup/backupStore";
import type { Scraper } from "../kubernetes/monitors";
import { mebibytes, bytes } from "../settings/quantity";
import type { RedisInstanceSettings } from "./instanceSettings";
import type { RedisConnection } from "./redisInstance";
import { PASSWORD_KEY, redisMembers } from "./redisSpecs";
import { tlsOfPrograms } from "./redisTls";
import { BACKUP_USER, userSecretName } from "./redisUsers";
import { redisImages } from "./redisVersions";

export interface RedisBackupsArgs {
    readonly policy: BackupPolicy;
    readonly namespaceName: string;
    /** The namespace of that name, made before. */
    readonly namespace: pulumi.Input<string>;
    /** The instances that ask for a backup, with their names. */
    readonly sources: readonly (readonly [string, RedisInstanceSettings])[];
    /** Connection of each instance, by its name. */
    readonly connections: Readonly<Record<string, RedisConnection>>;
    readonly alerts: AlertContext;
    readonly scraper: Scraper;
}

/** Backups of the Redis instances of one namespace that ask for them, their drills, and the alerts on both. */
export class RedisBackups extends pulumi.ComponentResource {
    public readonly store: BackupStore;

    constructor(name: string, args: RedisBackupsArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:RedisBackups", name, {}, opts);
        const { policy, namespaceName, namespace, connections } = args;
        const child = { parent: this };
        this.store = new BackupStore(`${name}-store`, { policy, namespaceName, namespace }, child);
        const ages = args.sources.map(([instance, settings], index) => {
            const programs = redisPrograms(
                instance,
                namespaceName,
                settings,
                connections[instance]?.secret ?? "",
            );
            return new BackupJob(
                `${name}.${instance}`,
                {
                    policy,
                    store: this.store,
                    source: instance,
                    turn: { index, count: args.sources.length },
                    schedule: settings.backup?.schedule ?? "",
                    ...programs,
                },
                child,
            ).ages;
        });
        if (ages.length > 0) {
            backupAlerts(`${name}-alerts`, { ...args, ages }, child);
        }
        this.registerOutputs({});
    }
}

/** Where the pod's own Redis listens, for nobody else, while it fills a cluster. */
const LOCAL_PORT = "6379";

/** What exports, tries and restores an instance; `secret` has its password. */
export function redisPrograms(
    instance: string,
    namespaceName: string,
    settings: RedisInstanceSettings,
    secret: pulumi.Input<string>,
): {
    readonly exporters: Program[];
    readonly trial: Program;
    readonly restorer: Program;
    readonly scratch: string;
} {
    // A server with the data of one shard, and a checker that holds the largest key.
    const { memory } = settings;
    const shards = settings.mode === "cluster" ? settings.shards : 1;
    const access = (name: pulumi.Input<string>) => [
        { name: "MEMBERS", value: redisMembers(instance, namespaceName, settings) },
        { name: "REDISCLI_AUTH", valueFrom: { secretKeyRef: { name, key: PASSWORD_KEY } } },
        ...tls.env,
    ];
    const tls = tlsOfPrograms(instance, settings.tls);
    // It may read; what restores is the user default, who may all.
    const reader = settings.users
        ? [
              ...access(userSecretName(instance, BACKUP_USER)),
              { name: "REDISCLI_USER", value: BACKUP_USER },
          ]
        : access(secret);
    const databases = settings.config?.databases;
    const server = databases ? [{ name: "DATABASES", value: String(databases) }] : [];
    // Not an older one, which could not read the files.
    const image = redisImages(settings.version).redis;
    return {
        exporters: [
            {
                name: "export",
                image,
                script: "export-redis.sh",
                memory,
                mounts: tls.mounts,
                volumes: tls.volumes,
                env: [
                    ...reader,
                    { name: "ALLOW_EMPTY", value: String(settings.backup?.allowEmpty ?? false) },
                    EXPORT,
                ],
            },
        ],
        trial: { name: "drill", image, script: "drill-redis.sh", memory, env: server },
        restorer: {
            name: "restore",
            image,
            script: "restore-redis.sh",
            memory,
            env: [...access(secret), { name: "LOCAL_PORT", value: LOCAL_PORT }, ...server],
            mounts: tls.mounts,
            volumes: tls.volumes,
        },
        // An RDB file is not larger than the memory that it is of; restic restores before the files are moved.
        scratch: mebibytes(bytes(memory) * (shards + 1) + 2 ** 28),
    };
}
