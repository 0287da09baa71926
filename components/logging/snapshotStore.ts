import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { PART_OF } from "../kubernetes/labels";
import { certificatesOf } from "../settings/scalars";
import { contentHash } from "../kubernetes/contentHash";
import type { ElasticsearchReferences } from "./elasticsearchSpec";
import { SNAPSHOT_CREDENTIALS, SnapshotSettings } from "./snapshotSettings";

export interface SnapshotStoreArgs {
    readonly snapshots: SnapshotSettings;
    /**
     * By the keys of `SNAPSHOT_CREDENTIALS`; in a preview some may not be set yet. Or the name of a Secret that has the
     * settings of the keystore.
     */
    readonly credentials: string | Readonly<Record<string, pulumi.Input<string>>>;
    readonly namespace: pulumi.Input<string>;
    readonly protect: boolean;
}

/** What Elasticsearch's nodes need for the snapshot repository: a Secret for the keystore, or a claim that all mount. */
export class SnapshotStore extends pulumi.ComponentResource {
    public readonly references: Pick<
        ElasticsearchReferences,
        "keystoreSecret" | "snapshotClaim" | "trust"
    >;

    constructor(name: string, args: SnapshotStoreArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:SnapshotStore", name, {}, opts);
        const { snapshots, credentials: values, namespace } = args;
        const credentials = Object.entries(SNAPSHOT_CREDENTIALS[snapshots.type]);
        if (credentials.length > 0) {
            const secret =
                typeof values === "string"
                    ? values
                    : new k8s.core.v1.Secret(
                          `${name}-credentials`,
                          {
                              metadata: {
                                  name: "elasticsearch-snapshots",
                                  namespace,
                                  labels: PART_OF,
                              },
                              stringData: Object.fromEntries(
                                  credentials.flatMap(([key, { keystore }]) => {
                                      const value = values[key];
                                      return value ? [[keystore, value]] : [];
                                  }),
                              ),
                          },
                          { parent: this },
                      ).metadata.name;
            const ca = snapshots.type === "s3" ? snapshots.ca : undefined;
            this.references = {
                keystoreSecret: secret,
                ...(ca ? { trust: authorities(name, namespace, ca, { parent: this }) } : {}),
            };
        } else if (snapshots.type === "sharedFileSystem") {
            const claim = new k8s.core.v1.PersistentVolumeClaim(
                `${name}-claim`,
                {
                    metadata: {
                        name: "elasticsearch-snapshots",
                        namespace,
                        labels: PART_OF,
                        // Many classes bind it when the first node mounts it, which is later.
                        annotations: { "pulumi.com/skipAwait": "true" },
                    },
                    spec: {
                        accessModes: ["ReadWriteMany"],
                        storageClassName: snapshots.storageClass,
                        resources: { requests: { storage: snapshots.storageSize } },
                    },
                },
                { parent: this, protect: args.protect },
            );
            this.references = { snapshotClaim: claim.metadata.name };
        } else {
            this.references = {};
        }
        this.registerOutputs({});
    }
}

/** One key for each certificate: keytool takes one of a file. */
function authorities(
    name: string,
    namespace: pulumi.Input<string>,
    pem: string,
    opts: pulumi.CustomResourceOptions,
): { readonly configMap: pulumi.Output<string>; readonly hash: string } {
    const certificates = certificatesOf(pem);
    const { metadata } = new k8s.core.v1.ConfigMap(
        `${name}-ca`,
        {
            metadata: { name: "elasticsearch-snapshots-ca", namespace, labels: PART_OF },
            data: Object.fromEntries(certificates.map((each, at) => [`ca-${at}.crt`, each])),
        },
        opts,
    );
    return { configMap: metadata.name, hash: contentHash(certificates.join("")) };
}
