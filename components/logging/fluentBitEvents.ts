import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { ChartSource } from "../kubernetes/chartSource";
import { PART_OF } from "../kubernetes/labels";
import type { Scraper } from "../kubernetes/monitors";
import { bytes, larger } from "../settings/quantity";
import type { LogStore } from "./elasticsearchServer";
import type { ElasticsearchSetup } from "./elasticsearchSetup";
import { fluentBitRelease } from "./fluentBitRelease";
import type { FluentBitSettings } from "./fluentBitSettings";
import { eventsValues } from "./fluentBitValues";
import { eventsVolume, rejectedLimit, streamBytes } from "./logBuffer";
import { eventsPipeline } from "./pipeline/eventsPipeline";
import { PATHS } from "./pipeline/logFiles";
import { pipelineFile } from "./pipeline/pipeline";

const RELEASE = "fluent-bit-events";

export interface FluentBitEventsArgs {
    readonly settings: FluentBitSettings;
    readonly charts: ChartSource;
    /** Label of its series. */
    readonly environment: string;
    /** Of its volume; empty for the cluster's default. */
    readonly storageClass: string;
    /** Least that it makes a volume of. */
    readonly minimumVolumeSize?: string | undefined;
    readonly namespace: pulumi.Input<string>;
    readonly elasticsearch: LogStore;
    /** Makes the streams, which Fluent Bit may not. */
    readonly setup: ElasticsearchSetup;
    readonly scraper: Scraper;
    /** The Lua script of the common schema. */
    readonly script: string;
}

/**
 * One Fluent Bit that reads the cluster's events, which the API server forgets after an hour. Its volume, with the
 * chunks, goes with the component: the events are in Elasticsearch.
 */
export class FluentBitEvents extends pulumi.ComponentResource {
    constructor(name: string, args: FluentBitEventsArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:FluentBitEvents", name, {}, opts);
        const { settings, storageClass, namespace, elasticsearch, setup, scraper } = args;
        const size = larger(eventsVolume(settings), args.minimumVolumeSize);
        const claim = new k8s.core.v1.PersistentVolumeClaim(
            `${name}-state`,
            {
                metadata: {
                    name: RELEASE,
                    namespace,
                    labels: PART_OF,
                    // With WaitForFirstConsumer it is bound when the pod comes, which needs the claim first.
                    annotations: { "pulumi.com/skipAwait": "true" },
                },
                spec: {
                    accessModes: ["ReadWriteOnce"],
                    ...(storageClass ? { storageClassName: storageClass } : {}),
                    resources: { requests: { storage: size } },
                },
            },
            { parent: this },
        );
        fluentBitRelease(
            name,
            {
                charts: args.charts,
                environment: args.environment,
                namespace,
                elasticsearch,
                setup,
                scraper,
                release: RELEASE,
                values: (references, target) => {
                    const pipeline = eventsPipeline({
                        target,
                        paths: PATHS,
                        bufferBytes: streamBytes(settings, "events"),
                        rejectedLimit: rejectedLimit(bytes(size)),
                        outageHours: settings.outageHours,
                        listenAddress: settings.listenAddress,
                    });
                    const program = { file: pipelineFile(pipeline), script: args.script };
                    return claim.metadata.name.apply((claimName) =>
                        eventsValues(program, references, claimName),
                    );
                },
            },
            { parent: this },
        );
        this.registerOutputs({});
    }
}
