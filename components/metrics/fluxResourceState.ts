import type { ResourceState } from "./resourceState";

/** Flux' kinds by API group, https://fluxcd.io/flux/components/, with the labels that each has beside its state. */
interface KindsOfGroup {
    readonly group: string;
    readonly version: string;
    readonly kinds: Readonly<Record<string, Paths>>;
}
type Paths = Readonly<Record<string, readonly string[]>>;

const ARTIFACT: Paths = { revision: ["status", "artifact", "revision"], url: ["spec", "url"] };

const APPLIED: readonly KindsOfGroup[] = [
    {
        group: "kustomize.toolkit.fluxcd.io",
        version: "v1",
        kinds: {
            Kustomization: {
                revision: ["status", "lastAppliedRevision"],
                source: ["spec", "sourceRef", "name"],
            },
        },
    },
    {
        group: "helm.toolkit.fluxcd.io",
        version: "v2",
        kinds: {
            HelmRelease: {
                revision: ["status", "history", "0", "chartVersion"],
                chart: ["status", "history", "0", "chartName"],
                version: ["status", "history", "0", "appVersion"],
                source: ["spec", "chart", "spec", "sourceRef", "name"],
            },
        },
    },
    {
        group: "source.toolkit.fluxcd.io",
        version: "v1",
        kinds: {
            GitRepository: ARTIFACT,
            OCIRepository: ARTIFACT,
            HelmRepository: ARTIFACT,
            Bucket: ARTIFACT,
        },
    },
];

/** What only `delivery.flux` asks for: each kind that is not installed is a request that fails, again and again. */
const OTHERS: readonly KindsOfGroup[] = [
    {
        group: "source.toolkit.fluxcd.io",
        version: "v1",
        kinds: {
            HelmChart: {
                revision: ["status", "artifact", "revision"],
                chart: ["spec", "chart"],
                version: ["spec", "version"],
                source: ["spec", "sourceRef", "name"],
            },
        },
    },
    {
        group: "notification.toolkit.fluxcd.io",
        version: "v1",
        kinds: { Receiver: {} },
    },
    {
        group: "notification.toolkit.fluxcd.io",
        version: "v1beta3",
        kinds: { Alert: {}, Provider: {} },
    },
    {
        group: "image.toolkit.fluxcd.io",
        version: "v1",
        kinds: {
            ImageRepository: { url: ["spec", "image"] },
            ImagePolicy: { source: ["spec", "imageRepositoryRef", "name"] },
            ImageUpdateAutomation: { source: ["spec", "sourceRef", "name"] },
        },
    },
];

/**
 * `gotk_resource_info`, a series of each of Flux' resources: Flux itself exports no state. In a cluster without Flux
 * there are no such resources and no series. `declared` adds the kinds that not every Flux has.
 */
export function fluxResourceState(declared: boolean): ResourceState {
    const groups = declared ? [...APPLIED, ...OTHERS] : APPLIED;
    return {
        reads: [...new Set(groups.map(({ group }) => group))].map((group) => ({
            group,
            resources: ["*"],
        })),
        kinds: groups.flatMap(({ group, version, kinds }) =>
            Object.entries(kinds).map(([kind, paths]) =>
                resourceState({ group, version, kind }, paths, declared),
            ),
        ),
    };
}

/** These have no state: https://fluxcd.io/flux/components/notification/api/v1beta3/. */
const STATELESS = ["Alert", "Provider"];
const NAMESPACE = { exported_namespace: ["metadata", "namespace"] };

function resourceState(
    groupVersionKind: { group: string; version: string; kind: string },
    paths: Paths,
    declared: boolean,
): object {
    const { kind } = groupVersionKind;
    return {
        groupVersionKind,
        metricNamePrefix: "gotk",
        metrics: [
            {
                name: "resource_info",
                // Kinds with the same help text are taken for one family, of which only the first is exposed.
                help: `State of a Flux ${kind}`,
                each: {
                    type: "Info",
                    info: { labelsFromPath: { name: ["metadata", "name"] } },
                },
                labelsFromPath: {
                    ...NAMESPACE,
                    ready: ["status", "conditions", "[type=Ready]", "status"],
                    stalled: ["status", "conditions", "[type=Stalled]", "status"],
                    // Of a HelmRelease: Flux went back to the release before.
                    remediated: ["status", "conditions", "[type=Remediated]", "status"],
                    suspended: ["spec", "suspend"],
                    ...paths,
                },
            },
            ...(declared && !STATELESS.includes(kind) ? [readyChanged(kind)] : []),
        ],
    };
}

/** When it last became ready or not, in seconds since 1970: kube-state-metrics reads the text of a time as that. */
function readyChanged(kind: string): object {
    return {
        name: "resource_ready_changed_timestamp_seconds",
        help: `When a Flux ${kind} last became ready, or not`,
        each: {
            type: "Gauge",
            gauge: {
                path: ["status", "conditions", "[type=Ready]", "lastTransitionTime"],
            },
        },
        labelsFromPath: { ...NAMESPACE, name: ["metadata", "name"] },
    };
}
