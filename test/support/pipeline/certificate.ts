import * as path from "node:path";

import { run } from "../../../lab/tools/commands";

/** PEM files: a self-signed certificate, which is its own authority. */
export interface Certificate {
    readonly certFile: string;
    readonly keyFile: string;
}

/** A certificate for a host, by the openssl on the PATH. */
export async function certificate(
    folder: string,
    name: string,
    host = "127.0.0.1",
): Promise<Certificate> {
    const certFile = path.join(folder, `${name}.crt`);
    const keyFile = path.join(folder, `${name}.key`);
    const subject = /^[\d.]+$/.test(host) ? `IP:${host}` : `DNS:${host}`;
    const kind = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    const names = ["-subj", `/CN=${name}`, "-addext", `subjectAltName=${subject}`];
    await run("openssl", [...kind, ...names, "-days", "2", "-keyout", keyFile, "-out", certFile]);
    return { certFile, keyFile };
}
