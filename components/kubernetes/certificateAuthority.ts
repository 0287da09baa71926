import { createHash } from "node:crypto";

import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

import { PART_OF } from "./labels";

export interface CertificateAuthorityArgs {
    readonly namespace: pulumi.Input<string>;
    /** Name of the Secret with `ca.crt` and `ca.key`, for an authority that signs in the cluster too. */
    readonly secretName?: string;
}

/** Of the authority and what it signs: ten years, renewed by an `up` in the last one. */
const VALIDITY = { validityPeriodHours: 10 * 365 * 24, earlyRenewalHours: 365 * 24 };

export interface ServerCertificateArgs {
    readonly namespace: pulumi.Input<string>;
    /** Name of the Secret, of the type `kubernetes.io/tls`. */
    readonly secretName: string;
    /** The Service, by every name of which pods may call it. */
    readonly service: pulumi.Input<string>;
    /** Further Services of the same pods, or of others that share the certificate. */
    readonly services?: readonly string[];
    /** Whether servers show it to one another as clients too; then `ca.crt` stands beside it. */
    readonly mutual?: true;
}

/** A certificate of our authority for a server, and the Secret that holds it. */
export interface ServerCertificate {
    readonly secret: pulumi.Output<string>;
    /** Changes with the certificate. */
    readonly fingerprint: pulumi.Output<string>;
    /** PEM. */
    readonly certificate: pulumi.Output<string>;
    readonly key: pulumi.Output<string>;
}

/**
 * A certificate authority of our own. Of Elasticsearch, ECK signs with it: ECK's own one lives a year, and copies of it in
 * other namespaces go stale silently; this one is known before Elasticsearch exists.
 */
export class CertificateAuthority extends pulumi.ComponentResource {
    /** PEM, what clients trust. */
    public readonly certificate: pulumi.Output<string>;
    /** Changes with the certificate: on the pods of a client it restarts them. */
    public readonly fingerprint: pulumi.Output<string>;
    private readonly keyPem: pulumi.Output<string>;
    private readonly secretName: pulumi.Output<string> | undefined;

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
        this.secretName =
            args.secretName === undefined
                ? undefined
                : new k8s.core.v1.Secret(
                      `${name}-secret`,
                      {
                          metadata: {
                              name: args.secretName,
                              namespace: args.namespace,
                              labels: PART_OF,
                          },
                          stringData: {
                              "ca.crt": authority.certPem,
                              "ca.key": key.privateKeyPem,
                          },
                      },
                      child,
                  ).metadata.name;
        this.registerOutputs({ secret: this.secretName, certificate: this.certificate });
    }

    /** Name of its Secret. Throws where it has none. */
    get secret(): pulumi.Output<string> {
        if (this.secretName === undefined) {
            throw new Error("nobody signs with this authority in the cluster: it has no Secret");
        }
        return this.secretName;
    }

    /** Signs a certificate for the Service of a workload of ours. */
    issue(
        name: string,
        { namespace, secretName, service, services = [], mutual }: ServerCertificateArgs,
        opts: pulumi.CustomResourceOptions,
    ): ServerCertificate {
        const key = new tls.PrivateKey(
            `${name}-key`,
            { algorithm: "ECDSA", ecdsaCurve: "P256" },
            opts,
        );
        const host = pulumi.interpolate`${service}.${namespace}`;
        const names = [service, ...services].flatMap((each) => {
            const within = pulumi.interpolate`${each}.${namespace}`;
            return [
                each,
                within,
                pulumi.interpolate`${within}.svc`,
                pulumi.interpolate`${within}.svc.cluster.local`,
            ];
        });
        const request = new tls.CertRequest(
            `${name}-request`,
            {
                privateKeyPem: key.privateKeyPem,
                subject: { commonName: host, organization: "observability" },
                dnsNames: names,
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
                allowedUses: [
                    "digital_signature",
                    "server_auth",
                    ...(mutual ? ["client_auth"] : []),
                ],
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
                    ...(mutual ? { "ca.crt": this.certificate } : {}),
                },
            },
            opts,
        );
        return {
            secret: secret.metadata.name,
            fingerprint: certificate.certPem.apply(fingerprint),
            certificate: certificate.certPem,
            key: key.privateKeyPem,
        };
    }
}

function fingerprint(pem: string): string {
    return createHash("sha256").update(pem).digest("hex").slice(0, 16);
}
