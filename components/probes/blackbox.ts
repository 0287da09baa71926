import type * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";

import type { ProbeSettings } from "./settings";

/** What is asked, by the probe's name. */
export type Endpoints = Readonly<Record<string, ProbeSettings>>;

/** Ports whose certificates are watched for their end, and for nothing else, by a name of ours. */
export type Certificates = Readonly<Record<string, readonly pulumi.Input<string>[]>>;

/** The module for them: what is asked here is when a certificate ends, and clients know whom they trust. */
export const CERTIFICATE_MODULE = "certificate";

/** Where the exporter has its configuration and the authorities. */
export const CONFIG_FOLDER = "/etc/blackbox";

/** Less than a scrape has, so that the exporter answers what it found. */
const TIMEOUT = "5s";

/** The module that asks an endpoint: those with an authority of their own have one each. */
export function moduleOf(name: string, { url, ca }: ProbeSettings): string {
    const kind = url === undefined ? "tcp" : "http";
    return ca === undefined ? kind : `${kind}-${name}`;
}

/** https://github.com/prometheus/blackbox_exporter/blob/master/CONFIGURATION.md. Certificates are checked by default. */
export function blackboxConfig(endpoints: Endpoints, certificates: Certificates = {}): string {
    const own = Object.entries(endpoints)
        .filter(([, { ca }]) => ca !== undefined)
        .map(([name, endpoint]) => {
            const tls_config = { ca_file: `${CONFIG_FOLDER}/${authorityFile(name)}` };
            return [
                moduleOf(name, endpoint),
                endpoint.url === undefined
                    ? { prober: "tcp", timeout: TIMEOUT, tcp: { tls: true, tls_config } }
                    : { prober: "http", timeout: TIMEOUT, http: { tls_config } },
            ] as const;
        });
    return stringify({
        modules: {
            http: { prober: "http", timeout: TIMEOUT },
            tcp: { prober: "tcp", timeout: TIMEOUT },
            ...(Object.keys(certificates).length > 0
                ? {
                      [CERTIFICATE_MODULE]: {
                          prober: "tcp",
                          timeout: TIMEOUT,
                          tcp: { tls: true, tls_config: { insecure_skip_verify: true } },
                      },
                  }
                : {}),
            ...Object.fromEntries(own),
        },
    });
}

/** Files of the exporter's ConfigMap. */
export function blackboxFiles(
    endpoints: Endpoints,
    certificates: Certificates = {},
): Record<string, string> {
    return {
        "blackbox.yml": blackboxConfig(endpoints, certificates),
        ...Object.fromEntries(
            Object.entries(endpoints).flatMap(([name, { ca }]) =>
                ca === undefined ? [] : [[authorityFile(name), ca]],
            ),
        ),
    };
}

function authorityFile(name: string): string {
    return `${name}.crt`;
}
