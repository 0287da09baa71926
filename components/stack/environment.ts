import type * as pulumi from "@pulumi/pulumi";

import { RedisAlerts } from "../alerting/redisAlerts";
import { PART_OF } from "../kubernetes/labels";
import { DeniedPods, Namespace } from "../kubernetes/namespace";
import { blackboxWorkload } from "../probes/probes";
import { RedisNamespace } from "../redis/redisNamespace";
import { installApplications } from "./applications";
import type { StackConfig } from "./config";
import { installExtraRules } from "./extraRules";
import { volumeProtection } from "./namespaces";
import type { Platform } from "./platform";
import { backupPolicy, stackAlerts } from "./policies";
import { watchesCertificates } from "./probes";
import { storageClassOf } from "./settings";

/**
 * The pods of our jobs in a Redis namespace, which applications may share. Redis' own pods need no policy for it: those
 * that open their ports close the others.
 */
const OWN_PODS: DeniedPods = { "default-deny-jobs": { matchLabels: { ...PART_OF } } };

/** Makes the environment's namespaces and the Redis instances in them, watched by the platform. */
export function installEnvironment(
    config: StackConfig,
    platform: Platform,
    keptBackups: readonly string[],
    opts: pulumi.ComponentResourceOptions,
): RedisNamespace[] {
    const { scraper, operator, recordsObjectives } = platform;
    const own: Record<string, pulumi.Output<string>> = {};
    const namespaces = Object.entries(config.redis).map(([namespaceName, settings]) => {
        const namespace = new Namespace(
            namespaceName,
            {
                namespace: namespaceName,
                podSecurity: settings.podSecurity,
                create: settings.create,
                ...(settings.isolate === "redis" ? { deny: OWN_PODS } : {}),
                ...volumeProtection(config.dataProtection),
            },
            opts,
        );
        own[namespaceName] = namespace.name;
        return new RedisNamespace(
            `redis-${namespaceName}`,
            {
                namespaceName,
                namespace: namespace.name,
                settings,
                passwords: config.redisPasswords[namespaceName] ?? {},
                alerts: stackAlerts(config),
                backups: backupPolicy(config),
                keepBackups: keptBackups.includes(`redis-${namespaceName}-backups-store`),
                environment: config.environment,
                dropMetrics: config.prometheus.dropRedisMetrics,
                storageClass: storageClassOf(config, "redis"),
                minimumVolumeSize: config.cluster.minimumVolumeSize,
                waitForReady: config.cluster.waitForReady,
                protect: config.dataProtection.protect,
                scraper,
                certificateProbes: watchesCertificates(config)
                    ? blackboxWorkload(scraper.workload.namespace)
                    : undefined,
                operator,
            },
            opts,
        );
    });
    const [first] = namespaces;
    if (first) {
        const watched = Object.values(config.redis).flatMap(({ instances, external }) =>
            Object.values({ ...instances, ...external }),
        );
        new RedisAlerts(
            "redis-alerts",
            {
                namespace: first.namespace,
                environment: config.environment,
                slos: config.slos,
                recordedByPlatform: recordsObjectives,
                scrapeIntervals: watched.map(({ scrapeInterval }) => scrapeInterval),
                alerts: stackAlerts(config),
                scraper,
            },
            opts,
        );
    }
    const home = config.cluster.role === "owner" ? scraper.workload.namespace : first?.namespace;
    if (home !== undefined) {
        const { environment, alerting } = config;
        const shared = { namespace: home, environment, team: alerting.team, scraper };
        installExtraRules(alerting.extraRules, shared, opts);
    }
    installApplications(config, platform, own, opts);
    return namespaces;
}
