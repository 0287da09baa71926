import * as pulumi from "@pulumi/pulumi";

import { Namespace, NamespaceArgs } from "../kubernetes/namespace";
import type { NamespaceNames } from "./namespaceNames";
import type { DataProtection } from "./settings";

type PlatformNamespace = keyof NamespaceNames;

/** Which namespaces hold volumes, and which cannot be `restricted`. */
const SETTINGS: Readonly<
    Record<PlatformNamespace, { readonly holdsVolumes?: true; readonly privilegedBecause?: string }>
> = {
    monitoring: { holdsVolumes: true },
    nodeExporter: {
        privilegedBecause: "node-exporter reads the host's network, processes and file systems",
    },
    redisOperator: {},
    elasticOperator: {},
    logging: {
        holdsVolumes: true,
        privilegedBecause: "Fluent Bit reads the node's log files and keeps its buffer on the node",
    },
    tracing: {},
    autoscaling: {},
};

/** A namespace of the platform, made when the first part asks for it. */
export type PlatformNamespaces = (key: PlatformNamespace) => Namespace;

/** The namespaces of the platform, each with its Pod Security level; of parts that are off, none. */
export function platformNamespaces(
    names: NamespaceNames,
    protection: DataProtection,
    opts: pulumi.ComponentResourceOptions,
): PlatformNamespaces {
    const made = new Map<PlatformNamespace, Namespace>();
    return (key) => {
        const namespace =
            made.get(key) ??
            new Namespace(names[key], platformNamespaceArgs(key, names, protection), opts);
        made.set(key, namespace);
        return namespace;
    };
}

function platformNamespaceArgs(
    key: PlatformNamespace,
    names: NamespaceNames,
    protection: DataProtection,
): NamespaceArgs {
    const { holdsVolumes, privilegedBecause } = SETTINGS[key];
    return {
        namespace: names[key],
        podSecurity: privilegedBecause ? "privileged" : "restricted",
        ...(privilegedBecause ? { exceptionReason: privilegedBecause } : {}),
        ...(holdsVolumes ? volumeProtection(protection) : {}),
    };
}

/** How a namespace with volumes is protected: deleting it would delete them. */
export function volumeProtection({
    protect,
    keepVolumes,
}: DataProtection): Pick<NamespaceArgs, "protect" | "keep"> {
    return { protect, keep: keepVolumes };
}
