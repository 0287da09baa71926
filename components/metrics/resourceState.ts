import type { HelmValues } from "../kubernetes/helmRelease";

/** What kube-state-metrics exposes of some kinds of custom resources. */
export interface ResourceState {
    /** What it must read for that, by API group and plural. */
    readonly reads: readonly { readonly group: string; readonly resources: readonly string[] }[];
    /** The metrics of each kind, as `spec.resources` of CustomResourceStateMetrics has them. */
    readonly kinds: readonly object[];
}

/**
 * Values of kube-state-metrics that add metrics of custom resources to what it exposes.
 * https://github.com/kubernetes/kube-state-metrics/blob/main/docs/metrics/extend/customresourcestate-metrics.md
 */
export function resourceStateValues(states: readonly ResourceState[]): HelmValues {
    return {
        rbac: {
            extraRules: states
                .flatMap(({ reads }) => reads)
                .map(({ group, resources }) => ({
                    apiGroups: [group],
                    resources: [...resources],
                    verbs: ["list", "watch"],
                })),
        },
        customResourceState: {
            enabled: true,
            config: {
                kind: "CustomResourceStateMetrics",
                spec: { resources: states.flatMap(({ kinds }) => kinds) },
            },
        },
    };
}
