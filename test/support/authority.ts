import { createServer, Server } from "node:https";
import type { RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

import { generate } from "selfsigned";

/** PEM texts of a private authority, and of a server's certificate by it. */
export interface PrivateAuthority {
    readonly ca: string;
    readonly cert: string;
    readonly key: string;
}

/** An authority of its own, such as a company's, which signs a certificate for 127.0.0.1. */
export async function privateAuthority(name: string): Promise<PrivateAuthority> {
    const root = await generate([{ name: "commonName", value: name }], {
        algorithm: "sha256",
        keyType: "ec",
        extensions: [
            { name: "basicConstraints", cA: true, critical: true },
            { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
        ],
    });
    const server = await generate([{ name: "commonName", value: `a service of ${name}` }], {
        algorithm: "sha256",
        keyType: "ec",
        ca: { key: root.private, cert: root.cert },
        extensions: [
            { name: "basicConstraints", cA: false },
            { name: "keyUsage", digitalSignature: true, critical: true },
            { name: "extKeyUsage", serverAuth: true },
            { name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] },
        ],
    });
    return { ca: root.cert, cert: server.cert, key: server.private };
}

/** A real TLS server on loopback. */
export async function tlsServer(
    { cert, key }: PrivateAuthority,
    listener: RequestListener,
): Promise<{ readonly url: string; readonly close: () => Promise<void>; readonly server: Server }> {
    const server = createServer({ cert, key }, listener);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    return {
        server,
        url: `https://127.0.0.1:${port}`,
        close: () => {
            server.closeAllConnections();
            return new Promise((resolve) => server.close(() => resolve()));
        },
    };
}
