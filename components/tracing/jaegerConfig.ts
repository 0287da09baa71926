import { indexReplicas } from "../config/capacity";
import { days } from "../common/duration";

/**
 * Configurations of Jaeger v2, which is an OpenTelemetry Collector with storage.
 * https://www.jaegertracing.io/docs/2.19/deployment/configuration/
 */

export const PORTS = {
    otlpGrpc: 4317,
    otlpHttp: 4318,
    queryHttp: 16686,
    queryGrpc: 16685,
    metrics: 8888,
    health: 13133,
} as const;

export const CA_FILE = "/elasticsearch-ca/ca.crt";
/** Environment variable with the password of Elasticsearch, from its Secret. */
export const PASSWORD_ENV = "ES_PASSWORD";
const STORAGE = "elasticsearch";

export interface StorageArgs {
    readonly url: string;
    readonly username: string;
    /** Nodes of Elasticsearch: one node cannot hold a copy. */
    readonly nodes: number;
    /** `retention.traces`: older spans are not searched, and the cleaner deletes their indices. */
    readonly retention: string;
}

/** Takes OTLP and writes to Elasticsearch. */
export function collectorConfig(storage: StorageArgs, environment: Attributes): object {
    return {
        service: {
            extensions: ["jaeger_storage", "healthcheckv2"],
            pipelines: {
                traces: {
                    receivers: ["otlp"],
                    processors: ["memory_limiter", "attributes", "batch"],
                    exporters: ["jaeger_storage_exporter"],
                },
            },
            telemetry: telemetry(),
        },
        extensions: { ...healthCheck(), ...jaegerStorage(storage) },
        receivers: {
            otlp: {
                protocols: {
                    grpc: { endpoint: `0.0.0.0:${PORTS.otlpGrpc}` },
                    http: { endpoint: `0.0.0.0:${PORTS.otlpHttp}` },
                },
            },
        },
        processors: {
            // Refuses spans before the container is killed; clients retry what is refused.
            memory_limiter: {
                check_interval: "1s",
                limit_percentage: 80,
                spike_limit_percentage: 25,
            },
            attributes: {
                actions: Object.entries({ ...environment } as Record<string, string>).map(
                    ([key, value]) => ({
                        key,
                        value,
                        action: "insert",
                    }),
                ),
            },
            batch: {},
        },
        exporters: { jaeger_storage_exporter: { trace_storage: STORAGE } },
    };
}

/** On every span that does not carry them yet. */
export interface Attributes {
    readonly cluster: string;
    readonly environment: string;
}

/** Serves the UI and the API from Elasticsearch. */
export function queryConfig(storage: StorageArgs): object {
    return {
        service: {
            extensions: ["jaeger_storage", "jaeger_query", "healthcheckv2"],
            // A collector needs a pipeline; this one has nothing to do.
            pipelines: {
                traces: { receivers: ["nop"], processors: ["batch"], exporters: ["nop"] },
            },
            telemetry: telemetry(),
        },
        extensions: {
            ...healthCheck(),
            ...jaegerStorage(storage),
            jaeger_query: {
                storage: { traces: STORAGE },
                http: { endpoint: `0.0.0.0:${PORTS.queryHttp}` },
                grpc: { endpoint: `0.0.0.0:${PORTS.queryGrpc}` },
            },
        },
        receivers: { nop: {} },
        processors: { batch: {} },
        exporters: { nop: {} },
    };
}

function jaegerStorage({ url, username, nodes, retention }: StorageArgs): object {
    const index = { shards: 1, replicas: indexReplicas(nodes), date_layout: "2006-01-02" };
    return {
        jaeger_storage: {
            backends: {
                [STORAGE]: {
                    elasticsearch: {
                        server_urls: [url],
                        auth: { basic: { username, password: `\${env:${PASSWORD_ENV}}` } },
                        tls: { ca_file: CA_FILE },
                        max_span_age: `${days(retention) * 24}h`,
                        indices: { spans: index, services: index, dependencies: index },
                    },
                },
            },
        },
    };
}

function healthCheck(): object {
    return { healthcheckv2: { use_v2: true, http: { endpoint: `0.0.0.0:${PORTS.health}` } } };
}

/** The default listens on localhost, where Prometheus cannot scrape it. */
function telemetry(): object {
    return {
        metrics: {
            level: "detailed",
            readers: [
                { pull: { exporter: { prometheus: { host: "0.0.0.0", port: PORTS.metrics } } } },
            ],
        },
    };
}
