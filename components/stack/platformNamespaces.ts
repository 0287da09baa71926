import * as pulumi from "@pulumi/pulumi";

import type { StackConfig } from "./config";
import { Namespace, NamespaceArgs } from "../kubernetes/namespace";
import { NAMESPACES } from "./namespaceNames";

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
    config: Pick<StackConfig, "dataProtection">,
    opts: pulumi.ComponentResourceOptions,
): PlatformNamespaces {
    const namespace = (key: PlatformNamespace) =>
        new Namespace(NAMESPACES[key], platformNamespaceArgs(key, config.dataProtection), opts);
    return {
        monitoring: namespace("monitoring"),
        nodeExporter: namespace("nodeExporter"),
        redisOperator: namespace("redisOperator"),
        elasticOperator: namespace("elasticOperator"),
        logging: namespace("logging"),
        tracing: namespace("tracing"),
    };
}

function platformNamespaceArgs(
    key: PlatformNamespace,
    protection: StackConfig["dataProtection"],
): NamespaceArgs {
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
}: StackConfig["dataProtection"]): Pick<NamespaceArgs, "protect" | "keep"> {
    return { protect, keep: keepVolumes };
}
