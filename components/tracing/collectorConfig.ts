import { seconds } from "../settings/duration";
import { bytes } from "../settings/quantity";
import {
    CONFIG_FOLDER,
    everyAddress,
    healthCheck,
    PORTS,
    STORAGE,
    StorageArgs,
    telemetry,
    traceStorage,
} from "./jaegerConfig";
import type { JaegerSettings, SamplingSettings } from "./settings";

export const SAMPLING_FILE = "sampling.json";
/** Where the certificate for OTLP over TLS is mounted. */
export const TLS_FOLDER = "/otlp-tls";

/** On every span that does not carry them yet. */
export interface Attributes {
    readonly cluster: string;
    readonly environment: string;
}

type CollectorSettings = Pick<JaegerSettings, "otlpTls" | "sampling"> & {
    readonly collector: Pick<JaegerSettings["collector"], "memory">;
};

/** Share of the container's memory for batches that Elasticsearch has not taken yet. */
const QUEUE_SHARE = 0.2;
/** Series that a service's spans may make; what is above is counted in one series `otel_metric_overflow`. */
const SERIES_PER_SERVICE = 1000;
/** Bounds of the duration's buckets: those of Jaeger's Monitor tab and of an SLO of 100 ms to 10 s. */
const BUCKETS = ["5ms", "10ms", "25ms", "50ms", "100ms", "250ms", "500ms", "1s", "2500ms", "5s"];

/**
 * Takes OTLP, counts the spans, samples them and writes them to Elasticsearch. Spans are counted before they are
 * sampled at the tail, so that the metrics tell of all that arrived.
 */
export function collectorConfig(
    storage: StorageArgs,
    environment: Attributes,
    settings: CollectorSettings,
): object {
    const { tail } = settings.sampling;
    return {
        service: {
            extensions: ["jaeger_storage", "remote_sampling", "healthcheckv2"],
            pipelines: {
                traces: {
                    receivers: ["otlp"],
                    processors: ["memory_limiter", "attributes"],
                    exporters: ["spanmetrics", "forward"],
                },
                "traces/stored": {
                    receivers: ["forward"],
                    processors: [...(tail ? ["tail_sampling"] : []), "batch"],
                    exporters: ["jaeger_storage_exporter"],
                },
                "metrics/spans": { receivers: ["spanmetrics"], exporters: ["prometheus"] },
            },
            telemetry: telemetry(),
        },
        extensions: {
            ...healthCheck(),
            jaeger_storage: { backends: { [STORAGE]: traceStorage(storage) } },
            remote_sampling: {
                file: { path: `${CONFIG_FOLDER}/${SAMPLING_FILE}` },
                http: { endpoint: everyAddress(PORTS.samplingHttp) },
                grpc: { endpoint: everyAddress(PORTS.samplingGrpc) },
            },
        },
        receivers: { otlp: { protocols: otlpProtocols(settings.otlpTls) } },
        processors: {
            // Refuses spans before the container is killed; clients retry what is refused.
            memory_limiter: {
                check_interval: "1s",
                limit_percentage: 80,
                spike_limit_percentage: 25,
            },
            attributes: {
                actions: Object.entries({ ...environment } as Record<string, string>).map(
                    ([key, value]) => ({ key, value, action: "insert" }),
                ),
            },
            ...(tail ? { tail_sampling: tailSampling(tail) } : {}),
            batch: { timeout: "1s", send_batch_size: 2000, send_batch_max_size: 4000 },
        },
        connectors: { forward: {}, spanmetrics: spanMetrics() },
        exporters: {
            jaeger_storage_exporter: {
                trace_storage: STORAGE,
                queue: {
                    sizer: "bytes",
                    queue_size: Math.floor(bytes(settings.collector.memory) * QUEUE_SHARE),
                    num_consumers: 4,
                },
                retry_on_failure: {
                    enabled: true,
                    initial_interval: "1s",
                    max_interval: "30s",
                    max_elapsed_time: "10m",
                },
            },
            // OpenMetrics is the format that carries exemplars.
            prometheus: { endpoint: everyAddress(PORTS.spanMetrics), enable_open_metrics: true },
        },
    };
}

/** What remote samplers are told, in the format of https://www.jaegertracing.io/docs/2.20/sampling/#file-based-sampling-configuration. */
export function samplingStrategies({
    defaultProbability,
    services,
}: Pick<SamplingSettings, "defaultProbability" | "services">): object {
    const strategy = (param: number) => ({ type: "probabilistic", param });
    return {
        default_strategy: strategy(defaultProbability),
        service_strategies: Object.entries(services).map(([service, probability]) => ({
            service,
            ...strategy(probability),
        })),
    };
}

function otlpProtocols(overTls: boolean): object {
    const tls = overTls
        ? {
              tls: {
                  cert_file: `${TLS_FOLDER}/tls.crt`,
                  key_file: `${TLS_FOLDER}/tls.key`,
                  reload_interval: "1h",
              },
          }
        : {};
    return {
        grpc: { endpoint: everyAddress(PORTS.otlpGrpc), ...tls },
        http: { endpoint: everyAddress(PORTS.otlpHttp), ...tls },
    };
}

/** Keeps every trace with an error, every slow one, and a share of the others. */
function tailSampling(tail: NonNullable<SamplingSettings["tail"]>): object {
    const { decisionWait, keepSlowerThanMs, keepProbability, expectedTracesPerSecond } = tail;
    return {
        decision_wait: decisionWait,
        expected_new_traces_per_sec: expectedTracesPerSecond,
        // Twice what arrives while waiting: above it the oldest trace is decided early.
        num_traces: 2 * expectedTracesPerSecond * seconds(decisionWait),
        policies: [
            { name: "errors", type: "status_code", status_code: { status_codes: ["ERROR"] } },
            { name: "slow", type: "latency", latency: { threshold_ms: keepSlowerThanMs } },
            {
                name: "others",
                type: "probabilistic",
                probabilistic: { sampling_percentage: 100 * keepProbability },
            },
        ],
    };
}

/** `traces_span_metrics_calls_total` and `traces_span_metrics_duration_milliseconds`, with trace ids as exemplars. */
function spanMetrics(): object {
    return {
        histogram: { explicit: { buckets: BUCKETS } },
        exemplars: { enabled: true, max_per_data_point: 5 },
        aggregation_cardinality_limit: SERIES_PER_SERVICE,
        metrics_flush_interval: "15s",
        metrics_expiration: "1h",
    };
}
