import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { contentHash } from "../kubernetes/contentHash";
import { PART_OF, selectorLabels, workloadLabels } from "../kubernetes/labels";
import { allowIngress, clusterUrl, Workload } from "../kubernetes/wiring";
import { IMAGES } from "../versions";
import type { LogStore } from "./elasticsearchServer";
import type { Kibana } from "./kibana";
import { programFiles } from "./programFiles";
import { programPod } from "./programPod";
import { savedObjects, TraceUrl } from "./savedObjects/savedObjects";
import { LogRetention, setupPlan } from "./setup/setupPlan";
import type { SnapshotSettings } from "./snapshotSettings";

const NAME = "elasticsearch-setup";
const COMPONENT = "setup";
/**
 * The program tries again for 25 minutes by itself; a pod that ends in failure is replaced three times, which is for
 * nodes that go. No `ttlSecondsAfterFinished`: an `up` after a refresh would make a Job anew that deleted itself. The
 * Job of an earlier payload is deleted when another one takes its place.
 */
const LIMITS = { backoffLimit: 3, activeDeadlineSeconds: 35 * 60 };

export interface ElasticsearchSetupArgs {
    /** Undefined where Elasticsearch is somebody else's, and so are its snapshots. */
    readonly snapshots: SnapshotSettings | undefined;
    readonly retention: LogRetention;
    /** Page of a trace by its id, where people can reach one. */
    readonly traceUrl: TraceUrl | undefined;
    /** Wait in `pulumi up` for the Job's result. */
    readonly waitForReady: boolean;
    readonly namespace: pulumi.Input<string>;
    readonly elasticsearch: LogStore;
    /** Undefined where it is off: its dashboards are left out. */
    readonly kibana: Kibana | undefined;
}

/**
 * Lifecycles, templates, streams, snapshots and dashboards, put into Elasticsearch and Kibana by a Job. Its name is the
 * hash of all that it does: a change makes another Job, and `up` ends with its result. Leaves what it put there.
 */
export class ElasticsearchSetup extends pulumi.ComponentResource {
    /** What writes to the streams depends on. */
    public readonly job: k8s.batch.v1.Job;

    constructor(
        name: string,
        args: ElasticsearchSetupArgs,
        opts?: pulumi.ComponentResourceOptions,
    ) {
        super("observability:index:ElasticsearchSetup", name, {}, opts);
        const { namespace, elasticsearch, kibana } = args;
        const workload: Workload = { namespace, podLabels: selectorLabels(NAME, COMPONENT) };
        const objects = kibana && savedObjects(args.traceUrl);
        const files = {
            ...programFiles("setup"),
            "plan.json": JSON.stringify(
                setupPlan(args.snapshots, args.retention, objects),
                undefined,
                2,
            ),
        };
        const physical = `${NAME}-${contentHash(JSON.stringify([files, IMAGES.node]), 10)}`;
        const metadata = { name: physical, namespace, labels: workloadLabels(NAME, COMPONENT) };
        const configMap = new k8s.core.v1.ConfigMap(
            `${name}-files`,
            { metadata, data: files, immutable: true },
            { parent: this },
        );
        const servers = { elasticsearch: elasticsearch.endpoint, kibana: kibana?.endpoint };
        const edges = Object.entries(servers).flatMap(([server, endpoint]) =>
            endpoint
                ? [
                      allowIngress(
                          `${NAME}-to-${server}`,
                          { from: [workload], to: [endpoint] },
                          { parent: this },
                      ),
                  ]
                : [],
        );
        this.job = new k8s.batch.v1.Job(
            `${name}-job`,
            {
                metadata: {
                    ...metadata,
                    ...(args.waitForReady
                        ? {}
                        : { annotations: { "pulumi.com/skipAwait": "true" } }),
                },
                spec: {
                    ...LIMITS,
                    template: programPod({
                        podLabels: { ...PART_OF, ...selectorLabels(NAME, COMPONENT) },
                        program: "setup",
                        configMap: configMap.metadata.name,
                        servers: {
                            elasticsearch: {
                                url: elasticsearch.url,
                                ca: { configMap: { name: elasticsearch.caConfigMap } },
                            },
                            ...(kibana
                                ? {
                                      kibana: {
                                          url: clusterUrl(kibana.endpoint),
                                          ca: { secret: { secretName: kibana.certificateSecret } },
                                      },
                                  }
                                : {}),
                        },
                        userSecret: elasticsearch.users.setup.secret,
                    }),
                },
            },
            {
                parent: this,
                // No value flows from these, without which it cannot end well.
                dependsOn: [...elasticsearch.ready, ...(kibana ? [kibana.resource] : []), ...edges],
                // Longer than the Job takes to give up.
                customTimeouts: { create: "40m" },
            },
        );
        this.registerOutputs({ job: this.job.metadata.name });
    }
}
