import * as pulumi from "@pulumi/pulumi";

import type { StackConfig } from "../stack/config";
import type { Scraper } from "../kubernetes/monitors";
import type { RuleGroup } from "../alerting/prometheusRule";
import { allowIngress, Workload } from "../kubernetes/wiring";
import { backedUp, RedisBackups } from "./redisBackups";
import { AlertRules } from "../alerting/alertRules";
import { redisInstanceRules } from "../alerting/rules/redis";
import { redisSlos } from "../alerting/slos/declaredSlos";
import { sloRules } from "../alerting/slos/sloRules";
import { RedisConnection, RedisInstance } from "./redisInstance";
import { EXPORTER_PORT, OPERATOR_LABEL } from "./redisPods";
import { CLUSTER_BUS_PORT, REDIS_PORT, redisPods, SENTINEL_PORT } from "./redisSpecs";

export interface RedisNamespaceArgs {
    readonly config: StackConfig;
    /** A key of `config.redis`. */
    readonly namespaceName: string;
    /** The namespace itself, made before. */
    readonly namespace: pulumi.Input<string>;
    readonly scraper: Scraper;
    readonly operator: { readonly workload: Workload; readonly ready: readonly pulumi.Resource[] };
}

/** Rules on the instances that a namespace declares. */
export function redisNamespaceRules(
    config: Pick<StackConfig, "redis" | "alerting" | "slos">,
    namespaceName: string,
): RuleGroup[] {
    const { rules } = config.alerting;
    const declared = Object.entries(config.redis[namespaceName]?.instances ?? {}).flatMap(
        ([instance, settings]) => redisPods(instance, settings),
    );
    return [
        redisInstanceRules(namespaceName, declared, rules),
        ...sloRules(namespaceName, redisSlos(config, namespaceName, declared), rules),
    ];
}

/** The Redis instances of one namespace, who may connect to them, and the alerts on them. */
export class RedisNamespace extends pulumi.ComponentResource {
    public readonly namespaceName: string;
    /** Connection of each instance, by its name. */
    public readonly connections: Readonly<Record<string, RedisConnection>>;

    /** Where backups of instances go; undefined when none asks for them. */
    public readonly backups: RedisBackups | undefined;

    constructor(name: string, args: RedisNamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:RedisNamespace", name, {}, opts);
        const { config, namespaceName, namespace, scraper, operator } = args;
        this.namespaceName = namespaceName;
        const settings = config.redis[namespaceName] ?? { clientNamespaces: [], instances: {} };
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
                        environment: config.environment,
                        dropMetrics: config.prometheus.dropRedisMetrics,
                        storageClass: config.storageClass,
                        waitForReady: config.cluster.waitForReady,
                        protect: config.dataProtection.protect,
                        scraper,
                        operatorReady: operator.ready,
                    },
                    { parent: this },
                ).connection,
            ]),
        );
        const { repository } = config.backup;
        const { connections } = this;
        this.backups =
            repository && backedUp(config, namespaceName).length > 0
                ? new RedisBackups(
                      `${name}-backups`,
                      { config, repository, namespaceName, namespace, connections, scraper },
                      { parent: this },
                  )
                : undefined;
        const clients: Workload[] = [
            { namespace },
            ...settings.clientNamespaces.map((client) => ({ namespace: client })),
        ];
        this.allow(name, namespace, clients, operator.workload, scraper.workload);
        new AlertRules(
            `${name}-alerts`,
            {
                config,
                namespace,
                ruleName: "redis",
                groups: redisNamespaceRules(config, namespaceName),
                environment: config.environment,
                team: settings.team,
                scraper,
            },
            { parent: this },
        );
        this.registerOutputs({});
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
