import { createHash } from "node:crypto";

import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

import { PART_OF } from "../kubernetes/labels";

export interface CertificateAuthorityArgs {
    readonly namespace: pulumi.Input<string>;
    /** Name of the Secret with `ca.crt` and `ca.key`. */
    readonly secretName: string;
}

/** Of the authority and what it signs: ten years, renewed by an `up` in the last one. */
const VALIDITY = { validityPeriodHours: 10 * 365 * 24, earlyRenewalHours: 365 * 24 };

export interface ServerCertificateArgs {
    readonly namespace: pulumi.Input<string>;
    /** Name of the Secret, of the type `kubernetes.io/tls`. */
    readonly secretName: string;
    /** The Service, by every name of which pods may call it. */
    readonly service: pulumi.Input<string>;
}

/** A certificate of our authority for a server, and the Secret that holds it. */
export interface ServerCertificate {
    readonly secret: pulumi.Output<string>;
    /** Changes with the certificate. */
    readonly fingerprint: pulumi.Output<string>;
}

/**
 * A certificate authority of our own, for ECK to sign Elasticsearch's certificates with. ECK's own one lives a year,
 * and copies of it in other namespaces go stale silently; this one is known before Elasticsearch exists.
 */
export class CertificateAuthority extends pulumi.ComponentResource {
    public readonly secret: pulumi.Output<string>;
    /** PEM, what clients trust. */
    public readonly certificate: pulumi.Output<string>;
    /** Changes with the certificate: on the pods of a client it restarts them. */
    public readonly fingerprint: pulumi.Output<string>;
    private readonly keyPem: pulumi.Output<string>;

    constructor(
        name: string,
        args: CertificateAuthorityArgs,
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
                subject: { commonName: name, organization: "observability" },
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
        const secret = new k8s.core.v1.Secret(
            `${name}-secret`,
            {
                metadata: { name: args.secretName, namespace: args.namespace, labels: PART_OF },
                stringData: { "ca.crt": authority.certPem, "ca.key": key.privateKeyPem },
            },
            child,
        );
        this.secret = secret.metadata.name;
        this.registerOutputs({ secret: this.secret, certificate: this.certificate });
    }

    /** Signs a certificate for the Service of a workload of ours. */
    issue(
        name: string,
        { namespace, secretName, service }: ServerCertificateArgs,
        opts: pulumi.CustomResourceOptions,
    ): ServerCertificate {
        const key = new tls.PrivateKey(
            `${name}-key`,
            { algorithm: "ECDSA", ecdsaCurve: "P256" },
            opts,
        );
        const host = pulumi.interpolate`${service}.${namespace}`;
        const request = new tls.CertRequest(
            `${name}-request`,
            {
                privateKeyPem: key.privateKeyPem,
                subject: { commonName: host, organization: "observability" },
                dnsNames: [
                    service,
                    host,
                    pulumi.interpolate`${host}.svc`,
                    pulumi.interpolate`${host}.svc.cluster.local`,
                ],
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
                allowedUses: ["digital_signature", "server_auth"],
            },
            opts,
        );
        const secret = new k8s.core.v1.Secret(
            `${name}-secret`,
            {
                metadata: { name: secretName, namespace, labels: PART_OF },
                type: "kubernetes.io/tls",
                stringData: { "tls.crt": certificate.certPem, "tls.key": key.privateKeyPem },
            },
            opts,
        );
        return {
            secret: secret.metadata.name,
            fingerprint: certificate.certPem.apply(fingerprint),
        };
    }
}

function fingerprint(pem: string): string {
    return createHash("sha256").update(pem).digest("hex").slice(0, 16);
}

/** The certificate for clients of one namespace, as the ConfigMap key `ca.crt`. */
export function trustBundle(
    name: string,
    namespace: pulumi.Input<string>,
    certificate: pulumi.Input<string>,
    opts: pulumi.CustomResourceOptions,
): k8s.core.v1.ConfigMap {
    return new k8s.core.v1.ConfigMap(
        name,
        {
            metadata: { name: "elasticsearch-ca", namespace, labels: PART_OF },
            data: { "ca.crt": certificate },
        },
        opts,
    );
}
