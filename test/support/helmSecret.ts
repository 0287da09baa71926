import { gzipSync } from "node:zlib";

export interface HelmSecret {
    readonly metadata: {
        readonly name: string;
        readonly namespace: string;
        readonly labels: Record<string, string>;
    };
    readonly data: Record<string, string>;
}

/** A Secret of the release `eck` as Helm 3 writes it; `mark` is the stack in its values, `age` in seconds. */
export function helmSecret(
    revision: number,
    status: string,
    mark?: string,
    age = 3600,
): HelmSecret {
    const config = mark ? { global: { observability: { stack: mark } } } : {};
    const release = { config, chart: { metadata: { name: "eck-operator" } } };
    const packed = gzipSync(JSON.stringify(release)).toString("base64");
    return {
        metadata: {
            name: `sh.helm.release.v1.eck.v${revision}`,
            namespace: "elastic-system",
            labels: {
                owner: "helm",
                name: "eck",
                version: String(revision),
                status,
                modifiedAt: String(Math.floor(Date.now() / 1000) - age),
            },
        },
        data: { release: Buffer.from(packed).toString("base64") },
    };
}
