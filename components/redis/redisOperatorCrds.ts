import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { chartReference, ChartSource } from "../kubernetes/chartSource";
import { CHARTS } from "../versions";

/** A CustomResourceDefinition as the chart carries it. */
export interface CrdManifest {
    readonly metadata: { readonly name: string; readonly annotations?: Record<string, string> };
    readonly spec: k8s.types.input.apiextensions.v1.CustomResourceDefinitionSpec;
}

/** The CRDs of the chart, by name: they are declared before the chart is read. */
export const REDIS_CRDS = ["redis", "redisclusters", "redisreplications", "redissentinels"].map(
    (plural) => `${plural}.redis.redis.opstreelabs.in`,
);

export interface RedisOperatorCrdsArgs {
    /** From `readRedisOperatorCrds`, or from the state. */
    readonly manifests: Promise<readonly CrdManifest[]>;
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
        this.crds = REDIS_CRDS.map((crd) => {
            const manifest = pulumi
                .output(args.manifests)
                .apply((all) => all.find(({ metadata }) => metadata.name === crd));
            return new k8s.apiextensions.v1.CustomResourceDefinition(
                crd,
                {
                    metadata: manifest.apply((found) =>
                        takenOver(found?.metadata ?? { name: crd }),
                    ),
                    spec: manifest.apply(
                        // `readRedisOperatorCrds` refuses a chart without one of them.
                        (found) => (found as CrdManifest).spec,
                    ),
                },
                { parent: this, retainOnDelete: true, provider: args.retained },
            );
        });
        this.registerOutputs({});
    }
}

/**
 * A destroyed stack left them, or Helm did: whoever applied them before still owns their fields, and the next stack of the
 * cluster would be refused them.
 * https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/#handle-field-conflicts-on-existing-resources
 */
function takenOver<T extends { readonly annotations?: Readonly<Record<string, string>> }>(
    metadata: T,
): T & { annotations: Record<string, string> } {
    const annotations = { ...metadata.annotations, "pulumi.com/patchForce": "true" };
    return { ...metadata, annotations };
}

/**
 * Reads the CRDs out of the operator's chart, through the provider and its Helm client: the same chart sources as a
 * release has, and no cluster needed. Throws a `RunError` when the chart cannot be had, or when it has other CRDs than
 * those that are declared here.
 *
 * The texts for readers (`description`) are left out: they are three quarters of the CRDs and half of the state, and
 * the engine compares all of it with every preview. `kubectl explain` shows no texts then; docs/components/redis-operator.md
 * says where they are.
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
    const crds = result
        .filter(({ kind }) => kind === "CustomResourceDefinition")
        .map(({ metadata, spec }) => ({
            metadata: { name: metadata.name, ...withAnnotations(metadata.annotations) },
            spec: withoutDescriptions(spec) as CrdManifest["spec"],
        }));
    const found = crds.map(({ metadata }) => metadata.name).sort();
    if (found.join() !== [...REDIS_CRDS].sort().join()) {
        throw new pulumi.RunError(
            `charts.source: chart ${chart} ${version} has the CRDs ${found.join(", ")}, and this version of the program ` +
                `installs ${REDIS_CRDS.join(", ")}. Nothing was installed. Use the chart of the pinned version.`,
        );
    }
    return crds;
}

/** Values that a user may set, in which `description` is no text of the schema. */
const VALUES = ["default", "enum", "example"];

/** A schema of Kubernetes without its texts: https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/custom-resource-definition-v1/. */
export function withoutDescriptions(schema: unknown): unknown {
    if (Array.isArray(schema)) {
        return schema.map(withoutDescriptions);
    }
    if (typeof schema !== "object" || schema === null) {
        return schema;
    }
    return Object.fromEntries(
        Object.entries(schema)
            // A property of that name is a schema, and no text.
            .filter(([key, value]) => key !== "description" || typeof value !== "string")
            .map(([key, value]) => [
                key,
                VALUES.includes(key) ? (value as unknown) : withoutDescriptions(value),
            ]),
    );
}

function withAnnotations(annotations: Record<string, string> | undefined): {
    annotations?: Record<string, string>;
} {
    return annotations ? { annotations } : {};
}
