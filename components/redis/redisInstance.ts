import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

import type { CertificateAuthority } from "../kubernetes/certificateAuthority";
import { PART_OF } from "../kubernetes/labels";
import { Scraper, serviceMonitor, serviceMonitorSpec } from "../kubernetes/monitors";
import type { RedisInstanceSettings } from "./instanceSettings";
import { exposeRedis } from "./redisExpose";
import { GROWS, OPERATOR_LABEL } from "./redisPods";
import {
    configFiles,
    configMapName,
    exporterSelector,
    PASSWORD_KEY,
    REDIS_PORT,
    RedisManifest,
    redisManifests,
    SENTINEL_MASTER_NAME,
    SENTINEL_PORT,
} from "./redisSpecs";
import { RedisCertificate, redisCertificate } from "./redisTls";
import { aclSecretName, EXPORTER_USER, RedisUsers, userSecretName } from "./redisUsers";

export interface RedisInstanceArgs {
    /** Name of the instance in its namespace: of the custom resource and of what the operator makes of it. */
    readonly instance: string;
    readonly namespaceName: string;
    /** The namespace of that name, made before. */
    readonly namespace: pulumi.Input<string>;
    readonly settings: RedisInstanceSettings;
    /** In place of the generated one. */
    readonly password: pulumi.Input<string> | undefined;
    readonly environment: string;
    /** Patterns of the exporter's metrics that are not stored. */
    readonly dropMetrics: readonly string[];
    readonly storageClass: string;
    /** Least that the StorageClass makes a volume of. */
    readonly minimumVolumeSize?: string | undefined;
    /** Wait in `pulumi up` until the operator reports a master, or a ready cluster. */
    readonly waitForReady: boolean;
    readonly protect: boolean;
    readonly scraper: Scraper;
    /** Who signs certificates of the namespace's instances that have no other authority. */
    readonly authority: CertificateAuthority | undefined;
    /** What the custom resources need: the operator, where this stack installs it. */
    readonly operatorReady: readonly pulumi.Resource[];
}

/** The Service that clients of a mode connect to. */
export interface RedisAddress {
    readonly mode: RedisInstanceSettings["mode"];
    readonly service: string;
    readonly host: string;
    readonly port: number;
    /** Name of the master group to ask Sentinel for; only with mode `sentinel`. */
    readonly sentinelMaster?: string;
    /** Whether clients must speak TLS; the certificate is of `host`. */
    readonly tls?: boolean;
}

/** Where clients connect, and with what. */
export interface RedisConnection {
    readonly address: RedisAddress;
    /** Secrets of each application's user, `namespace/name`. */
    readonly users: Readonly<Record<string, readonly string[]>>;
    /** Secret of the namespace with the key `password`. */
    readonly secret: pulumi.Output<string>;
    /** Undefined where somebody else's Secret has it. */
    readonly password: pulumi.Output<string> | undefined;
    /** Of an instance with TLS. */
    readonly certificate: RedisCertificate | undefined;
}

/**
 * One Redis in one of four modes: its password, its custom resource (two with Sentinel), and the ServiceMonitor of its
 * exporters. The NetworkPolicies and alerts are its namespace's, so that an instance is five resources (six with
 * Sentinel). The volumes outlive it.
 */
export class RedisInstance extends pulumi.ComponentResource {
    public readonly connection: RedisConnection;

    constructor(name: string, args: RedisInstanceArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:RedisInstance", name, {}, opts);
        const { instance, namespace, settings } = args;
        const child = { parent: this };
        const own =
            settings.passwordSecret === undefined
                ? ownPassword(name, args, `${instance}-auth`, child)
                : undefined;
        const secretName = settings.passwordSecret ?? `${instance}-auth`;
        const address = redisAddress(instance, args.namespaceName, settings);
        const { tls, mode, expose } = settings;
        const certificate = tls
            ? redisCertificate(
                  `${name}-tls`,
                  { ...args, instance, namespace, tls, mode, hosts: expose?.hosts ?? [] },
                  child,
              )
            : undefined;
        const users =
            settings.users && own
                ? new RedisUsers(
                      `${name}-users`,
                      {
                          instance,
                          namespaceName: args.namespaceName,
                          namespace,
                          settings,
                          defaultPassword: own.password,
                          address,
                          ca: certificate?.ca,
                      },
                      child,
                  )
                : undefined;
        const config = configFiles(settings);
        const configMap =
            config === undefined
                ? []
                : [
                      new k8s.core.v1.ConfigMap(
                          `${name}-config`,
                          {
                              metadata: {
                                  name: configMapName(instance),
                                  namespace,
                                  labels: PART_OF,
                              },
                              data: config,
                          },
                          child,
                      ),
                  ];
        const manifests = redisManifests({
            name: instance,
            settings,
            passwordSecret: secretName,
            storageClass: args.storageClass,
            minimumVolumeSize: args.minimumVolumeSize,
            users: users && {
                secret: aclSecretName(instance),
                version: users.version,
                exporterSecret: userSecretName(instance, EXPORTER_USER),
            },
            tlsVersion: certificate?.version,
        });
        manifests.reduce<pulumi.Resource[]>(
            // The Secret and the ConfigMap by name only, and the operator not at all: no value flows. A Sentinel comes after what it watches.
            (before, manifest) => [...before, this.create(name, args, manifest, before)],
            [
                ...(own ? [own.secret] : []),
                ...(users ? [users.acl] : []),
                ...(certificate?.made ?? []),
                ...configMap,
                ...args.operatorReady,
            ],
        );
        serviceMonitor(
            name,
            instance,
            namespace,
            args.scraper,
            serviceMonitorSpec(
                exporterSelector(instance, settings),
                {
                    portName: "redis-exporter",
                    interval: settings.scrapeInterval,
                    timeout: settings.scrapeTimeout,
                    dropMetrics: args.dropMetrics,
                    environment: args.environment,
                },
                { targetLabels: ["app", OPERATOR_LABEL] },
            ),
            child,
        );
        if (expose) {
            exposeRedis(`${name}-external`, { instance, namespace, mode, expose }, child);
        }
        const connection = {
            address,
            users: connectionSecrets(instance, args.namespaceName, settings),
            secret: own ? own.secret.metadata.name : pulumi.output(secretName),
            password: own?.password,
        };
        this.connection = { ...connection, certificate };
        this.registerOutputs(connection);
    }

    private create(
        name: string,
        args: RedisInstanceArgs,
        manifest: RedisManifest,
        dependsOn: pulumi.Resource[],
    ): pulumi.Resource {
        const { kind, readyWhen, spec } = manifest;
        return new k8s.apiextensions.CustomResource(
            `${name}-${kind.toLowerCase()}`,
            {
                apiVersion: "redis.redis.opstreelabs.in/v1beta2",
                kind,
                metadata: {
                    name: manifest.name,
                    namespace: args.namespace,
                    // Constant: labels reach the pods and the Services' selectors, and a changed one restarts Redis.
                    labels: PART_OF,
                    annotations: {
                        ...GROWS,
                        ...(readyWhen && args.waitForReady
                            ? { "pulumi.com/waitFor": `jsonpath=${readyWhen}` }
                            : {}),
                    },
                },
                spec,
            },
            { parent: this, dependsOn, protect: args.protect },
        );
    }
}

function connectionSecrets(
    instance: string,
    namespaceName: string,
    { users = {} }: RedisInstanceSettings,
): Record<string, string[]> {
    return Object.fromEntries(
        Object.entries(users).map(([user, { namespaces }]) => [
            user,
            [
                `${namespaceName}/${userSecretName(instance, user)}`,
                ...namespaces.map(
                    (each) => `${each}/${userSecretName(instance, user, namespaceName)}`,
                ),
            ],
        ]),
    );
}

/** The address that clients of an instance use. */
export function redisAddress(
    instance: string,
    namespace: string,
    { mode, tls }: Pick<RedisInstanceSettings, "mode" | "tls">,
): RedisAddress {
    const at = (service: string, port: number): RedisAddress => ({
        mode,
        service,
        host: `${service}.${namespace}.svc`,
        port,
        ...(tls ? { tls: true } : {}),
    });
    switch (mode) {
        case "standalone":
            return at(instance, REDIS_PORT);
        case "replication":
            return at(`${instance}-master`, REDIS_PORT);
        case "sentinel":
            return {
                ...at(`${instance}-sentinel`, SENTINEL_PORT),
                sentinelMaster: SENTINEL_MASTER_NAME,
            };
        case "cluster":
            return at(`${instance}-leader`, REDIS_PORT);
    }
}

/** The password, given or generated, and the Secret with it. */
function ownPassword(
    name: string,
    { namespace, password: given }: RedisInstanceArgs,
    secretName: string,
    opts: pulumi.CustomResourceOptions,
): { readonly password: pulumi.Output<string>; readonly secret: k8s.core.v1.Secret } {
    const generated = new random.RandomPassword(
        `${name}-password`,
        { length: 32, special: false },
        opts,
    );
    const password = pulumi.output(given ?? generated.result);
    const secret = new k8s.core.v1.Secret(
        `${name}-credentials`,
        {
            metadata: { name: secretName, namespace, labels: PART_OF },
            stringData: { [PASSWORD_KEY]: password },
        },
        opts,
    );
    return { password, secret };
}
