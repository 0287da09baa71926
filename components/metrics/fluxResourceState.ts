import type { HelmValues } from "../kubernetes/helmRelease";

/** Flux' kinds by API group, https://fluxcd.io/flux/components/. */
const KINDS = [
    { group: "kustomize.toolkit.fluxcd.io", version: "v1", kinds: ["Kustomization"] },
    { group: "helm.toolkit.fluxcd.io", version: "v2", kinds: ["HelmRelease"] },
    {
        group: "source.toolkit.fluxcd.io",
        version: "v1",
        kinds: ["GitRepository", "OCIRepository", "HelmRepository", "Bucket"],
    },
] as const;

/**
 * Values of kube-state-metrics that add `gotk_resource_info` to what it exposes: Flux itself exports no state. In a
 * cluster without Flux there are no such resources and no series.
 * https://github.com/kubernetes/kube-state-metrics/blob/main/docs/metrics/extend/customresourcestate-metrics.md
 */
export function fluxResourceStateValues(): HelmValues {
    return {
        rbac: {
            extraRules: KINDS.map(({ group }) => ({
                apiGroups: [group],
                resources: ["*"],
                verbs: ["list", "watch"],
            })),
        },
        customResourceState: {
            enabled: true,
            config: {
                kind: "CustomResourceStateMetrics",
                spec: {
                    resources: KINDS.flatMap(({ group, version, kinds }) =>
                        kinds.map((kind) => resourceInfo({ group, version, kind })),
                    ),
                },
            },
        },
    };
}

function resourceInfo(groupVersionKind: { group: string; version: string; kind: string }): object {
    return {
        groupVersionKind,
        metricNamePrefix: "gotk",
        metrics: [
            {
                name: "resource_info",
                // Kinds with the same help text are taken for one family, of which only the first is exposed.
                help: `State of a Flux ${groupVersionKind.kind}`,
                each: {
                    type: "Info",
                    info: { labelsFromPath: { name: ["metadata", "name"] } },
                },
                labelsFromPath: {
                    exported_namespace: ["metadata", "namespace"],
                    ready: ["status", "conditions", "[type=Ready]", "status"],
                    stalled: ["status", "conditions", "[type=Stalled]", "status"],
                    // Of a HelmRelease: Flux went back to the release before.
                    remediated: ["status", "conditions", "[type=Remediated]", "status"],
                    suspended: ["spec", "suspend"],
                },
            },
        ],
    };
}
