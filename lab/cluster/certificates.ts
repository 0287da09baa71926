import { createPublicKey, createPrivateKey, webcrypto } from "node:crypto";

import * as x509 from "@peculiar/x509";

const RSA = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };

/** A request for a certificate of a key (PEM) for some DNS names, as PEM. */
export async function certificateRequest(
    privateKey: string,
    commonName: string,
    dnsNames: readonly string[],
): Promise<string> {
    const names = dnsNames.map((value) => ({ type: "dns" as const, value }));
    const request = await x509.Pkcs10CertificateRequestGenerator.create(
        {
            name: `CN=${commonName}`,
            keys: {
                privateKey: await signingKey(privateKey),
                publicKey: await publicKey(privateKey),
            },
            signingAlgorithm: RSA,
            extensions: [new x509.SubjectAlternativeNameExtension(names)],
        },
        webcrypto as Crypto,
    );
    return request.toString("pem");
}

/** The certificate that an authority, of a certificate and a key as PEM, gives for a request. */
export async function signedCertificate(
    requestPem: string,
    authorityPem: string,
    authorityKey: string,
): Promise<string> {
    const request = new x509.Pkcs10CertificateRequest(requestPem);
    const certificate = await x509.X509CertificateGenerator.create(
        {
            subject: request.subject,
            issuer: new x509.X509Certificate(authorityPem).subject,
            publicKey: request.publicKey,
            signingKey: await signingKey(authorityKey),
            signingAlgorithm: RSA,
            extensions: request.extensions,
        },
        webcrypto as Crypto,
    );
    return certificate.toString("pem");
}

function signingKey(pem: string): Promise<CryptoKey> {
    const der = createPrivateKey(pem).export({ type: "pkcs8", format: "der" });
    return webcrypto.subtle.importKey("pkcs8", der, RSA, false, ["sign"]);
}

function publicKey(pem: string): Promise<CryptoKey> {
    const der = createPublicKey(pem).export({ type: "spki", format: "der" });
    return webcrypto.subtle.importKey("spki", der, RSA, true, ["verify"]);
}
