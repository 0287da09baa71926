import type * as pulumi from "@pulumi/pulumi";

import type { AlertContext } from "../alerting/prometheusRule";
import type { Scraper } from "../kubernetes/monitors";
import { address, ServiceEndpoint } from "../kubernetes/wiring";
import type { Endpoints } from "../probes/blackbox";
import { Probes } from "../probes/probes";
import { SERVERS } from "../probes/settings";
import type { StackConfig } from "./config";
import { externalUrl } from "./ingress";
import type { WebEndpointName } from "./ingressSettings";
import type { PlatformNamespaces } from "./namespaces";

/** What the platform serves over TLS in the cluster, by the probe's name. */
export interface TlsServer {
    readonly endpoint: ServiceEndpoint;
    /** PEM of the authority of its certificate. */
    readonly ca: pulumi.Input<string>;
}

export type TlsServers = Readonly<Partial<Record<(typeof SERVERS)[number], TlsServer>>>;

/**
 * Asks the named endpoints, our own pages where they are outside and that is wanted, and what certificates our servers
 * have.
 */
export function installProbes(
    config: StackConfig,
    alerts: AlertContext,
    namespaces: PlatformNamespaces,
    servers: TlsServers,
    scraper: Scraper,
    opts: pulumi.ComponentResourceOptions,
): void {
    const watched = config.certificates.probed ? servers : {};
    const endpoints = { ...ownPages(config), ...certificates(watched), ...config.probes };
    if (Object.keys(endpoints).length > 0) {
        new Probes(
            "probes",
            {
                endpoints,
                servers: Object.fromEntries(
                    Object.entries(watched).map(([name, { endpoint }]) => [name, endpoint]),
                ),
                namespaceName: config.namespaces.monitoring,
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

function certificates(servers: TlsServers): Endpoints {
    return Object.fromEntries(
        Object.entries(servers).map(([name, { endpoint, ca }]) => [
            name,
            { tcp: address(endpoint), ca, interval: "60s", certificateOnly: true },
        ]),
    );
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
