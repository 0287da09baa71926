import type * as pulumi from "@pulumi/pulumi";

import type { AlertContext } from "../alerting/prometheusRule";
import type { Scraper } from "../kubernetes/monitors";
import type { Certificates, Endpoints } from "../probes/blackbox";
import { Probes } from "../probes/probes";
import { redisMembers, sentinelMembers } from "../redis/redisSpecs";
import type { StackConfig } from "./config";
import { externalUrl } from "./ingress";
import type { WebEndpointName } from "./ingressSettings";
import { NAMESPACES } from "./namespaceNames";
import type { PlatformNamespaces } from "./namespaces";

/**
 * Asks the named endpoints, our own pages where they are outside and that is wanted, and Redis with TLS when its
 * certificates end.
 */
export function installProbes(
    config: StackConfig,
    alerts: AlertContext,
    namespaces: PlatformNamespaces,
    scraper: Scraper,
    opts: pulumi.ComponentResourceOptions,
): void {
    const endpoints = { ...ownPages(config), ...config.probes };
    const certificates = watchesCertificates(config) ? redisCertificates(config) : {};
    if (Object.keys({ ...endpoints, ...certificates }).length > 0) {
        new Probes(
            "probes",
            {
                endpoints,
                certificates,
                namespaceName: NAMESPACES.monitoring,
                namespace: namespaces("monitoring").name,
                environment: config.environment,
                waitForReady: config.cluster.waitForReady,
                alerts,
                scraper,
            },
            opts,
        );
    }
}

function ownPages({ ingress }: StackConfig): Endpoints {
    const names = Object.keys(ingress.hosts) as WebEndpointName[];
    return Object.fromEntries(
        names.flatMap((name) => {
            const url = ingress.probed ? externalUrl(ingress, name) : undefined;
            return url ? [[name, { url, interval: "60s" }]] : [];
        }),
    );
}

/** Whether this stack has an exporter that can ask: it stands beside Prometheus, and a tenant has its owner's. */
export function watchesCertificates({
    cluster,
    components,
}: Pick<StackConfig, "cluster" | "components">): boolean {
    return cluster.role === "owner" && components.prometheus === "on";
}

/** The ports of every pod with TLS: each has read the certificate at a time of its own. */
function redisCertificates({ redis }: StackConfig): Certificates {
    return Object.fromEntries(
        Object.entries(redis).flatMap(([namespace, { instances }]) =>
            Object.entries(instances)
                .filter(([, { tls }]) => tls)
                .map(([instance, settings]) => [
                    // Names of other probes hold no dot.
                    `redis.${namespace}.${instance}`,
                    [redisMembers, sentinelMembers]
                        .flatMap((members) => members(instance, namespace, settings).split(" "))
                        .filter((member) => member !== ""),
                ]),
        ),
    );
}
