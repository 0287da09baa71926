import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { AlertRules } from "../alerting/alertRules";
import type { AlertContext } from "../alerting/prometheusRule";
import type { BackupPolicy } from "../backup/backupStore";
import { CertificateAuthority } from "../kubernetes/certificateAuthority";
import { PART_OF } from "../kubernetes/labels";
import type { Scraper } from "../kubernetes/monitors";
import { allowIngress, Workload } from "../kubernetes/wiring";
import type { RedisNamespaceSettings } from "./instanceSettings";
import { redisNamespaceRules } from "./namespaceRules";
import { RedisBackups } from "./redisBackups";
import { RedisExternal } from "./redisExternal";
import { RedisConnection, RedisInstance } from "./redisInstance";
import { EXPORTER_PORT, OPERATOR_LABEL } from "./redisPods";
import { backedUp } from "./redisProblems";
import { RedisReload, renewedElsewhere } from "./redisReload";
import { needsAuthority } from "./redisTls";
import { CLUSTER_BUS_PORT, REDIS_PORT, SENTINEL_PORT } from "./redisSpecs";

export interface RedisNamespaceArgs {
    readonly namespaceName: string;
    /** The namespace of that name, made before. */
    readonly namespace: pulumi.Input<string>;
    readonly settings: RedisNamespaceSettings;
    /** Passwords in place of the generated ones, by instance. */
    readonly passwords: Readonly<Record<string, pulumi.Input<string>>>;
    /** What its alerts share; their owner is the namespace's team where it has one. */
    readonly alerts: AlertContext;
    /** Where backups go; without it there are none. */
    readonly backups: BackupPolicy | undefined;
    /** Whether there are backups of instances that ask for none any more: their volume and key stay. */
    readonly keepBackups: boolean;
    /** Label of every series. */
    readonly environment: string;
    /** Patterns of the exporters' metrics that are not stored. */
    readonly dropMetrics: readonly string[];
    /** Of volumes; empty for the cluster's default. */
    readonly storageClass: string;
    /** Least that the StorageClass makes a volume of. */
    readonly minimumVolumeSize?: string | undefined;
    /** Wait in `pulumi up` until the operator reports a master, or a ready cluster. */
    readonly waitForReady: boolean;
    /** Refuse to delete the instances. */
    readonly protect: boolean;
    readonly scraper: Scraper;
    /** Who asks instances with TLS when their certificates end. */
    readonly certificateProbes?: Workload | undefined;
    readonly operator: { readonly workload: Workload; readonly ready: readonly pulumi.Resource[] };
}

/** The Redis instances of one namespace, who may connect to them, and the alerts on them. */
export class RedisNamespace extends pulumi.ComponentResource {
    public readonly namespaceName: string;
    public readonly namespace: pulumi.Output<string>;
    /** Connection of each instance, by its name. */
    public readonly connections: Readonly<Record<string, RedisConnection>>;

    /** Where backups of instances go; undefined when none asks for them. */
    public readonly backups: RedisBackups | undefined;

    constructor(name: string, args: RedisNamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:RedisNamespace", name, {}, opts);
        const { namespaceName, namespace, settings, scraper, operator } = args;
        const alerts = { ...args.alerts, team: settings.team ?? args.alerts.team };
        this.namespaceName = namespaceName;
        this.namespace = pulumi.output(namespace);
        // Its key is in the stack's state alone.
        const authority = needsAuthority(settings)
            ? new CertificateAuthority(`${name}-ca`, { parent: this })
            : undefined;
        this.connections = Object.fromEntries(
            Object.entries(settings.instances).map(([instance, instanceSettings]) => [
                instance,
                new RedisInstance(
                    // Names hold no dot: with a dash, `a` with `b-c` would be `a-b` with `c`.
                    `${name}.${instance}`,
                    {
                        instance,
                        namespaceName,
                        namespace,
                        settings: instanceSettings,
                        password: args.passwords[instance],
                        environment: args.environment,
                        dropMetrics: args.dropMetrics,
                        storageClass: args.storageClass,
                        minimumVolumeSize: args.minimumVolumeSize,
                        waitForReady: args.waitForReady,
                        protect: args.protect,
                        scraper,
                        authority,
                        operatorReady: operator.ready,
                    },
                    { parent: this },
                ).connection,
            ]),
        );
        for (const [external, each] of Object.entries(settings.external ?? {})) {
            new RedisExternal(
                `${name}.${external}-external`,
                {
                    external,
                    namespace,
                    settings: each,
                    environment: args.environment,
                    dropMetrics: args.dropMetrics,
                    waitForReady: args.waitForReady,
                    scraper,
                },
                { parent: this },
            );
        }
        const { connections } = this;
        this.limit(name, namespace, settings);
        const policy = args.backups;
        const sources = policy?.paused ? [] : backedUp(settings.instances);
        this.backups =
            policy && (sources.length > 0 || args.keepBackups)
                ? new RedisBackups(
                      `${name}-backups`,
                      { policy, namespaceName, namespace, sources, connections, alerts, scraper },
                      { parent: this },
                  )
                : undefined;
        if (renewedElsewhere(settings.instances).length > 0) {
            new RedisReload(
                `${name}-reload`,
                { namespaceName, namespace, instances: settings.instances, connections },
                { parent: this },
            );
        }
        const clients: Workload[] = [
            { namespace },
            ...settings.clientNamespaces.map((client) => ({ namespace: client })),
            ...(args.certificateProbes && Object.values(settings.instances).some(({ tls }) => tls)
                ? [args.certificateProbes]
                : []),
        ];
        this.allow(name, namespace, clients, operator.workload, scraper.workload);
        new AlertRules(
            `${name}-alerts`,
            {
                namespace,
                ruleName: "redis",
                groups: redisNamespaceRules(namespaceName, settings, {
                    environment: args.environment,
                    team: settings.team ?? args.alerts.team ?? "",
                }),
                alerts,
                scraper,
            },
            { parent: this },
        );
        this.registerOutputs({});
    }

    /** What everything in the namespace may use together, and each container. */
    private limit(
        name: string,
        namespace: pulumi.Input<string>,
        { quota, limitRange }: RedisNamespaceSettings,
    ): void {
        const child = { parent: this };
        const metadata = { name: "redis", namespace, labels: PART_OF };
        if (quota) {
            const hard = Object.entries(quota).map(([resource, most]) => [resource, String(most)]);
            new k8s.core.v1.ResourceQuota(
                `${name}-quota`,
                { metadata, spec: { hard: Object.fromEntries(hard) as Record<string, string> } },
                child,
            );
        }
        if (limitRange) {
            new k8s.core.v1.LimitRange(
                `${name}-limits`,
                { metadata, spec: { limits: [{ type: "Container", ...limitRange }] } },
                child,
            );
        }
    }

    /**
     * Clients and the operator reach Redis and Sentinel, members their bus, Prometheus the exporters; into other pods of
     * the namespace, such as those of backups, nobody gets.
     */
    private allow(
        name: string,
        namespace: pulumi.Input<string>,
        clients: readonly Workload[],
        operator: Workload,
        prometheus: Workload,
    ): void {
        const child = { parent: this };
        const members = { namespace, podLabelKey: OPERATOR_LABEL };
        const to = (port: number) => ({ workload: members, port });
        allowIngress(
            `${name}-clients`,
            { from: [...clients, operator], to: [to(REDIS_PORT), to(SENTINEL_PORT)] },
            child,
        );
        allowIngress(`${name}-cluster-bus`, { from: [members], to: [to(CLUSTER_BUS_PORT)] }, child);
        allowIngress(`${name}-exporters`, { from: [prometheus], to: [to(EXPORTER_PORT)] }, child);
    }
}
