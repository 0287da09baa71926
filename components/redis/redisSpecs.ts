import type * as pulumi from "@pulumi/pulumi";

import type { DeclaredExporters } from "../alerting/rules/redis/declared";
import { mergedSpec } from "../kubernetes/customSpec";
import type { LabelSelector } from "../kubernetes/monitors";
import { larger } from "../settings/quantity";
import type { RedisInstanceSettings } from "./instanceSettings";
import { EXPORTER_USER, USER_PASSWORD_KEY } from "./redisUsers";
import { configFile, dynamicConfig, startingConfig } from "./redisConfig";
import { exporterVariables } from "./redisExporter";
import { redisWorkloads } from "./redisNames";
import {
    availability,
    claim,
    exporter,
    IGNORED_ANNOTATIONS,
    POD_SECURITY,
    podSpec,
    priority,
    readyFor,
    rolePodSpec,
    termination,
    updates,
} from "./redisPods";
import { liveness } from "./redisProbes";
import { SENTINEL_TLS_LINES, tlsSpec, tlsVariables } from "./redisTls";
import { CLUSTER_VERSION, redisImages } from "./redisVersions";

/** What the specs of one instance are made of; names are physical. */
export interface RedisSpecArgs {
    readonly name: string;
    readonly settings: RedisInstanceSettings;
    readonly passwordSecret: string;
    readonly storageClass: string;
    /** Least that the StorageClass makes a volume of. */
    readonly minimumVolumeSize?: string | undefined;
    readonly users?: UsersOfPods | undefined;
    /** Differs when the certificate does, of one that is ours. */
    readonly tlsVersion?: pulumi.Input<string> | undefined;
}

/** Users of an instance, as its pods need them. */
export interface UsersOfPods {
    /** The Secret with the ACL file. */
    readonly secret: string;
    /** Differs when the file does in a way that pods must restart for. */
    readonly version: pulumi.Input<string>;
    /** The Secret of the exporter's user. */
    readonly exporterSecret: string;
}

export interface RedisManifest {
    readonly kind: "Redis" | "RedisReplication" | "RedisSentinel" | "RedisCluster";
    readonly name: string;
    readonly spec: object;
    /** JSONPath of the status that tells that it works; the other kinds have an empty status. */
    readonly readyWhen?: string;
}

export const REDIS_PORT = 6379;
export const SENTINEL_PORT = 26379;
/** Redis Cluster's bus: the client port plus 10000. */
export const CLUSTER_BUS_PORT = 16379;
export const SENTINEL_MASTER_NAME = "mymaster";
export const PASSWORD_KEY = "password";
/** The pods' variable with what only a start reads of Redis' configuration: a preview shows it when pods restart for it. */
export const RESTARTS_FOR = "PODS_RESTART_FOR";
/** It holds no data. */
const SENTINEL_MEMORY = "128Mi";

/** Some kilobytes for a hundred nodes. */
const NODES_CONF = "64Mi";

/** The ConfigMap with Redis' configuration, of an instance that says something of it. */
export function configMapName(name: string): string {
    return `${name}-config`;
}

/** The one key that the operator's pods read of that ConfigMap, and that its Sentinels do. */
export const CONFIG_KEY = "redis-additional.conf";
const SENTINEL_CONFIG_KEY = "redis-sentinel-additional.conf";

/** What is in that ConfigMap; undefined for an instance without it. */
export function configFiles(settings: RedisInstanceSettings): Record<string, string> | undefined {
    const file = configFile(settings);
    const files = {
        ...(file === undefined ? {} : { [CONFIG_KEY]: file }),
        ...(settings.tls && settings.mode === "sentinel"
            ? { [SENTINEL_CONFIG_KEY]: `${SENTINEL_TLS_LINES.join("\n")}\n` }
            : {}),
    };
    return Object.keys(files).length === 0 ? undefined : files;
}

/** Pods of the instance by the operator's workload name (the label `app`). */
export function redisPods(name: string, settings: RedisInstanceSettings): DeclaredExporters[] {
    const workloads = (): Omit<DeclaredExporters, "app">[] => {
        switch (settings.mode) {
            case "standalone":
                return [{ pods: 1, setupType: "standalone" }];
            case "replication":
                return [{ pods: settings.replicas, setupType: "replication" }];
            case "sentinel":
                return [
                    { pods: settings.replicas, setupType: "replication" },
                    { pods: settings.sentinels, setupType: "sentinel" },
                ];
            case "cluster":
                return [
                    { pods: settings.shards, setupType: "cluster" },
                    { pods: settings.shards, setupType: "cluster" },
                ];
        }
    };
    const apps = redisWorkloads(name, settings.mode);
    return workloads().map((workload, i) => ({ app: apps[i] ?? name, ...workload }));
}

/** `HOST:PORT` of every pod that holds data, separated by spaces: the pods' own names behind the headless Services. */
export function redisMembers(
    name: string,
    namespace: string,
    settings: RedisInstanceSettings,
): string {
    return members(name, namespace, settings, REDIS_PORT);
}

/** The same of every Sentinel. */
export function sentinelMembers(
    name: string,
    namespace: string,
    settings: RedisInstanceSettings,
): string {
    return members(name, namespace, settings, SENTINEL_PORT);
}

function members(
    name: string,
    namespace: string,
    settings: RedisInstanceSettings,
    port: typeof REDIS_PORT | typeof SENTINEL_PORT,
): string {
    return redisPods(name, settings)
        .filter(({ setupType }) => (setupType === "sentinel") === (port === SENTINEL_PORT))
        .flatMap(({ app, pods }) =>
            Array.from({ length: pods }, (_, i) => `${app}-${i}.${app}-headless.${namespace}.svc`),
        )
        .map((host) => `${host}:${port}`)
        .join(" ");
}

/**
 * Each exporter once: every Service of the operator carries `app`, and all but the one for metrics expose the
 * exporter's port as well.
 */
export function exporterSelector(name: string, settings: RedisInstanceSettings): LabelSelector {
    return {
        matchLabels: { "app.kubernetes.io/component": "metrics" },
        matchExpressions: [
            { key: "app", operator: "In", values: redisWorkloads(name, settings.mode) },
        ],
    };
}

/** The custom resources of an instance, in the order in which they must exist. */
export function redisManifests(args: RedisSpecArgs): RedisManifest[] {
    const { settings } = args;
    const sentinels = settings.mode === "sentinel" ? settings.sentinelSpec : undefined;
    return ownManifests(args).map((manifest) => {
        const theirs = manifest.kind === DATA_KINDS[settings.mode] ? settings.spec : sentinels;
        return { ...manifest, spec: mergedSpec(manifest.spec, theirs ?? {}) as object };
    });
}

/** The kind that holds the data, by mode. */
export const DATA_KINDS = {
    standalone: "Redis",
    replication: "RedisReplication",
    sentinel: "RedisReplication",
    cluster: "RedisCluster",
} as const;

function ownManifests(args: RedisSpecArgs): RedisManifest[] {
    const { name, settings } = args;
    switch (settings.mode) {
        case "standalone":
            return [{ kind: "Redis", name, spec: { ...dataSpec(args), ...dataPodSpec(args) } }];
        case "replication":
            return [replication(args, settings.replicas)];
        case "sentinel":
            return [
                replication(args, settings.replicas),
                { kind: "RedisSentinel", name, spec: sentinelSpec(args, settings) },
            ];
        case "cluster":
            return [
                {
                    kind: "RedisCluster",
                    name,
                    readyWhen: "{.status.state}=Ready",
                    spec: clusterSpec(args, settings.shards),
                },
            ];
    }
}

function replication(args: RedisSpecArgs, clusterSize: number): RedisManifest {
    return {
        kind: "RedisReplication",
        name: args.name,
        readyWhen: "{.status.masterNode}",
        spec: {
            clusterSize,
            ...dataSpec(args),
            ...dataPodSpec(args),
            ...availability(args.name, args.settings.pods),
        },
    };
}

/** Fields of the kinds that hold data, but for the cluster, which has them per role. */
function dataPodSpec({ settings }: RedisSpecArgs): object {
    return {
        ...podSpec(settings),
        livenessProbe: liveness(REDIS_PORT, settings.memory),
        ...termination(settings),
    };
}

function sentinelSpec(
    args: RedisSpecArgs,
    settings: Extract<RedisInstanceSettings, { mode: "sentinel" }>,
): object {
    return {
        clusterSize: settings.sentinels,
        kubernetesConfig: {
            image: redisImages(settings.version).sentinel,
            imagePullPolicy: "IfNotPresent",
            resources: {
                requests: { cpu: "50m", memory: "64Mi" },
                limits: { memory: SENTINEL_MEMORY },
            },
            ignoreAnnotations: IGNORED_ANNOTATIONS,
            ...updates(settings.pods),
        },
        redisSentinelConfig: {
            redisReplicationName: args.name,
            masterGroupName: SENTINEL_MASTER_NAME,
            quorum: String(settings.quorum),
            redisReplicationPassword: {
                secretKeyRef: { name: args.passwordSecret, key: PASSWORD_KEY },
            },
            ...(settings.tls ? { additionalSentinelConfig: configMapName(args.name) } : {}),
        },
        ...tlsSpec(args.name, settings.tls),
        ...(settings.tls ? { env: tlsVariables(settings.tls, args.tlsVersion) } : {}),
        redisExporter: exporter(),
        ...podSpec(settings),
        livenessProbe: liveness(SENTINEL_PORT, SENTINEL_MEMORY),
        // One at a time, whatever is said of Redis: they must stay a majority.
        ...availability(`${args.name}-sentinel`, { ...settings.pods, maxUnavailable: 1 }),
    };
}

function clusterSpec(args: RedisSpecArgs, shards: number): object {
    const file = additionalConfig(args);
    const member = (role: string) => ({
        replicas: shards,
        livenessProbe: liveness(REDIS_PORT, args.settings.memory),
        ...rolePodSpec(args.settings),
        ...termination(args.settings),
        // The operator reads the file's name here, and what changes while Redis runs for both roles above.
        ...(file ? { redisConfig: file } : {}),
        ...availability(`${args.name}-${role}`, args.settings.pods),
    });
    const { storage, ...data } = dataSpec(args);
    return {
        clusterSize: shards,
        clusterVersion: CLUSTER_VERSION,
        persistenceEnabled: args.settings.storageSize !== undefined,
        ...data,
        storage: {
            ...storage,
            nodeConfVolume: true,
            nodeConfVolumeClaimTemplate: claim(
                larger(NODES_CONF, args.minimumVolumeSize),
                args.storageClass,
            ),
        },
        podSecurityContext: POD_SECURITY,
        ...priority(args.settings.pods),
        redisLeader: member("leader"),
        redisFollower: member("follower"),
    };
}

/** Where Redis' own configuration is, of an instance that has one. */
function additionalConfig({ name, settings }: RedisSpecArgs): object | undefined {
    return configFile(settings) === undefined
        ? undefined
        : { additionalRedisConfig: configMapName(name) };
}

/** Of variables of one name, the last one counts: the operator's own has the password of `default`. */
function exporterUser({ exporterSecret }: UsersOfPods): object[] {
    const secretKeyRef = { name: exporterSecret, key: USER_PASSWORD_KEY };
    return [
        { name: "REDIS_USER", value: EXPORTER_USER },
        { name: "REDIS_PASSWORD", valueFrom: { secretKeyRef } },
    ];
}

function dataSpec(args: RedisSpecArgs): {
    storage: object;
    [field: string]: object;
} {
    const { settings, passwordSecret, storageClass, users } = args;
    const { memory, cpu, storageSize, pods } = settings;
    const cpuLimit = pods?.cpuLimit ? { cpu: pods.cpuLimit } : {};
    const starting = startingConfig(settings);
    // A file that changes restarts nothing, and these do.
    const env = [
        ...tlsVariables(settings.tls, args.tlsVersion),
        ...(users ? [{ name: "USERS_VERSION", value: users.version }] : []),
        ...(starting ? [{ name: RESTARTS_FOR, value: starting }] : []),
    ];
    return {
        kubernetesConfig: {
            image: redisImages(settings.version).redis,
            imagePullPolicy: "IfNotPresent",
            resources: { requests: { cpu, memory }, limits: { ...cpuLimit, memory } },
            redisSecret: { name: passwordSecret, key: PASSWORD_KEY },
            ignoreAnnotations: IGNORED_ANNOTATIONS,
            ...updates(pods, readyFor(settings)),
        },
        redisConfig: {
            maxMemoryPercentOfLimit: settings.maxMemoryPercentOfLimit,
            dynamicConfig: dynamicConfig(settings),
            ...(settings.mode === "cluster" ? {} : additionalConfig(args)),
        },
        storage: {
            keepAfterDelete: true,
            ...(storageSize ? { volumeClaimTemplate: claim(storageSize, storageClass) } : {}),
        },
        ...(users ? { acl: { secret: { secretName: users.secret } } } : {}),
        ...tlsSpec(args.name, settings.tls),
        ...(env.length > 0 ? { env } : {}),
        redisExporter: exporter([
            ...exporterVariables(settings.exporter),
            ...(users ? exporterUser(users) : []),
        ]),
    };
}
