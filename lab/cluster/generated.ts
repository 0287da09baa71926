import { createPublicKey, generateKeyPairSync, randomBytes } from "node:crypto";

import { generate } from "selfsigned";

import { textAt } from "../program/objects";
import { certificateRequest, signedCertificate } from "./certificates";

/** What the providers of `random` and `tls` make: real values, made once as a stack's state would keep them. */
export class GeneratedValues {
    private readonly values = new Map<string, Promise<Record<string, unknown>>>();

    /** From now on, what has such a name is made anew. */
    forget(name: RegExp): void {
        [...this.values.keys()]
            .filter((each) => name.test(each))
            .forEach((each) => this.values.delete(each));
    }

    /** The outputs of a resource, or undefined when its type makes none. */
    of(
        type: string,
        name: string,
        inputs: Readonly<Record<string, unknown>>,
    ): Promise<Record<string, unknown>> | undefined {
        const make = MAKERS[type];
        const known = this.values.get(name) ?? make?.(inputs);
        if (known) {
            this.values.set(name, known);
        }
        return known;
    }
}

type Maker = (inputs: Readonly<Record<string, unknown>>) => Promise<Record<string, unknown>>;

const MAKERS: Readonly<Record<string, Maker>> = {
    "random:index/randomPassword:RandomPassword": ({ length }) =>
        Promise.resolve({ result: randomBytes(64).toString("hex").slice(0, Number(length)) }),
    "tls:index/privateKey:PrivateKey": () => Promise.resolve({ privateKeyPem: privateKey() }),
    "tls:index/certRequest:CertRequest": async ({ privateKeyPem, subject, dnsNames }) => ({
        certRequestPem: await certificateRequest(
            String(privateKeyPem),
            textAt(subject, "commonName"),
            dnsNames as string[],
        ),
    }),
    "tls:index/locallySignedCert:LocallySignedCert": async (inputs) => ({
        certPem: await signedCertificate(
            textAt(inputs, "certRequestPem"),
            textAt(inputs, "caCertPem"),
            textAt(inputs, "caPrivateKeyPem"),
        ),
    }),
    "tls:index/selfSignedCert:SelfSignedCert": async ({ privateKeyPem }) => ({
        certPem: await certificate(String(privateKeyPem)),
    }),
};

/** A private key as PEM. */
export function privateKey(type: "pkcs1" | "pkcs8" = "pkcs8"): string {
    const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
    return pair.privateKey.export({ type, format: "pem" }).toString();
}

/** A self-signed certificate authority of a key. */
export async function certificate(privateKey: string): Promise<string> {
    const publicKey = createPublicKey(privateKey).export({ type: "spki", format: "pem" });
    const { cert } = await generate([{ name: "commonName", value: "elasticsearch-ca" }], {
        algorithm: "sha256",
        keyPair: { privateKey, publicKey: publicKey.toString() },
        extensions: [
            { name: "basicConstraints", cA: true, critical: true },
            { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
        ],
    });
    return cert;
}
