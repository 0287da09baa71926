import type * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";

/** What is asked: a page, or a port. */
export interface Endpoint {
    readonly url?: string | undefined;
    /** `host:port`; of TLS where there is a `ca`. */
    readonly tcp?: pulumi.Input<string> | undefined;
    /** Between two probes. */
    readonly interval: string;
    /** Authority of its certificate, PEM. */
    readonly ca?: pulumi.Input<string> | undefined;
    /** Only its certificate is watched: another alert tells when it does not answer. */
    readonly certificateOnly?: true;
}

/** What is asked, by the probe's name. */
export type Endpoints = Readonly<Record<string, Endpoint>>;

/** Where the exporter has its configuration and the authorities. */
export const CONFIG_FOLDER = "/etc/blackbox";

/** Less than a scrape has, so that the exporter answers what it found. */
const TIMEOUT = "5s";

/** The module that asks an endpoint: those with an authority of their own have one each. */
export function moduleOf(name: string, { url, ca }: Endpoint): string {
    const kind = url === undefined ? "tcp" : "http";
    return ca === undefined ? kind : `${kind}-${name}`;
}

/** https://github.com/prometheus/blackbox_exporter/blob/master/CONFIGURATION.md. Certificates are checked by default. */
export function blackboxConfig(endpoints: Endpoints): string {
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
            ...Object.fromEntries(own),
        },
    });
}

/** Files of the exporter's ConfigMap. */
export function blackboxFiles(endpoints: Endpoints): Record<string, pulumi.Input<string>> {
    return {
        "blackbox.yml": blackboxConfig(endpoints),
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
