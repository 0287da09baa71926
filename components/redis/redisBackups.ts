import * as pulumi from "@pulumi/pulumi";

import type { Scraper } from "../kubernetes/monitors";
import { mebibytes, bytes } from "../settings/quantity";
import type { StackConfig } from "../stack/config";
import type { RedisInstanceSettings } from "../stack/schema";
import type { RedisConnection } from "./redisInstance";
import { PASSWORD_KEY, redisMembers } from "./redisSpecs";
import { IMAGES } from "../versions";
import { backupAlerts } from "../backup/backupAlerts";
import { BackupJob } from "../backup/backupJob";
import { EXPORT, Program } from "../backup/backupPods";
import { BackupStore } from "../backup/backupStore";

export interface RedisBackupsArgs {
    readonly config: StackConfig;
    readonly repository: NonNullable<StackConfig["backup"]["repository"]>;
    readonly namespaceName: string;
    /** The namespace of that name, made before. */
    readonly namespace: pulumi.Input<string>;
    /** Connection of each instance, by its name. */
    readonly connections: Readonly<Record<string, RedisConnection>>;
    readonly scraper: Scraper;
}

/** The instances of a namespace that ask for a backup. */
export function backedUp(
    config: Pick<StackConfig, "redis">,
    namespaceName: string,
): [string, RedisInstanceSettings][] {
    const { instances = {} } = config.redis[namespaceName] ?? {};
    return Object.entries(instances).filter(([, { backup }]) => backup);
}

/** Backups of the Redis instances of one namespace that ask for them, their drills, and the alerts on both. */
export class RedisBackups extends pulumi.ComponentResource {
    public readonly store: BackupStore;

    constructor(name: string, args: RedisBackupsArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:RedisBackups", name, {}, opts);
        const { config, repository, namespaceName, namespace, connections } = args;
        const child = { parent: this };
        this.store = new BackupStore(
            `${name}-store`,
            { config, repository, namespaceName, namespace },
            child,
        );
        const ages = backedUp(config, namespaceName).map(([instance, settings]) => {
            const programs = redisPrograms(
                instance,
                namespaceName,
                settings,
                connections[instance]?.secret ?? "",
            );
            return new BackupJob(
                `${name}.${instance}`,
                {
                    config,
                    store: this.store,
                    source: instance,
                    schedule: settings.backup?.schedule ?? "",
                    ...programs,
                },
                child,
            ).ages;
        });
        backupAlerts(`${name}-alerts`, { ...args, ages }, child);
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
    const instanceAccess = [
        { name: "MEMBERS", value: redisMembers(instance, namespaceName, settings) },
        {
            name: "REDISCLI_AUTH",
            valueFrom: { secretKeyRef: { name: secret, key: PASSWORD_KEY } },
        },
    ];
    const image = IMAGES.redis;
    return {
        exporters: [
            {
                name: "export",
                image,
                script: "export-redis.sh",
                memory,
                env: [
                    ...instanceAccess,
                    { name: "ALLOW_EMPTY", value: String(settings.backup?.allowEmpty ?? false) },
                    EXPORT,
                ],
            },
        ],
        trial: { name: "drill", image, script: "drill-redis.sh", memory },
        restorer: {
            name: "restore",
            image,
            script: "restore-redis.sh",
            memory,
            env: [...instanceAccess, { name: "LOCAL_PORT", value: LOCAL_PORT }],
        },
        // An RDB file is not larger than the memory that it is of; restic restores before the files are moved.
        scratch: mebibytes(bytes(memory) * (shards + 1) + 2 ** 28),
    };
}
