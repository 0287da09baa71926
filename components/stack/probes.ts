import type * as pulumi from "@pulumi/pulumi";

import type { AlertContext } from "../alerting/prometheusRule";
import type { Scraper } from "../kubernetes/monitors";
import type { Endpoints } from "../probes/blackbox";
import { Probes } from "../probes/probes";
import type { StackConfig } from "./config";
import { externalUrl } from "./ingress";
import type { WebEndpointName } from "./ingressSettings";
import type { PlatformNamespaces } from "./namespaces";

/** Asks the named endpoints, and our own pages where they are outside and that is wanted. */
export function installProbes(
    config: StackConfig,
    alerts: AlertContext,
    namespaces: PlatformNamespaces,
    scraper: Scraper,
    opts: pulumi.ComponentResourceOptions,
): void {
    const endpoints = { ...ownPages(config), ...config.probes };
    if (Object.keys(endpoints).length > 0) {
        new Probes(
            "probes",
            {
                endpoints,
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

function ownPages({ ingress }: StackConfig): Endpoints {
    const names = Object.keys(ingress.hosts) as WebEndpointName[];
    return Object.fromEntries(
        names.flatMap((name) => {
            const url = ingress.probed ? externalUrl(ingress, name) : undefined;
            return url ? [[name, { url, interval: "60s" }]] : [];
        }),
    );
}
