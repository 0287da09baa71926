import * as pulumi from "@pulumi/pulumi";

import type { CertificateAuthority } from "../kubernetes/certificateAuthority";
import { contentHash } from "../kubernetes/contentHash";
import type { ServiceEndpoint } from "../kubernetes/wiring";
import type { ExistingElasticsearchSettings } from "./existingElasticsearchSettings";

/** An account of Elasticsearch, and the Secret with its `username` and `password`. */
export interface ElasticsearchAccount {
    readonly secret: pulumi.Output<string>;
    /** Undefined where the Secret alone knows it; so is the password. */
    readonly username: string | undefined;
    readonly password: pulumi.Output<string> | undefined;
}

/** What asks Elasticsearch, whoever's it is. */
type Client = "fluentBit" | "jaeger" | "setup" | "grafana";

/** An Elasticsearch that this stack made, or that was there already, as its clients need it. */
export interface ElasticsearchServer {
    /** Of HTTPS. */
    readonly host: pulumi.Output<string>;
    readonly port: number;
    readonly url: pulumi.Output<string>;
    /** Where its pods listen; undefined where they are somebody else's, who lets clients in. */
    readonly endpoint: ServiceEndpoint | undefined;
    /** PEM that clients trust. */
    readonly caCertificate: pulumi.Output<string>;
    /** Changes with the certificate, for the annotations of clients' pods. */
    readonly caFingerprint: pulumi.Output<string>;
    /** Of somebody else's, each Secret is in the namespace of its client. */
    readonly users: Readonly<Record<Client, ElasticsearchAccount>>;
    /** Signs for servers beside it; undefined where it is somebody else's. */
    readonly authority: CertificateAuthority | undefined;
    /** What clients cannot get ready before. */
    readonly ready: readonly pulumi.Resource[];
}

/** The same for clients of the logging namespace, where a ConfigMap has `ca.crt`. */
export interface LogStore extends ElasticsearchServer {
    readonly caConfigMap: pulumi.Output<string>;
}

/** The one that is there already. It makes nothing. */
export function existingElasticsearch({
    url,
    ca,
    secret,
    setupSecret = secret,
}: ExistingElasticsearchSettings): ElasticsearchServer {
    const { hostname, port } = new URL(url);
    const account = (name: string): ElasticsearchAccount => ({
        secret: pulumi.output(name),
        username: undefined,
        password: undefined,
    });
    const at = port === "" ? 443 : Number(port);
    return {
        host: pulumi.output(hostname),
        port: at,
        url: pulumi.output(`https://${hostname}:${at}`),
        endpoint: undefined,
        caCertificate: pulumi.output(ca),
        caFingerprint: pulumi.output(contentHash(ca, 16)),
        users: {
            fluentBit: account(secret),
            jaeger: account(secret),
            grafana: account(secret),
            setup: account(setupSecret),
        },
        authority: undefined,
        ready: [],
    };
}
