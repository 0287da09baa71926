import { kibanaTraceUrl } from "../logging/kibana";
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

export const UI_FILE = "ui.json";
const METRICS = "prometheus";

/** Serves the UI and the API from Elasticsearch; its Monitor tab shows the span metrics in Prometheus. */
export function queryConfig(storage: StorageArgs, prometheusUrl: string): object {
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
            jaeger_storage: {
                backends: { [STORAGE]: traceStorage(storage) },
                metric_backends: { [METRICS]: { prometheus: { endpoint: prometheusUrl } } },
            },
            jaeger_query: {
                storage: { traces: STORAGE, metrics: METRICS },
                ui: { config_file: `${CONFIG_FOLDER}/${UI_FILE}` },
                http: { endpoint: everyAddress(PORTS.queryHttp) },
                grpc: { endpoint: everyAddress(PORTS.queryGrpc) },
            },
        },
        receivers: { nop: {} },
        processors: { batch: {} },
        exporters: { nop: {} },
    };
}

/** The UI: https://www.jaegertracing.io/docs/2.20/deployment/frontend-ui/. */
export function uiConfig(traceLinks: readonly TraceLink[]): object {
    return {
        dependencies: { menuEnabled: true },
        monitor: { menuEnabled: true },
        linkPatterns: traceLinks.map(({ text, url }) => ({ type: "traces", url, text })),
    };
}

/** A link on the page of a trace; `#{traceID}` in its URL becomes the id. */
export interface TraceLink {
    readonly text: string;
    readonly url: string;
}

/** From a trace to its logs in Kibana, where Kibana has an address outside of the cluster. */
export function kibanaLinks(kibana: string | undefined): TraceLink[] {
    return kibana ? [{ text: "Logs in Kibana", url: kibanaTraceUrl(kibana, "#{traceID}") }] : [];
}
