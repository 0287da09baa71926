import * as fs from "node:fs";
import * as path from "node:path";

import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import { PART_OF } from "../kubernetes/labels";
import { Trust, trust } from "../kubernetes/trust";
import type { RepositorySettings } from "./settings";

const SCRIPTS_FOLDER = path.join(__dirname, "scripts");
const NAME = "backup";

/** Where a stack's backups go, for how long, and when they are tried: the same for every namespace. */
export interface BackupPolicy {
    readonly repository: RepositorySettings;
    /** Folder of the stack in a bucket, such as `<cluster>/<environment>`. */
    readonly folder: string;
    /** Of the bucket; in a preview they may not be set yet. Or the name of a Secret of each namespace that has them. */
    readonly credentials:
        | string
        | {
              readonly accessKeyId?: pulumi.Input<string>;
              readonly secretAccessKey?: pulumi.Input<string>;
          };
    /** Keys of repositories that are older than the stack, by namespace. */
    readonly passwords: Readonly<Record<string, pulumi.Input<string>>>;
    /** How long a backup is kept: a duration of whole days. */
    readonly retention: string;
    /** Cron schedule of the restore drills, in UTC. */
    readonly drillSchedule: string;
    /** Nothing is backed up, tried or watched; what is stored stays, with its key and volume. */
    readonly paused: boolean;
    /** Of volumes; empty for the cluster's default. */
    readonly storageClass: string;
    /** Refuse to delete the keys and volumes. */
    readonly protect: boolean;
    /** Leave the volumes in the cluster when the stack is destroyed. */
    readonly keepVolumes: boolean;
}

export interface BackupStoreArgs {
    readonly policy: BackupPolicy;
    readonly namespaceName: string;
    /** The namespace of that name, made before. */
    readonly namespace: pulumi.Input<string>;
}

/** The names that the pods of a namespace's backups refer to. */
export interface StoreReferences {
    readonly secret: pulumi.Input<string>;
    /** Secret of somebody else's with the bucket's credentials, where ours has none. */
    readonly credentials?: string;
    readonly scripts: pulumi.Input<string>;
    readonly scriptsText: string;
    readonly serviceAccount: pulumi.Input<string>;
    /** The private authority of the bucket's service, where it has one. */
    readonly trust?: Trust;
    /** The claim of the repositories; none when they are in a bucket. */
    readonly claim?: pulumi.Input<string>;
}

/**
 * What the backups of one namespace share: the key of its repositories and the bucket's credentials in one Secret,
 * the programs, a ServiceAccount without rights, and a volume where no bucket is configured. The key is generated,
 * or that of `backupPasswords` where repositories are older than the stack; without it nothing can be restored, so the
 * stack's output `backupPasswords` has it.
 */
export class BackupStore extends pulumi.ComponentResource {
    public readonly namespaceName: string;
    public readonly namespace: pulumi.Input<string>;
    public readonly password: pulumi.Output<string>;
    public readonly references: StoreReferences;
    private readonly prefix: string;

    constructor(name: string, args: BackupStoreArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:BackupStore", name, {}, opts);
        const { policy, namespaceName, namespace } = args;
        const { repository } = policy;
        const child = { parent: this };
        this.namespaceName = namespaceName;
        this.namespace = namespace;
        this.prefix = repositoryPrefix(policy, namespaceName);
        const password = new random.RandomPassword(
            `${name}-password`,
            { length: 32, special: false },
            { parent: this, protect: policy.protect },
        );
        this.password = pulumi.output(policy.passwords[namespaceName] ?? password.result);
        const metadata = { name: NAME, namespace, labels: PART_OF };
        const secret = new k8s.core.v1.Secret(
            `${name}-secret`,
            {
                metadata: { ...metadata, name: "backup-repository" },
                stringData: {
                    RESTIC_PASSWORD: this.password,
                    ...(repository.type === "s3" ? bucketVariables(policy, repository.region) : {}),
                },
            },
            child,
        );
        const data = readScripts();
        const scripts = new k8s.core.v1.ConfigMap(
            `${name}-scripts`,
            { metadata: { ...metadata, name: "backup-scripts" }, data },
            child,
        );
        const serviceAccount = new k8s.core.v1.ServiceAccount(
            `${name}-service-account`,
            { metadata, automountServiceAccountToken: false },
            child,
        );
        this.references = {
            secret: secret.metadata.name,
            ...(repository.type === "s3" && typeof policy.credentials === "string"
                ? { credentials: policy.credentials }
                : {}),
            scripts: scripts.metadata.name,
            scriptsText: JSON.stringify(data),
            serviceAccount: serviceAccount.metadata.name,
            ...(repository.type === "s3" && repository.ca
                ? {
                      trust: trust(
                          `${name}-ca`,
                          { configMap: "backup-ca", namespace, pem: repository.ca },
                          child,
                      ),
                  }
                : {}),
            ...(repository.type === "volume"
                ? { claim: this.volume(name, args, repository.storageSize).metadata.name }
                : {}),
        };
        this.registerOutputs({});
    }

    /** The repository of one source, in restic's notation. */
    repository(source: string): string {
        return `${this.prefix}/${source}`;
    }

    private volume(
        name: string,
        { policy, namespace }: BackupStoreArgs,
        storage: string,
    ): k8s.core.v1.PersistentVolumeClaim {
        const { storageClass } = policy;
        return new k8s.core.v1.PersistentVolumeClaim(
            `${name}-volume`,
            {
                metadata: {
                    name: "backups",
                    namespace,
                    labels: PART_OF,
                    // It may be bound with its first pod, which comes with the first backup.
                    annotations: { "pulumi.com/skipAwait": "true" },
                },
                spec: {
                    accessModes: ["ReadWriteOnce"],
                    ...(storageClass ? { storageClassName: storageClass } : {}),
                    resources: { requests: { storage } },
                },
            },
            {
                parent: this,
                protect: policy.protect,
                retainOnDelete: policy.keepVolumes,
            },
        );
    }
}

/** Where the volume is mounted. */
export const REPOSITORY_FOLDER = "/repository";

function repositoryPrefix(
    { repository, folder }: Pick<BackupPolicy, "repository" | "folder">,
    namespaceName: string,
): string {
    if (repository.type === "volume") {
        return REPOSITORY_FOLDER;
    }
    const { endpoint, bucket } = repository;
    return `s3:${endpoint.replace(/\/+$/, "")}/${bucket}/${folder}/${namespaceName}`;
}

function bucketVariables(
    { credentials }: Pick<BackupPolicy, "credentials">,
    region: string,
): Record<string, pulumi.Input<string>> {
    if (typeof credentials === "string") {
        return { AWS_DEFAULT_REGION: region };
    }
    // In a preview they may not be set yet.
    return {
        AWS_ACCESS_KEY_ID: credentials.accessKeyId ?? "",
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey ?? "",
        AWS_DEFAULT_REGION: region,
    };
}

/** Variables of the bucket's credentials that are in a Secret of somebody else's; none where they are in ours. */
export function bucketReferences({
    credentials: name,
}: StoreReferences): k8s.types.input.core.v1.EnvVar[] {
    const variables = {
        AWS_ACCESS_KEY_ID: "accessKeyId",
        AWS_SECRET_ACCESS_KEY: "secretAccessKey",
    };
    return name === undefined
        ? []
        : Object.entries(variables).map(([variable, key]) => ({
              name: variable,
              valueFrom: { secretKeyRef: { name, key } },
          }));
}

/** The programs of the pods, by file name. */
function readScripts(): Record<string, string> {
    return Object.fromEntries(
        fs
            .readdirSync(SCRIPTS_FOLDER)
            .sort()
            .map((file) => [file, fs.readFileSync(path.join(SCRIPTS_FOLDER, file), "utf8")]),
    );
}
