import type * as pulumi from "@pulumi/pulumi";

import { Namespace } from "../kubernetes/namespace";
import { RedisNamespace } from "../redis/redisNamespace";
import type { StackConfig } from "./config";
import { volumeProtection } from "./namespaces";
import { backupPolicy, Platform, stackAlerts } from "./platform";

/** Makes the environment's namespaces and the Redis instances in them, watched by the platform. */
export function installEnvironment(
    config: StackConfig,
    { scraper, operator }: Platform,
    keptBackups: readonly string[],
    opts: pulumi.ComponentResourceOptions,
): RedisNamespace[] {
    return Object.entries(config.redis).map(([namespaceName, settings]) => {
        const namespace = new Namespace(
            namespaceName,
            {
                namespace: namespaceName,
                podSecurity: "restricted",
                ...volumeProtection(config.dataProtection),
            },
            opts,
        );
        return new RedisNamespace(
            `redis-${namespaceName}`,
            {
                namespaceName,
                namespace: namespace.name,
                settings,
                passwords: config.redisPasswords[namespaceName] ?? {},
                slos: config.slos,
                alerts: stackAlerts(config),
                backups: backupPolicy(config),
                keepBackups: keptBackups.includes(namespaceName),
                environment: config.environment,
                dropMetrics: config.prometheus.dropRedisMetrics,
                storageClass: config.storageClass,
                waitForReady: config.cluster.waitForReady,
                protect: config.dataProtection.protect,
                scraper,
                operator,
            },
            opts,
        );
    });
}
