import type { Settings, WebEndpointName } from "./schema";

/** The URL from outside of an endpoint that has an Ingress, or undefined when it has none. */
export function externalUrl(
    { enabled, hosts, tlsSecretName }: Settings["ingress"],
    endpoint: WebEndpointName,
): string | undefined {
    const host = hosts[endpoint];
    return enabled && host ? `${tlsSecretName ? "https" : "http"}://${host}` : undefined;
}
