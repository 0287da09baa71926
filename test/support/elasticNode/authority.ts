import { webcrypto } from "node:crypto";

import * as x509 from "@peculiar/x509";

const KEY = { name: "ECDSA", namedCurve: "P-256" };
const SIGNATURE = { name: "ECDSA", hash: "SHA-256" };
const HOUR = 3_600_000;

/** A certificate and its key, as PEM. */
export interface Identity {
    readonly certificate: string;
    readonly key: string;
}

/** What the program asks its provider for: https://www.pulumi.com/registry/packages/tls/api-docs/selfsignedcert/. */
export interface AuthorityInputs {
    readonly isCaCertificate: boolean;
    readonly subject: { readonly commonName: string; readonly organization: string };
    readonly validityPeriodHours: number;
    readonly allowedUses: readonly string[];
}

/** An authority of the program, as the provider `tls` makes it: the inputs that it registers decide what it may sign. */
export class Authority {
    private constructor(
        private readonly inputs: AuthorityInputs,
        private readonly keys: CryptoKeyPair,
        public readonly certificate: string,
    ) {}

    static async of(inputs: AuthorityInputs): Promise<Authority> {
        const keys = await newKeys();
        const usages = inputs.allowedUses.reduce((sum, use) => sum | usage(use), 0);
        const certificate = await x509.X509CertificateGenerator.createSelfSigned(
            {
                name: nameOf(inputs),
                keys,
                notBefore: new Date(Date.now() - HOUR),
                notAfter: new Date(Date.now() + inputs.validityPeriodHours * HOUR),
                signingAlgorithm: SIGNATURE,
                extensions: [
                    new x509.BasicConstraintsExtension(inputs.isCaCertificate, undefined, true),
                    new x509.KeyUsagesExtension(usages, true),
                    await x509.SubjectKeyIdentifierExtension.create(
                        keys.publicKey,
                        false,
                        webcrypto as Crypto,
                    ),
                ],
            },
            webcrypto as Crypto,
        );
        return new Authority(inputs, keys, certificate.toString("pem"));
    }

    /** A server's certificate, as ECK signs them with the key that it is given. `hours`: until it ends. */
    async sign(names: readonly string[], hours = 24): Promise<Identity> {
        const keys = await newKeys();
        const now = Date.now();
        const certificate = await x509.X509CertificateGenerator.create(
            {
                subject: `CN=${names[0] ?? ""}`,
                issuer: nameOf(this.inputs),
                publicKey: keys.publicKey,
                signingKey: this.keys.privateKey,
                signingAlgorithm: SIGNATURE,
                notBefore: new Date(now - 48 * HOUR),
                notAfter: new Date(now + hours * HOUR),
                extensions: [
                    new x509.KeyUsagesExtension(
                        x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment,
                        true,
                    ),
                    new x509.ExtendedKeyUsageExtension([
                        x509.ExtendedKeyUsage.serverAuth,
                        x509.ExtendedKeyUsage.clientAuth,
                    ]),
                    new x509.SubjectAlternativeNameExtension(
                        names.map((value) => ({ type: "dns" as const, value })),
                    ),
                ],
            },
            webcrypto as Crypto,
        );
        return { certificate: certificate.toString("pem"), key: await pem(keys.privateKey) };
    }
}

function nameOf({ subject }: AuthorityInputs): string {
    return `CN=${subject.commonName}, O=${subject.organization}`;
}

function newKeys(): Promise<CryptoKeyPair> {
    return webcrypto.subtle.generateKey(KEY, true, ["sign", "verify"]);
}

function usage(name: string): number {
    switch (name) {
        case "cert_signing":
            return x509.KeyUsageFlags.keyCertSign;
        case "crl_signing":
            return x509.KeyUsageFlags.cRLSign;
        case "digital_signature":
            return x509.KeyUsageFlags.digitalSignature;
        default:
            throw new Error(`no key usage is known for ${name}`);
    }
}

async function pem(key: CryptoKey): Promise<string> {
    const der = await webcrypto.subtle.exportKey("pkcs8", key);
    return x509.PemConverter.encode(der, "PRIVATE KEY");
}
