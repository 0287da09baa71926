/** Uids by which dashboards and links name the data sources of Grafana. `prometheus` and `alertmanager` are the chart's. */
export const DATA_SOURCES = {
    prometheus: "prometheus",
    alertmanager: "alertmanager",
    jaeger: "jaeger",
    logs: "logs",
} as const;

/** The label of an exemplar, and the field of a log document, that hold a trace's id. */
export const TRACE_ID = "trace_id";
