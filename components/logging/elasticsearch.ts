import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { CertificateAuthority } from "../kubernetes/certificateAuthority";
import { PART_OF } from "../kubernetes/labels";
import { allowIngress, clusterUrl, ServiceEndpoint, Workload } from "../kubernetes/wiring";
import type { EckOperator } from "./eckOperator";
import type { UserName } from "./elasticsearchRoles";
import type { ElasticsearchSettings } from "./elasticsearchSettings";
import { ELASTICSEARCH, elasticsearchSpec, waitFor } from "./elasticsearchSpec";
import type { LogStore } from "./elasticsearchServer";
import { ElasticsearchUser, ElasticsearchUsers } from "./elasticsearchUsers";
import { SnapshotStore } from "./snapshotStore";
import { trustBundle } from "./trustBundle";

/** ECK's Secret with the password of the superuser `elastic`. */
export const ELASTIC_USER_SECRET = `${ELASTICSEARCH}-es-elastic-user`;
const HTTP_PORT = 9200;
const TRANSPORT_PORT = 9300;

export interface ElasticsearchArgs {
    readonly settings: ElasticsearchSettings;
    /** What the store of the snapshots asks for, by the keys of `SNAPSHOT_CREDENTIALS`; in a preview not yet all. Or the name of a Secret. */
    readonly snapshotCredentials: string | Readonly<Record<string, pulumi.Input<string>>>;
    readonly namespace: pulumi.Input<string>;
    readonly operator: EckOperator;
    /** Of volumes; empty for the cluster's default. */
    readonly storageClass: string;
    /** Wait in `pulumi up` until it is ready. */
    readonly waitForReady: boolean;
    /** Refuse to delete it and its snapshots' volume. */
    readonly protect: boolean;
}

/**
 * Elasticsearch through ECK, with TLS, users and roles. Needs the ECK operator. Deleting it leaves the volumes
 * (`DeleteOnScaledownOnly`) for as long as the namespace lives, and ECK's Secret of the user `elastic`.
 */
export class Elasticsearch extends pulumi.ComponentResource implements LogStore {
    /** `elasticsearch.<namespace>:9200`, over TLS. */
    public readonly endpoint: ServiceEndpoint;
    public readonly host: pulumi.Output<string>;
    public readonly port = HTTP_PORT;
    public readonly url: pulumi.Output<string>;
    /** Signs the certificates of Elasticsearch, and of servers beside it. */
    public readonly authority: CertificateAuthority;
    /** PEM that clients trust. */
    public readonly caCertificate: pulumi.Output<string>;
    /** Changes with the certificate, for the annotations of clients' pods. */
    public readonly caFingerprint: pulumi.Output<string>;
    /** ConfigMap of the namespace with `ca.crt`. */
    public readonly caConfigMap: pulumi.Output<string>;
    public readonly users: Readonly<Record<UserName, ElasticsearchUser>>;
    /** What Kibana refers to. */
    public readonly resource: k8s.apiextensions.CustomResource;
    public readonly ready: readonly pulumi.Resource[];

    constructor(name: string, args: ElasticsearchArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:Elasticsearch", name, {}, opts);
        const { settings, namespace, operator, storageClass, protect } = args;
        const child = { parent: this };
        const users = new ElasticsearchUsers(`${name}-users`, { namespace }, child);
        const authority = new CertificateAuthority(`${name}-ca`, child);
        this.users = users.users;
        this.authority = authority;
        this.caCertificate = authority.certificate;
        this.caFingerprint = authority.fingerprint;
        this.caConfigMap = trustBundle(
            `${name}-trust`,
            namespace,
            authority.certificate,
            child,
        ).metadata.name;

        const snapshots = new SnapshotStore(
            `${name}-snapshots`,
            {
                snapshots: settings.snapshots,
                credentials: args.snapshotCredentials,
                namespace,
                protect,
            },
            child,
        );
        const spec = elasticsearchSpec(settings, storageClass, {
            namespace,
            caSecret: authority.handOver(namespace, "elasticsearch-ca-key"),
            rolesSecret: users.rolesSecret,
            userSecrets: Object.values(users.users).map((user) => user.secret),
            ...snapshots.references,
        });
        this.resource = new k8s.apiextensions.CustomResource(
            `${name}-elasticsearch`,
            {
                apiVersion: "elasticsearch.k8s.elastic.co/v1",
                kind: "Elasticsearch",
                metadata: {
                    name: ELASTICSEARCH,
                    namespace,
                    labels: PART_OF,
                    // Not its health: one node with an index that wants a copy is yellow, and works.
                    ...waitFor(args.waitForReady, "{.status.phase}=Ready"),
                },
                spec,
            },
            // No value flows from the operator, which brings the kind and must outlive the resource.
            {
                parent: this,
                dependsOn: [operator.release],
                protect,
            },
        );

        this.ready = [this.resource];

        const workload: Workload = {
            namespace,
            podLabels: { "elasticsearch.k8s.elastic.co/cluster-name": ELASTICSEARCH },
        };
        const service = new k8s.core.v1.Service(
            `${name}-service`,
            {
                metadata: {
                    name: ELASTICSEARCH,
                    namespace,
                    labels: PART_OF,
                    // Elasticsearch makes its pods ready; the Service is there before, and there is nothing to wait for.
                    annotations: { "pulumi.com/skipAwait": "true" },
                },
                spec: {
                    selector: workload.podLabels,
                    ports: [{ name: "https", port: HTTP_PORT, targetPort: HTTP_PORT }],
                },
            },
            child,
        );
        this.endpoint = {
            workload,
            port: HTTP_PORT,
            service: service.metadata.name,
            servicePort: HTTP_PORT,
            scheme: "https",
        };
        this.host = pulumi.interpolate`${service.metadata.name}.${namespace}.svc`;
        this.url = clusterUrl(this.endpoint);
        allowIngress(
            "elasticsearch-nodes",
            { from: [workload], to: [this.endpoint, { workload, port: TRANSPORT_PORT }] },
            child,
        );
        allowIngress(
            "elastic-operator-to-elasticsearch",
            { from: [operator.workload], to: [this.endpoint] },
            child,
        );
        this.registerOutputs({ caCertificate: this.caCertificate });
    }
}
