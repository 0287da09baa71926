import * as pulumi from "@pulumi/pulumi";

import { mergedSpec } from "../kubernetes/customSpec";
import { LINUX_NODES } from "../kubernetes/scheduling";
import { ELASTIC_STACK_VERSION } from "../versions";
import { ElasticsearchSettings, NODE_SET } from "./elasticsearchSettings";
import { SNAPSHOT_FOLDER, snapshotNodeSettings } from "./setup/snapshotRepository";
import { trustStorePod } from "./trustStore";

/** Name of the cluster; ECK names its Services and Secrets by it. */
export const ELASTICSEARCH = "elasticsearch";

/** Names, which alone may be known later: what a changed setting does is told before anything is registered. */
export interface ElasticsearchReferences {
    readonly namespace: pulumi.Input<string>;
    readonly caSecret: pulumi.Input<string>;
    readonly rolesSecret: pulumi.Input<string>;
    readonly userSecrets: readonly pulumi.Input<string>[];
    /** Secret whose keys are settings of the keystore. */
    readonly keystoreSecret?: pulumi.Input<string>;
    /** Claim that every node mounts for snapshots. */
    readonly snapshotClaim?: pulumi.Input<string>;
    /** ConfigMap with the private authorities of the snapshots' store. */
    readonly trust?: { readonly configMap: pulumi.Input<string>; readonly hash: string };
}

/** https://www.elastic.co/docs/reference/cloud-on-k8s/api-docs#elasticsearch */
export function elasticsearchSpec(
    settings: ElasticsearchSettings,
    storageClass: string,
    references: ElasticsearchReferences,
): object {
    const { nodes, memory, storageSize, snapshots } = settings;
    const { namespace } = references;
    const own = {
        version: ELASTIC_STACK_VERSION,
        // The default deletes the data with the resource.
        volumeClaimDeletePolicy: "DeleteOnScaledownOnly",
        // ECK's own budget allows no disruption of a single node, which blocks every drain of its machine.
        ...(nodes === 1 ? { podDisruptionBudget: {} } : {}),
        http: {
            tls: {
                certificate: { secretName: references.caSecret },
                selfSignedCertificate: {
                    subjectAltNames: [
                        { dns: ELASTICSEARCH },
                        { dns: pulumi.interpolate`${ELASTICSEARCH}.${namespace}` },
                        { dns: pulumi.interpolate`${ELASTICSEARCH}.${namespace}.svc` },
                        {
                            dns: pulumi.interpolate`${ELASTICSEARCH}.${namespace}.svc.cluster.local`,
                        },
                    ],
                },
            },
        },
        auth: {
            roles: [{ secretName: references.rolesSecret }],
            fileRealm: references.userSecrets.map((secretName) => ({ secretName })),
        },
        ...(references.keystoreSecret
            ? { secureSettings: [{ secretName: references.keystoreSecret }] }
            : {}),
        nodeSets: [
            {
                name: NODE_SET,
                count: nodes,
                // Memory mapping needs a kernel setting (vm.max_map_count) that only a privileged container can change.
                config: {
                    "node.store.allow_mmap": false,
                    ...snapshotNodeSettings(snapshots),
                },
                podTemplate: podTemplate(memory, references),
                volumeClaimTemplates: [
                    {
                        // The name that ECK mounts; any other one would stay unused.
                        metadata: { name: "elasticsearch-data" },
                        spec: {
                            accessModes: ["ReadWriteOnce"],
                            ...(storageClass ? { storageClassName: storageClass } : {}),
                            resources: { requests: { storage: storageSize } },
                        },
                    },
                ],
            },
        ],
    };
    return mergedSpec(own, settings.spec ?? {}) as object;
}

const SNAPSHOTS = { name: "snapshots", mountPath: SNAPSHOT_FOLDER };

/** A node has the shared file system of its snapshots, or the authority of their store, or neither. */
function podTemplate(memory: string, references: ElasticsearchReferences): object {
    const { snapshotClaim: claimName } = references;
    const trust = references.trust && trustStorePod(references.trust);
    return {
        ...(trust ? { metadata: trust.metadata } : {}),
        spec: {
            nodeSelector: LINUX_NODES,
            ...(trust ? { initContainers: [trust.initContainer] } : {}),
            containers: [
                {
                    name: "elasticsearch",
                    resources: { requests: { cpu: "500m", memory }, limits: { memory } },
                    ...(claimName ? { volumeMounts: [SNAPSHOTS] } : {}),
                    ...trust?.container,
                },
            ],
            ...(claimName
                ? { volumes: [{ name: SNAPSHOTS.name, persistentVolumeClaim: { claimName } }] }
                : {}),
            ...(trust ? { volumes: trust.volumes } : {}),
        },
    };
}

/** The annotation that makes Pulumi wait for a status, or nothing. */
export function waitFor(
    wait: boolean,
    jsonPath: string,
): { annotations?: { "pulumi.com/waitFor": string } } {
    return wait ? { annotations: { "pulumi.com/waitFor": `jsonpath=${jsonPath}` } } : {};
}
