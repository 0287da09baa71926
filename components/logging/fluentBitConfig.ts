import { section } from "./fluentBitSection";
import { StreamName, STREAMS } from "./logSchema";
import { redisLogFilters, redisLogParser } from "./redisLogParser";

/** What the pipeline reads, and where it writes. */
export interface PipelineArgs {
    readonly cluster: string;
    /** Environment of the platform itself: the operator's logs. */
    readonly environment: string;
    readonly operatorNamespace: string;
    /** Environment of each namespace with Redis instances, tenants' included. */
    readonly redisNamespaces: Readonly<Record<string, string>>;
    /** Also the logs of all other containers. */
    readonly allContainers: boolean;
    /** Disk that the chunks of one output may take, in Fluent Bit's notation: `5G`. */
    readonly bufferLimit: string;
    readonly elasticsearch: { readonly host: string; readonly port: number };
}

/** The sections of the chart's `config`, which it concatenates into fluent-bit.conf. */
export interface PipelineConfig {
    readonly service: string;
    readonly inputs: string;
    readonly filters: string;
    readonly outputs: string;
    readonly customParsers: string;
}

/** Own folder on the node: positions and chunks survive the pod. */
export const STATE_FOLDER = "/var/lib/fluent-bit";
export const CA_FOLDER = "/elasticsearch-ca";
/** Symlinks of the kubelet; the file name is `<pod>_<namespace>_<container>-<id>.log`. */
const LOG_FOLDER = "/var/log/containers";

/** Environment variables with the user of Elasticsearch, from its Secret. */
export const USER_ENV = { username: "ES_USERNAME", password: "ES_PASSWORD" } as const;

/** The pipeline. https://docs.fluentbit.io/manual/administration/configuring-fluent-bit/classic-mode/configuration-file */
export function fluentBitConfig(args: PipelineArgs): PipelineConfig {
    const streams = logStreams(args);
    return {
        service: section("SERVICE", {
            Daemon: "Off",
            Flush: 1,
            Log_Level: "info",
            Parsers_File: [
                "/fluent-bit/etc/parsers.conf",
                "/fluent-bit/etc/conf/custom_parsers.conf",
            ],
            HTTP_Server: "On",
            HTTP_Listen: "0.0.0.0",
            HTTP_Port: 2020,
            Health_Check: "On",
            "storage.path": `${STATE_FOLDER}/chunks`,
            "storage.sync": "normal",
            "storage.metrics": "On",
            "storage.max_chunks_up": 128,
            "storage.backlog.mem_limit": "16M",
            // Seconds; the default backs off up to 2000 s, in which a recovered Elasticsearch gets nothing.
            "scheduler.cap": 60,
        }),
        inputs: streams.map(tailInput).join("\n"),
        filters: [
            ...streams.flatMap((stream) => streamFilters(stream, args)),
            ...redisLogFilters(),
        ].join("\n"),
        outputs: outputs(args).join("\n"),
        customParsers: redisLogParser(),
    };
}

interface LogStream {
    /** First part of the tag; the file's path follows. */
    readonly tag: string;
    readonly kind: Exclude<StreamName, "events">;
    readonly environment: string;
    readonly paths: readonly string[];
    readonly exclude: readonly string[];
}

function logStreams(args: PipelineArgs): LogStream[] {
    const namespaces = Object.entries(args.redisNamespaces);
    const environments = [...new Set(namespaces.map(([, environment]) => environment))].sort();
    const operatorFiles = `${LOG_FOLDER}/*_${args.operatorNamespace}_*.log`;
    const exporterFiles = `${LOG_FOLDER}/*_redis-exporter-*.log`;
    return [
        {
            tag: "redis.operator",
            kind: "operator",
            environment: args.environment,
            paths: [operatorFiles],
            exclude: [],
        },
        ...environments.map((environment): LogStream => ({
            tag: `redis.instance.${environment}`,
            kind: "instance",
            environment,
            paths: namespaces
                .filter(([, other]) => other === environment)
                .map(([namespace]) => `${LOG_FOLDER}/*_${namespace}_*.log`),
            exclude: [exporterFiles],
        })),
        ...(args.allContainers
            ? [
                  {
                      tag: "container",
                      kind: "containers",
                      environment: args.environment,
                      paths: [`${LOG_FOLDER}/*.log`],
                      // Its own errors about a full Elasticsearch would fill Elasticsearch.
                      exclude: [operatorFiles, `${LOG_FOLDER}/fluent-bit-*.log`],
                  } as const,
              ]
            : []),
    ];
}

function tailInput(stream: LogStream): string {
    return section("INPUT", {
        Name: "tail",
        Alias: stream.tag,
        Tag: `${stream.tag}.*`,
        Path: stream.paths.join(","),
        ...(stream.exclude.length > 0 ? { Exclude_Path: stream.exclude.join(",") } : {}),
        "multiline.parser": "cri",
        DB: `${STATE_FOLDER}/${stream.tag}.db`,
        "DB.locking": "true",
        "storage.type": "filesystem",
        Mem_Buf_Limit: "32M",
        Skip_Long_Lines: "On",
        Refresh_Interval: 5,
        Rotate_Wait: 30,
    });
}

function streamFilters(stream: LogStream, args: PipelineArgs): string[] {
    const match = `${stream.tag}.*`;
    return [
        section("FILTER", {
            Name: "kubernetes",
            Match: match,
            // The tag is this prefix and the file's path with dots: without it no pod is found.
            Kube_Tag_Prefix: `${stream.tag}.var.log.containers.`,
            Merge_Log: "On",
            Keep_Log: "Off",
            Labels: "On",
            Annotations: "Off",
            "K8S-Logging.Parser": "Off",
            "K8S-Logging.Exclude": "On",
        }),
        ...redisOnly(stream, match),
        section("FILTER", {
            Name: "modify",
            Match: match,
            Add: [`cluster ${args.cluster}`, `environment ${stream.environment}`],
        }),
    ];
}

/** A Redis namespace may hold other pods; those are the other stream's. */
function redisOnly(stream: LogStream, match: string): string[] {
    const label = "$kubernetes['labels']['redis_setup_type']";
    switch (stream.kind) {
        case "instance":
            return [section("FILTER", { Name: "grep", Match: match, Regex: `${label} .+` })];
        case "containers":
            return [section("FILTER", { Name: "grep", Match: match, Exclude: `${label} .+` })];
        case "operator":
            return [];
    }
}

function outputs(args: PipelineArgs): string[] {
    const output = (alias: string, match: string, index: string) =>
        section("OUTPUT", {
            Name: "es",
            Alias: alias,
            Match: match,
            Host: args.elasticsearch.host,
            Port: args.elasticsearch.port,
            HTTP_User: `\${${USER_ENV.username}}`,
            HTTP_Passwd: `\${${USER_ENV.password}}`,
            tls: "On",
            "tls.verify": "On",
            "tls.ca_file": `${CA_FOLDER}/ca.crt`,
            Index: index,
            // Elasticsearch 8 and later answer 400 to a type.
            Suppress_Type_Name: "On",
            Logstash_Format: "Off",
            Write_Operation: "create",
            // The same line twice is the same document: a retry writes nothing twice.
            Generate_ID: "On",
            Time_Key_Nanos: "On",
            Replace_Dots: "On",
            // The default of 512 KB cuts a large bulk answer short, and the chunk is retried for ever.
            Buffer_Size: "False",
            Compress: "gzip",
            Trace_Error: "On",
            Retry_Limit: "no_limits",
            "storage.total_limit_size": args.bufferLimit,
        });
    return [
        output("operator", "redis.operator.*", STREAMS.operator),
        output("instance", "redis.instance.*", STREAMS.instance),
        ...(args.allContainers ? [output("containers", "container.*", STREAMS.containers)] : []),
    ];
}
