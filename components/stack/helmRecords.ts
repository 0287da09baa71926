import { gunzipSync } from "node:zlib";

import type { V1Secret } from "@kubernetes/client-node" with { "resolution-mode": "import" };

import { markOfValues } from "./ownership";

/** A revision of a Helm release, as Helm keeps it in a Secret of the release's namespace. */
export interface HelmRecord {
    readonly secret: string;
    readonly namespace: string;
    readonly release: string;
    readonly revision: number;
    /** https://pkg.go.dev/helm.sh/helm/v3/pkg/release#Status */
    readonly status: string;
    /** Seconds since 1970 of the revision's last change; undefined when Helm does not say. */
    readonly changedAt: number | undefined;
    /** The chart's name. */
    readonly chart: string | undefined;
    /** The stack whose release it is: its full name; undefined when no stack of this program made it. */
    readonly mark: string | undefined;
}

/** Reads Helm's Secrets, the latest revision first. Throws when one is not what Helm writes. */
export function helmRecords(secrets: readonly V1Secret[]): HelmRecord[] {
    return secrets
        .map(({ metadata, data }) => {
            const labels = metadata?.labels ?? {};
            const { config, chart } = decoded(data?.release);
            return {
                secret: metadata?.name ?? "",
                namespace: metadata?.namespace ?? "",
                release: labels.name ?? "",
                revision: Number(labels.version),
                status: labels.status ?? "",
                changedAt: Number(labels.modifiedAt ?? labels.createdAt) || undefined,
                chart: chart?.metadata?.name,
                mark: markOfValues(config),
            };
        })
        .sort((one, other) => other.revision - one.revision);
}

/** Whether an operation of Helm began and did not end, so that Helm refuses the next one. */
export function isPending({ status }: HelmRecord): boolean {
    return status.startsWith("pending-");
}

export function describeRecord({ namespace, release, revision, status }: HelmRecord): string {
    return `Helm release ${namespace}/${release}, revision ${revision}, ${status}`;
}

/** Helm's own base64 of a gzip of JSON, in the base64 of a Secret. */
function decoded(data: string | undefined): {
    readonly config?: unknown;
    readonly chart?: { readonly metadata?: { readonly name?: string } };
} {
    if (data === undefined) {
        return {};
    }
    const packed = Buffer.from(Buffer.from(data, "base64").toString(), "base64");
    return JSON.parse(gunzipSync(packed).toString()) as ReturnType<typeof decoded>;
}
