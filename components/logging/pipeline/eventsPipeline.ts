import type { PipelinePaths } from "./logFiles";
import { elasticsearchOutput, OutputTarget } from "./output";
import { Pipeline, schemaFilter } from "./pipeline";
import { ListenAddress, serviceSection } from "./service";

export interface EventsPipelineArgs {
    readonly target: OutputTarget;
    readonly paths: PipelinePaths;
    readonly bufferBytes: number;
    readonly rejectedLimit: number;
    readonly outageHours: number;
    readonly listenAddress?: ListenAddress;
}

/** The pipeline of the one Fluent Bit that reads the cluster's events from its API. */
export function eventsPipeline(args: EventsPipelineArgs): Pipeline {
    const { paths } = args;
    return {
        service: serviceSection(paths.state, args.rejectedLimit, args.listenAddress),
        parsers: [],
        multiline_parsers: [],
        pipeline: {
            inputs: [
                {
                    name: "kubernetes_events",
                    alias: "events",
                    tag: "events.cluster",
                    // No database: it knows events by uid, and would skip each repetition, which keeps the uid. After a
                    // restart all are read again, and those that are there are known by their id.
                    interval_sec: 5,
                    kube_request_limit: 500,
                    "storage.type": "filesystem",
                },
            ],
            filters: [schemaFilter("events", paths)],
            outputs: [
                elasticsearchOutput("events", args.target, {
                    caFile: paths.caFile,
                    bufferBytes: args.bufferBytes,
                    outageHours: args.outageHours,
                }),
            ],
        },
    };
}
