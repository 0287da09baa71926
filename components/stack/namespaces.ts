import * as pulumi from "@pulumi/pulumi";

import { Namespace, NamespaceArgs } from "../kubernetes/namespace";
import { NAMESPACES } from "./namespaceNames";
import type { DataProtection } from "./settings";

type PlatformNamespace = keyof typeof NAMESPACES;

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
};

export type PlatformNamespaces = Readonly<Record<PlatformNamespace, Namespace>>;

/** The namespaces of the platform, each with its Pod Security level. */
export function platformNamespaces(
    protection: DataProtection,
    opts: pulumi.ComponentResourceOptions,
): PlatformNamespaces {
    const namespace = (key: PlatformNamespace) =>
        new Namespace(NAMESPACES[key], platformNamespaceArgs(key, protection), opts);
    return {
        monitoring: namespace("monitoring"),
        nodeExporter: namespace("nodeExporter"),
        redisOperator: namespace("redisOperator"),
        elasticOperator: namespace("elasticOperator"),
        logging: namespace("logging"),
        tracing: namespace("tracing"),
    };
}

function platformNamespaceArgs(key: PlatformNamespace, protection: DataProtection): NamespaceArgs {
    const { holdsVolumes, privilegedBecause } = SETTINGS[key];
    return {
        namespace: NAMESPACES[key],
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
