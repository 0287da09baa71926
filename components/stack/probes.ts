import type * as pulumi from "@pulumi/pulumi";

import type { AlertContext } from "../alerting/prometheusRule";
import type { Scraper } from "../kubernetes/monitors";
import { address, ServiceEndpoint } from "../kubernetes/wiring";
import type { Certificates, Endpoints } from "../probes/blackbox";
import { Probes } from "../probes/probes";
import { redisMembers, sentinelMembers } from "../redis/redisSpecs";
import type { StackConfig } from "./config";
import { externalUrl } from "./ingress";
import type { WebEndpointName } from "./ingressSettings";
import type { PlatformNamespaces } from "./namespaces";

/** What the platform serves over TLS in the cluster, by a name of ours. */
export type TlsServers = Readonly<Record<string, ServiceEndpoint>>;

/**
 * Asks the named endpoints, our own pages where they are outside and that is wanted, and our servers and Redis with TLS
 * when their certificates end.
 */
export function installProbes(
    config: StackConfig,
    alerts: AlertContext,
    namespaces: PlatformNamespaces,
    tlsServers: TlsServers,
    scraper: Scraper,
    opts: pulumi.ComponentResourceOptions,
): void {
    const endpoints = { ...ownPages(config), ...config.probes };
    const servers = watchesCertificates(config) ? tlsServers : {};
    const certificates = watchesCertificates(config)
        ? { ...serverCertificates(servers), ...redisCertificates(config) }
        : {};
    if (Object.keys({ ...endpoints, ...certificates }).length > 0) {
        new Probes(
            "probes",
            {
                endpoints,
                certificates,
                servers,
                namespaceName: config.namespaces.monitoring,
                namespace: namespaces("monitoring").name,
                environment: config.environment,
                waitForReady: config.cluster.waitForReady,
                kubeStateMetrics: config.components.kubeStateMetrics === "on",
                alerts,
                scraper,
            },
            opts,
        );
    }
}

function ownPages({ ingress }: Pick<StackConfig, "ingress">): Endpoints {
    const names = Object.keys(ingress.hosts) as WebEndpointName[];
    return Object.fromEntries(
        names.flatMap((name) => {
            const url = ingress.probed ? externalUrl(ingress, name) : undefined;
            return url ? [[name, { url, interval: "60s" }]] : [];
        }),
    );
}

/** Whether that is wanted, and this stack has an exporter: it stands beside Prometheus, and a tenant has its owner's. */
export function watchesCertificates({
    certificates,
    cluster,
    components,
}: Pick<StackConfig, "certificates" | "cluster" | "components">): boolean {
    return certificates.probed && cluster.role === "owner" && components.prometheus === "on";
}

function serverCertificates(servers: TlsServers): Certificates {
    return Object.fromEntries(
        Object.entries(servers).map(([server, endpoint]) => [
            // Names of other probes hold no dot.
            `server.${server}`,
            [address(endpoint)],
        ]),
    );
}

/** The ports of every pod with TLS: each has read the certificate at a time of its own. */
function redisCertificates({ redis }: Pick<StackConfig, "redis">): Certificates {
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
