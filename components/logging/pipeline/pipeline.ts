import { stringify } from "yaml";

import type { StreamName } from "../logSchema";
import { LogFiles, logFiles, LogSources, PipelinePaths } from "./logFiles";
import { elasticsearchOutput, OutputTarget } from "./output";
import {
    KLOG_LINE,
    MultilineParser,
    Parser,
    REDIS_LINE,
    REDIS_REPORT,
    STACK_TRACES,
} from "./parsers";
import type { Plugin } from "./plugin";
import { SCRIPT_FILE } from "./script";
import { ListenAddress, serviceSection } from "./service";

/** The whole configuration, as Fluent Bit's YAML. */
export interface Pipeline {
    readonly service: Plugin;
    readonly parsers: readonly Parser[];
    readonly multiline_parsers: readonly MultilineParser[];
    readonly pipeline: {
        readonly inputs: readonly Plugin[];
        readonly filters: readonly Plugin[];
        readonly outputs: readonly Plugin[];
    };
}

export type NodeStream = Exclude<StreamName, "events">;

/** What the Fluent Bit of a node reads, and where it writes. */
export interface NodePipelineArgs {
    readonly sources: LogSources;
    readonly target: OutputTarget;
    readonly paths: PipelinePaths;
    /** Bytes of disk for each stream that is collected. */
    readonly limits: Readonly<Partial<Record<NodeStream, number>>>;
    /** Bytes of disk for rejected chunks. */
    readonly rejectedLimit: number;
    /** Hours for which a chunk is tried again. */
    readonly outageHours: number;
    readonly listenAddress?: ListenAddress;
}

/** The pipeline of each node: container log files to their data streams. */
export function nodePipeline(args: NodePipelineArgs): Pipeline {
    const { paths, limits } = args;
    const streams = Object.keys(limits) as NodeStream[];
    return {
        service: serviceSection(paths.state, args.rejectedLimit, args.listenAddress),
        parsers: [REDIS_LINE, KLOG_LINE],
        multiline_parsers: [REDIS_REPORT],
        pipeline: {
            inputs: streams.map((stream) =>
                tailInput(stream, logFiles(stream, args.sources, paths), paths),
            ),
            filters: streams.flatMap((stream) => filters(stream, paths)),
            outputs: streams.map((stream) =>
                elasticsearchOutput(stream, args.target, {
                    caFile: paths.caFile,
                    bufferBytes: limits[stream] ?? 0,
                    outageHours: args.outageHours,
                }),
            ),
        },
    };
}

/** The configuration file. */
export function pipelineFile(pipeline: Pipeline): string {
    return stringify(pipeline, { lineWidth: 0 });
}

/** Before the name of a container's file. */
function tagPrefix(stream: NodeStream, paths: PipelinePaths): string {
    return `${stream}${paths.logs.replaceAll("/", ".")}.`;
}

function tailInput(stream: NodeStream, files: LogFiles, paths: PipelinePaths): Plugin {
    return {
        name: "tail",
        alias: stream,
        // The same for a container's file wherever it stands.
        tag: `${tagPrefix(stream, paths)}<name>`,
        tag_regex: "(?<name>[^/]+)$",
        path: files.paths.join(","),
        ...(files.excluded.length > 0 ? { exclude_path: files.excluded.join(",") } : {}),
        // containerd's format; puts the parts of a long line together.
        "multiline.parser": "cri",
        // A part of a line is 16 KiB; the default buffer of 32 KiB is short of a long file name and two of them.
        buffer_max_size: "256k",
        skip_long_lines: "on",
        db: `${paths.state}/${stream}.db`,
        "db.locking": true,
        // Also the files that were there first: lines written while nobody read.
        read_from_head: true,
        refresh_interval: 5,
        rotate_wait: 30,
        // With the time it names a line for ever, so that one read or sent twice is one document.
        offset_key: "offset",
        "storage.type": "filesystem",
    };
}

const LANGUAGES: Readonly<Record<NodeStream, readonly string[]>> = {
    operator: ["go"],
    instance: [REDIS_REPORT.name],
    containers: STACK_TRACES,
};
const TEXT_PARSERS: Readonly<Record<NodeStream, string>> = {
    operator: KLOG_LINE.name,
    instance: REDIS_LINE.name,
    containers: KLOG_LINE.name,
};

function filters(stream: NodeStream, paths: PipelinePaths): Plugin[] {
    const match = `${stream}.*`;
    return [
        {
            name: "multiline",
            alias: `${stream}-multiline`,
            match,
            "multiline.key_content": "log",
            "multiline.parser": LANGUAGES[stream].join(", "),
            // The buffered mode keeps lines in memory that a restart loses.
            buffer: false,
        },
        {
            name: "kubernetes",
            alias: `${stream}-kubernetes`,
            match,
            // The tag is this prefix and the file's name: without it no pod is found.
            kube_tag_prefix: tagPrefix(stream, paths),
            merge_log: true,
            merge_log_key: "json",
            keep_log: false,
            labels: true,
            annotations: false,
            "k8s-logging.parser": false,
            "k8s-logging.exclude": true,
            // A pod with many annotations is more than the default of 32 KiB, and would have no metadata.
            buffer_size: "1M",
        },
        {
            name: "parser",
            alias: `${stream}-parser`,
            match,
            key_name: "log",
            parser: TEXT_PARSERS[stream],
            reserve_data: true,
            preserve_key: true,
        },
        schemaFilter(stream, paths),
    ];
}

/** Brings the records of a stream into the common schema. */
export function schemaFilter(stream: StreamName, paths: PipelinePaths): Plugin {
    return {
        name: "lua",
        alias: `${stream}-schema`,
        match: `${stream}.*`,
        script: `${paths.scripts}/${SCRIPT_FILE}`,
        call: stream,
        time_as_table: true,
    };
}
