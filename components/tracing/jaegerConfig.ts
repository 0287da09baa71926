import { indexReplicas, shardsPerIndex } from "../logging/elasticsearchSettings";
import { days } from "../settings/duration";

/**
 * What both roles of Jaeger v2 have in common. Jaeger v2 is an OpenTelemetry Collector with storage.
 * https://www.jaegertracing.io/docs/2.20/deployment/configuration/
 */

export const PORTS = {
    otlpGrpc: 4317,
    otlpHttp: 4318,
    samplingHttp: 5778,
    samplingGrpc: 5779,
    queryHttp: 16686,
    queryGrpc: 16685,
    metrics: 8888,
    spanMetrics: 8889,
    health: 13133,
} as const;

/** Where the files of the ConfigMap are mounted. */
export const CONFIG_FOLDER = "/etc/jaeger";
export const CA_FILE = "/elasticsearch-ca/ca.crt";
/** Environment variable with the password of Elasticsearch, from its Secret. */
export const PASSWORD_ENV = "ES_PASSWORD";
/** The same with the account's name, where only the Secret has it. */
export const USERNAME_ENV = "ES_USERNAME";
/** Name of the storage within a configuration. */
export const STORAGE = "elasticsearch";

/** A request to Elasticsearch is sent at this size, in bytes; Elasticsearch advises 5 to 15 MB. */
const BULK_BYTES = 5_000_000;

export interface StorageArgs {
    readonly url: string;
    readonly username: string;
    /** Nodes of Elasticsearch: one node cannot hold a copy. */
    readonly nodes: number;
    /** `elasticsearch.dailyTraceVolume`: an index holds the spans of a day. */
    readonly dailyVolume: string;
    /** `retention.traces`: older spans are not searched, and the cleaner deletes their indices. */
    readonly retention: string;
}

/** Spans in daily indices `jaeger-*`. */
export function traceStorage(storage: StorageArgs): object {
    const { url, username, nodes, dailyVolume, retention } = storage;
    const replicas = indexReplicas(nodes);
    const small = { shards: 1, replicas };
    return {
        elasticsearch: {
            server_urls: [url],
            auth: { basic: { username, password: `\${env:${PASSWORD_ENV}}` } },
            tls: { ca_file: CA_FILE },
            max_span_age: `${days(retention) * 24}h`,
            bulk_processing: { max_bytes: BULK_BYTES, flush_interval: "1s", workers: 2 },
            indices: {
                spans: { shards: shardsPerIndex(dailyVolume), replicas },
                services: small,
                dependencies: small,
            },
        },
    };
}

/**
 * Listens on every address of the pod, of either IP family. Written out, `0.0.0.0` is the addresses of IPv4, and `[::]`
 * does not exist on a node whose kernel has no IPv6; Go takes neither as: what the machine has.
 */
export function everyAddress(port: number): string {
    return `:${port}`;
}

export function healthCheck(): object {
    return { healthcheckv2: { use_v2: true, http: { endpoint: everyAddress(PORTS.health) } } };
}

/** Jaeger's own metrics. The default listens on localhost, where Prometheus cannot scrape it. */
export function telemetry(): object {
    return {
        metrics: {
            level: "detailed",
            readers: [
                {
                    pull: {
                        exporter: {
                            prometheus: {
                                // Every address, as in `everyAddress`.
                                host: "",
                                port: PORTS.metrics,
                                // The collector leaves them out: `otelcol_receiver_accepted_spans` instead of the
                                // `..._total` that Prometheus' conventions and Jaeger's own dashboard have.
                                without_type_suffix: false,
                                without_units: false,
                            },
                        },
                    },
                },
            ],
        },
    };
}
