import type * as pulumi from "@pulumi/pulumi";

import { RedisAlerts } from "../alerting/redisAlerts";
import { Namespace } from "../kubernetes/namespace";
import { RedisNamespace } from "../redis/redisNamespace";
import type { StackConfig } from "./config";
import { volumeProtection } from "./namespaces";
import { backupPolicy, Platform, stackAlerts } from "./platform";

/** Makes the environment's namespaces and the Redis instances in them, watched by the platform. */
export function installEnvironment(
    config: StackConfig,
    { scraper, operator }: Platform,
    opts: pulumi.ComponentResourceOptions,
): RedisNamespace[] {
    const namespaces = Object.entries(config.redis).map(([namespaceName, settings]) => {
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
                alerts: stackAlerts(config),
                backups: backupPolicy(config),
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
    const [first] = namespaces;
    if (first) {
        const instances = Object.values(config.redis).flatMap((each) =>
            Object.values(each.instances),
        );
        new RedisAlerts(
            "redis-alerts",
            {
                namespace: first.namespace,
                environment: config.environment,
                slos: config.slos,
                scrapeIntervals: instances.map(({ scrapeInterval }) => scrapeInterval),
                alerts: stackAlerts(config),
                scraper,
            },
            opts,
        );
    }
    return namespaces;
}
