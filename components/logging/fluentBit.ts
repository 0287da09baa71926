import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { ChartSource } from "../kubernetes/chartSource";
import { PART_OF } from "../kubernetes/labels";
import type { Scraper } from "../kubernetes/monitors";
import { bytes } from "../settings/quantity";
import type { LogStore } from "./elasticsearchServer";
import type { ElasticsearchSetup } from "./elasticsearchSetup";
import { FluentBitEvents } from "./fluentBitEvents";
import { fluentBitRelease } from "./fluentBitRelease";
import type { FluentBitSettings } from "./fluentBitSettings";
import { nodeValues } from "./fluentBitValues";
import { nodeLimits, rejectedLimit } from "./logBuffer";
import { PATHS } from "./pipeline/logFiles";
import { nodePipeline, pipelineFile } from "./pipeline/pipeline";
import { logSchemaScript } from "./pipeline/script";

export interface FluentBitArgs {
    readonly settings: FluentBitSettings;
    readonly charts: ChartSource;
    readonly clusterName: string;
    /** The stack's own. */
    readonly environment: string;
    /** Environment of every namespace with Redis instances: this stack's own, and its tenants'. */
    readonly redisNamespaces: Readonly<Record<string, string>>;
    /** With a shell, for what runs before Fluent Bit on every node. */
    readonly shellImage: string;
    /** Of the volume for events; empty for the cluster's default. */
    readonly storageClass: string;
    /** Least that it makes a volume of. */
    readonly minimumVolumeSize?: string | undefined;
    readonly namespace: pulumi.Input<string>;
    /** Namespace of the Redis operator, whose logs are a stream of their own. */
    readonly operatorNamespace: pulumi.Input<string>;
    readonly elasticsearch: LogStore;
    /** Makes the streams, which Fluent Bit may not. */
    readonly setup: ElasticsearchSetup;
    readonly scraper: Scraper;
}

/**
 * Fluent Bit on every node: container logs to Elasticsearch, buffered on the node's disk; and, where events are
 * collected, one more for the cluster's events. Leaves positions and chunks in /var/lib/fluent-bit of each node.
 */
export class FluentBit extends pulumi.ComponentResource {
    constructor(name: string, args: FluentBitArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:FluentBit", name, {}, opts);
        const { settings, charts, environment, redisNamespaces } = args;
        const { namespace, elasticsearch, setup, scraper } = args;
        const script = logSchemaScript({
            cluster: args.clusterName,
            environment,
            environments: redisNamespaces,
        });
        const priority = nodePriority(`${name}-priority`, { parent: this });
        fluentBitRelease(
            name,
            {
                charts,
                environment,
                namespace,
                elasticsearch,
                setup,
                scraper,
                release: "fluent-bit",
                values: (references, target) =>
                    pulumi
                        .all([args.operatorNamespace, namespace, priority.metadata.name])
                        .apply(([operatorNamespace, ownNamespace, priorityClass]) => {
                            const pipeline = nodePipeline({
                                paths: PATHS,
                                sources: {
                                    ownNamespace,
                                    operatorNamespace,
                                    redisNamespaces,
                                },
                                target,
                                limits: nodeLimits(settings),
                                rejectedLimit: rejectedLimit(bytes(settings.bufferSize)),
                                outageHours: settings.outageHours,
                                listenAddress: settings.listenAddress,
                            });
                            return nodeValues(
                                { file: pipelineFile(pipeline), script },
                                { ...references, priorityClass, shellImage: args.shellImage },
                            );
                        }),
            },
            { parent: this },
        );
        if (settings.streams.events) {
            new FluentBitEvents(
                `${name}-events`,
                {
                    settings,
                    charts,
                    environment,
                    storageClass: args.storageClass,
                    minimumVolumeSize: args.minimumVolumeSize,
                    namespace,
                    elasticsearch,
                    setup,
                    scraper,
                    script,
                },
                { parent: this },
            );
        }
        this.registerOutputs({});
    }
}

/** The highest value that is not the system's: https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/#priorityclass. */
const HIGHEST_PRIORITY = 1_000_000_000;

/**
 * A node's Fluent Bit goes before what else may run there, since it can run nowhere else. The class is our own: GKE and
 * others admit `system-node-critical` outside kube-system only where a ResourceQuota allows it.
 */
function nodePriority(
    name: string,
    opts: pulumi.CustomResourceOptions,
): k8s.scheduling.v1.PriorityClass {
    return new k8s.scheduling.v1.PriorityClass(
        name,
        {
            metadata: { name: "observability-node", labels: PART_OF },
            value: HIGHEST_PRIORITY,
            globalDefault: false,
            description: "Of pods that can only run on their own node, such as a log collector.",
        },
        opts,
    );
}
