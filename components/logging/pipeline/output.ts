import { STREAMS, StreamName } from "../logSchema";
import { megabytes, Plugin } from "./plugin";
import { RETRY_SECONDS } from "./service";

/** Elasticsearch's HTTPS endpoint. */
export interface OutputTarget {
    readonly host: string;
    readonly port: number;
}

/** Environment variables with the user of Elasticsearch, from its Secret. */
export const USER_ENV = { username: "ES_USERNAME", password: "ES_PASSWORD" } as const;

/**
 * Writes a stream into its data stream.
 *
 * The plug-in is `opensearch`, whose bulk requests are Elasticsearch's: docs/adr/0014-log-collection.md says why not `es`.
 */
export function elasticsearchOutput(
    stream: StreamName,
    target: OutputTarget,
    limits: {
        readonly caFile: string;
        readonly bufferBytes: number;
        readonly outageHours: number;
    },
): Plugin {
    return {
        name: "opensearch",
        alias: stream,
        match: `${stream}.*`,
        host: target.host,
        port: target.port,
        http_user: `\${${USER_ENV.username}}`,
        http_passwd: `\${${USER_ENV.password}}`,
        tls: true,
        "tls.verify": true,
        "tls.ca_file": limits.caFile,
        index: STREAMS[stream],
        // Elasticsearch 8 and later answer 400 to a type.
        suppress_type_name: true,
        logstash_format: false,
        // The only operation that data streams take; with an id, a retry finds what it wrote before.
        write_operation: "create",
        id_key: "id",
        time_key: "@timestamp",
        time_key_nanos: true,
        // Labels are flattened: their dots are no objects.
        replace_dots: false,
        // The default of 512 KB cuts a large bulk answer short, and the chunk is tried again and again.
        buffer_size: "false",
        compress: "gzip",
        trace_error: true,
        // Long enough for the outage and no longer: a chunk that is never taken must end, among the rejected ones.
        retry_limit: Math.ceil((limits.outageHours * 3600) / RETRY_SECONDS.least),
        "net.connect_timeout": "10s",
        "storage.total_limit_size": megabytes(limits.bufferBytes),
    };
}
