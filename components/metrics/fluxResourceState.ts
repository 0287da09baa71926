import type { HelmValues } from "../kubernetes/helmRelease";

/** Where a resource says what it runs, and which source that is from. */
const SOURCE = { revision: ["status", "artifact", "revision"] };
const APPLIED = {
    Kustomization: {
        revision: ["status", "lastAppliedRevision"],
        source: ["spec", "sourceRef", "name"],
    },
    // The newest release comes first.
    HelmRelease: {
        revision: ["status", "history", "0", "chartVersion"],
        source: ["spec", "chart", "spec", "sourceRef", "name"],
    },
};

/** Flux' kinds by API group, https://fluxcd.io/flux/components/, each with labels of its own. */
const KINDS: readonly {
    readonly group: string;
    readonly version: string;
    readonly kinds: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}[] = [
    {
        group: "kustomize.toolkit.fluxcd.io",
        version: "v1",
        kinds: { Kustomization: APPLIED.Kustomization },
    },
    {
        group: "helm.toolkit.fluxcd.io",
        version: "v2",
        kinds: { HelmRelease: APPLIED.HelmRelease },
    },
    {
        group: "source.toolkit.fluxcd.io",
        version: "v1",
        kinds: {
            GitRepository: SOURCE,
            OCIRepository: SOURCE,
            HelmRepository: SOURCE,
            Bucket: SOURCE,
        },
    },
];

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
                        Object.entries(kinds).map(([kind, own]) =>
                            resourceInfo({ group, version, kind }, own),
                        ),
                    ),
                },
            },
        },
    };
}

function resourceInfo(
    groupVersionKind: { group: string; version: string; kind: string },
    own: Readonly<Record<string, readonly string[]>>,
): object {
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
                    ...own,
                },
            },
        ],
    };
}
