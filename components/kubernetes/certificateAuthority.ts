import { createHash } from "node:crypto";

import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

import { PART_OF } from "./labels";
import { CA_FILE } from "./trust";

/** Of the authority and what it signs: ten years, renewed by an `up` in the last one. */
const VALIDITY = { validityPeriodHours: 10 * 365 * 24, earlyRenewalHours: 365 * 24 };

export interface ServerCertificateArgs {
    readonly namespace: pulumi.Input<string>;
    /** Name of the Secret, of the type `kubernetes.io/tls`. */
    readonly secretName: string;
    /** Of the certificate's subject; nobody compares it with a host. At most 64 characters. */
    readonly commonName: pulumi.Input<string>;
    /** Names by which clients call the server. */
    readonly dnsNames: readonly pulumi.Input<string>[];
    /** Whether the server is a client of its like too, and the Secret has the authority beside the certificate. */
    readonly peer?: boolean;
}

/** A certificate of our authority for a server, and the Secret that holds it. */
export interface ServerCertificate {
    readonly secret: pulumi.Output<string>;
    /** Changes with the certificate. */
    readonly fingerprint: pulumi.Output<string>;
    /** PEM. */
    readonly certificate: pulumi.Output<string>;
    readonly key: pulumi.Output<string>;
    /** What makes the Secret. */
    readonly resource: pulumi.Resource;
}

/** Every name by which pods may call a Service. */
export function serviceNames(
    service: pulumi.Input<string>,
    namespace: pulumi.Input<string>,
): pulumi.Input<string>[] {
    const host = pulumi.interpolate`${service}.${namespace}`;
    return [
        service,
        host,
        pulumi.interpolate`${host}.svc`,
        pulumi.interpolate`${host}.svc.cluster.local`,
    ];
}

/**
 * A certificate authority of our own, known before what it signs for exists. ECK signs Elasticsearch's certificates with
 * its key: ECK's own one lives a year, and copies of it in other namespaces go stale silently.
 */
export class CertificateAuthority extends pulumi.ComponentResource {
    /** PEM, what clients trust. */
    public readonly certificate: pulumi.Output<string>;
    /** Changes with the certificate: on the pods of a client it restarts them. */
    public readonly fingerprint: pulumi.Output<string>;
    private readonly keyPem: pulumi.Output<string>;

    constructor(
        private readonly name: string,
        opts?: pulumi.ComponentResourceOptions,
    ) {
        super("observability:index:CertificateAuthority", name, {}, opts);
        const child = { parent: this };
        const key = new tls.PrivateKey(
            `${name}-key`,
            { algorithm: "ECDSA", ecdsaCurve: "P256" },
            child,
        );
        const authority = new tls.SelfSignedCert(
            `${name}-certificate`,
            {
                privateKeyPem: key.privateKeyPem,
                isCaCertificate: true,
                // X.509 has no room for more.
                subject: { commonName: name.slice(0, 64), organization: "observability" },
                ...VALIDITY,
                allowedUses: ["cert_signing", "crl_signing", "digital_signature"],
                setSubjectKeyId: true,
                setAuthorityKeyId: true,
            },
            child,
        );
        this.certificate = authority.certPem;
        this.keyPem = key.privateKeyPem;
        this.fingerprint = authority.certPem.apply(fingerprint);
        this.registerOutputs({ certificate: this.certificate });
    }

    /** The authority with its key, in a Secret with `ca.crt` and `ca.key`, for somebody else who signs with it. */
    handOver(namespace: pulumi.Input<string>, secretName: string): pulumi.Output<string> {
        const { metadata } = new k8s.core.v1.Secret(
            `${this.name}-secret`,
            {
                metadata: { name: secretName, namespace, labels: PART_OF },
                stringData: { [CA_FILE]: this.certificate, "ca.key": this.keyPem },
            },
            { parent: this },
        );
        return metadata.name;
    }

    /** Signs a certificate for a server in the cluster. */
    issue(
        name: string,
        { namespace, secretName, commonName, dnsNames, peer }: ServerCertificateArgs,
        opts: pulumi.CustomResourceOptions,
    ): ServerCertificate {
        const key = new tls.PrivateKey(
            `${name}-key`,
            { algorithm: "ECDSA", ecdsaCurve: "P256" },
            opts,
        );
        const request = new tls.CertRequest(
            `${name}-request`,
            {
                privateKeyPem: key.privateKeyPem,
                subject: { commonName, organization: "observability" },
                dnsNames: [...dnsNames],
            },
            opts,
        );
        const certificate = new tls.LocallySignedCert(
            `${name}-certificate`,
            {
                certRequestPem: request.certRequestPem,
                caCertPem: this.certificate,
                caPrivateKeyPem: this.keyPem,
                ...VALIDITY,
                allowedUses: ["digital_signature", "server_auth", ...(peer ? ["client_auth"] : [])],
            },
            opts,
        );
        const secret = new k8s.core.v1.Secret(
            `${name}-secret`,
            {
                metadata: { name: secretName, namespace, labels: PART_OF },
                type: "kubernetes.io/tls",
                stringData: {
                    "tls.crt": certificate.certPem,
                    "tls.key": key.privateKeyPem,
                    ...(peer ? { [CA_FILE]: this.certificate } : {}),
                },
            },
            opts,
        );
        return {
            secret: secret.metadata.name,
            fingerprint: certificate.certPem.apply(fingerprint),
            certificate: certificate.certPem,
            key: key.privateKeyPem,
            resource: secret,
        };
    }
}

function fingerprint(pem: string): string {
    return createHash("sha256").update(pem).digest("hex").slice(0, 16);
}
