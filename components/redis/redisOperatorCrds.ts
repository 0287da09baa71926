import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { chartReference, ChartSource } from "../kubernetes/chartSource";
import { CHARTS } from "../versions";

/** A CustomResourceDefinition as the chart carries it. */
export interface CrdManifest {
    readonly metadata: { readonly name: string; readonly annotations?: Record<string, string> };
    readonly spec: k8s.types.input.apiextensions.v1.CustomResourceDefinitionSpec;
}

export interface RedisOperatorCrdsArgs {
    /** From `readRedisOperatorCrds`. */
    readonly manifests: readonly CrdManifest[];
    /** Takes over the CRDs that an earlier stack left. */
    readonly retained: pulumi.ProviderResource;
}

/**
 * The CRDs of the Redis operator, from its chart at the pinned version. Helm installs the ones in a chart's crds/
 * folder once and never again, so they are resources here: a new chart version upgrades them before its operator.
 * Destroying the stack leaves them: deleting a CRD deletes every Redis of the cluster.
 */
export class RedisOperatorCrds extends pulumi.ComponentResource {
    /** What the operator and its custom resources depend on. */
    public readonly crds: readonly k8s.apiextensions.v1.CustomResourceDefinition[];

    constructor(name: string, args: RedisOperatorCrdsArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:RedisOperatorCrds", name, {}, opts);
        this.crds = args.manifests.map(
            ({ metadata, spec }) =>
                new k8s.apiextensions.v1.CustomResourceDefinition(
                    metadata.name,
                    { metadata, spec },
                    { parent: this, retainOnDelete: true, provider: args.retained },
                ),
        );
        this.registerOutputs({});
    }
}

/**
 * Reads the CRDs out of the operator's chart, through the provider and its Helm client: the same chart sources as a
 * release has, and no cluster needed. Throws a `RunError` when the chart cannot be had; it is the first thing that a program does with charts, so that an
 * unreachable source ends it before anything is registered.
 */
export async function readRedisOperatorCrds(
    source: ChartSource,
    provider: k8s.Provider,
): Promise<CrdManifest[]> {
    const { chart, version, repositoryOpts } = chartReference(source, CHARTS.redisOperator);
    const local =
        source.kind === "folder"
            ? { path: source.folder, chart: chart.slice(source.folder.length + 1) }
            : { chart };
    const jsonOpts = JSON.stringify({
        ...local,
        version,
        release_name: "crds",
        ...(repositoryOpts ? { fetch_opts: { repo: repositoryOpts.repo } } : {}),
    });
    // The function behind helm.v3.Chart; called directly, since a Chart would register what it renders.
    const { result } = await pulumi.runtime
        .invoke("kubernetes:helm:template", { jsonOpts }, { provider, async: true })
        .then((answer) => answer as { result: (CrdManifest & { kind: string })[] })
        .catch((error: Error) => {
            throw new pulumi.RunError(
                `charts.source: chart ${chart} ${version} cannot be had: ${error.message}\n` +
                    "Nothing was installed. Check the network, or set charts.source to a mirror's URL or a folder of archives.",
            );
        });
    return result
        .filter(({ kind }) => kind === "CustomResourceDefinition")
        .map(({ metadata, spec }) => ({
            metadata: { name: metadata.name, ...withAnnotations(metadata.annotations) },
            spec,
        }));
}

function withAnnotations(annotations: Record<string, string> | undefined): {
    annotations?: Record<string, string>;
} {
    return annotations ? { annotations } : {};
}
