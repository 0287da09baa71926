/**
 * The contract of every log document: Fluent Bit writes these fields into these data streams, Elasticsearch's index
 * templates map them, Kibana and Grafana query them. docs/components/log-schema.md explains them to readers.
 */

/** Data stream of each kind of log. */
export const STREAMS = {
    operator: "redis-logs-operator",
    instance: "redis-logs-instance",
    containers: "container-logs",
    events: "kubernetes-events",
} as const;

export type StreamName = keyof typeof STREAMS;

/** Levels of every stream, from the least severe; what the source itself wrote is in `fields.level`. */
export const LEVELS = ["debug", "info", "warning", "error", "fatal"] as const;

/** Mapping types of Elasticsearch that the fields use. */
export type FieldType = "date" | "keyword" | "text" | "double" | "long" | "flattened";

export interface LogField {
    readonly type: FieldType;
    /** On every document; the others where the source has them. */
    readonly always?: true;
    /** For the reader of the docs. */
    readonly description: string;
}

/**
 * Every top-level field. A document has no others: what a source adds of its own is in `fields`, which is `flattened`
 * like `labels`, so that no two sources can disagree on a type and no document is refused for its mapping.
 */
export const LOG_FIELDS = {
    "@timestamp": {
        type: "date",
        always: true,
        description: "When the container wrote the line, or the event happened",
    },
    level: { type: "keyword", description: "Severity: debug, info, warning, error or fatal" },
    logger: { type: "keyword", description: "Part of the program that wrote it" },
    msg: { type: "text", always: true, description: "The message for people" },
    namespace: {
        type: "keyword",
        always: true,
        description: "Namespace of what the line is about; of the pod, where it names no other",
    },
    pod: { type: "keyword", description: "Pod that wrote it, or that the event is about" },
    container: { type: "keyword", description: "Container that wrote it" },
    node: { type: "keyword", description: "Node of the pod" },
    instance: { type: "keyword", description: "Name of the Redis resource that it is about" },
    role: { type: "keyword", description: "Redis: master, replica, child or sentinel" },
    operation: { type: "keyword", description: "What was done: create, failover, save, ..." },
    duration_ms: { type: "double", description: "How long it took, in milliseconds" },
    trace_id: { type: "keyword", description: "W3C trace id: 32 lower-case hex digits" },
    span_id: { type: "keyword", description: "W3C span id: 16 lower-case hex digits" },
    error: { type: "text", description: "The error's own text" },
    stacktrace: { type: "text", description: "The stack, one frame per line" },
    cluster: { type: "keyword", always: true, description: "`cluster.name` of the stack" },
    environment: { type: "keyword", always: true, description: "Environment of `namespace`" },
    labels: { type: "flattened", description: "Labels of the pod" },
    fields: { type: "flattened", description: "Everything else that the source wrote" },
    id: {
        type: "keyword",
        description: "Names the line or event: written twice, it is one document",
    },
    offset: {
        type: "long",
        description: "Place in the container's file: orders lines of one millisecond",
    },
} as const satisfies Record<string, LogField>;

export type LogFieldName = keyof typeof LOG_FIELDS;

/** What may stand in `trace_id` and `span_id`, so that a link never leads to nothing; others stay in `fields`. */
export const TRACE_ID_PATTERN = /^(?!0+$)[0-9a-f]{32}$/;
export const SPAN_ID_PATTERN = /^(?!0+$)[0-9a-f]{16}$/;
