import type { Labels } from "../../kubernetes/labels";
import type { DeclaredExporters } from "../rules/redis/declared";
import { APP } from "../rules/texts";
import type { PlatformIndicatorName, RedisIndicatorName } from "./settings";

/** What is counted at one moment: how much there was, and how much of it was bad. */
export interface Count {
    readonly errors: string;
    readonly events: string;
    /** Labels that the expressions do not give. */
    readonly labels: Labels;
}

/** A service level indicator: a share of bad events. */
export interface Indicator {
    readonly counts: readonly Count[];
    /** Who is measured, and the events, with the labels of the counts. */
    readonly subject: string;
    readonly events: string;
    readonly namespace: string;
}

/** The indicators of the Redis instances of a namespace. `rateWindow` must hold some scrapes. */
export function redisIndicator(
    name: RedisIndicatorName,
    namespace: string,
    declared: readonly DeclaredExporters[],
    rateWindow: string,
): Indicator {
    return name === "redis-availability"
        ? podsThatAnswer(namespace, declared)
        : commandsWithoutError(namespace, rateWindow);
}

/**
 * Each declared pod at each moment; one that is gone is bad, though it has no series any more. Sentinels serve no data
 * and do not count.
 */
function podsThatAnswer(namespace: string, declared: readonly DeclaredExporters[]): Indicator {
    const answering = (app: string) =>
        orZero(`count(redis_up{namespace="${namespace}", app="${app}"} == 1)`);
    return {
        namespace,
        subject: `Redis ${APP}`,
        events: `the time of the declared pods of Redis ${APP}`,
        counts: declared
            .filter(({ setupType }) => setupType !== "sentinel")
            .map(({ app, pods }) => ({
                errors: `${pods} - ${answering(app)}`,
                events: `vector(${pods})`,
                labels: { namespace, app },
            })),
    };
}

/**
 * Commands; bad are those that Redis rejects (out of memory, read-only, cluster down) and those that fail, which mistakes
 * of clients do as well. What is rejected is not among the calls: https://redis.io/docs/latest/commands/info/.
 */
function commandsWithoutError(namespace: string, window: string): Indicator {
    const rate = (counter: string) =>
        `sum by (namespace, app) (rate(redis_commands_${counter}_total{namespace="${namespace}", redis_setup_type!="sentinel"}[${window}]))`;
    return {
        namespace,
        subject: `Redis ${APP}`,
        events: `the commands of Redis ${APP}`,
        counts: [
            {
                errors: `${rate("rejected_calls")} + ${rate("failed_calls")}`,
                events: `sum by (namespace, app) (rate(redis_commands_total{namespace="${namespace}", redis_setup_type!="sentinel"}[${window}])) + ${rate("rejected_calls")}`,
                labels: {},
            },
        ],
    };
}

/** Namespaces of what the platform's indicators measure. */
export interface MeasuredNamespaces {
    readonly logging: string;
    readonly tracing: string;
}

/** The indicators that a cluster has once. `rateWindow` must hold some scrapes. */
export function platformIndicator(
    name: PlatformIndicatorName,
    { logging, tracing }: MeasuredNamespaces,
    rateWindow: string,
): Indicator {
    switch (name) {
        case "elasticsearch-availability":
            return elasticsearchThatAnswers(logging);
        case "log-delivery":
            return deliveredLogs(logging, rateWindow);
        case "trace-delivery":
            return deliveredSpans(tracing, rateWindow);
    }
}

/** Each moment; bad are red, where part of the data is missing, and no answer. */
function elasticsearchThatAnswers(namespace: string): Indicator {
    const serving = `max(elasticsearch_cluster_health_status{namespace="${namespace}", color!="red"})`;
    return {
        namespace,
        subject: "Elasticsearch",
        events: "the time of Elasticsearch",
        counts: [{ errors: `1 - ${orZero(serving)}`, events: "vector(1)", labels: { namespace } }],
    };
}

/** Log records that left Fluent Bit; bad are those that it dropped. */
function deliveredLogs(namespace: string, window: string): Indicator {
    const records = (counter: string) =>
        `sum(rate(fluentbit_output_${counter}_records_total{namespace="${namespace}"}[${window}]))`;
    const dropped = orZero(records("dropped"));
    return {
        namespace,
        subject: "Fluent Bit",
        events: "the log records",
        counts: [
            { errors: dropped, events: `${records("proc")} + ${dropped}`, labels: { namespace } },
        ],
    };
}

/** Spans that reached a collector; bad are those that it refused, could not queue or could not store, also after they counted as sent. */
function deliveredSpans(namespace: string, window: string): Indicator {
    const spans = (counter: string) =>
        `sum(rate(otelcol_${counter}_spans_total{namespace="${namespace}"}[${window}]))`;
    // A counter of OpenTelemetry is not there before it has counted once.
    const refused = orZero(spans("receiver_refused"));
    const lost = ["exporter_send_failed", "exporter_enqueue_failed"].map((each) =>
        orZero(spans(each)),
    );
    // Documents of requests, which are more than spans. A span that is "sent" is in a buffer before them.
    const bulk = (counter: string) =>
        `sum(rate(jaeger_storage_bulk_index_${counter}_total{namespace="${namespace}"}[${window}]))`;
    // Those of a request that fails as a whole count as inserted, and the request as failed.
    const requests = (result: string) =>
        orZero(
            `sum(rate(jaeger_storage_bulk_index_latency_${result}_seconds_count{namespace="${namespace}"}[${window}]))`,
        );
    const sent = spans("exporter_sent");
    const unstored = [
        `${sent} * ${bulk("errors")} / (${bulk("attempts")} > 0)`,
        `${sent} * ${requests("err")} / (${requests("err")} + ${requests("ok")} > 0)`,
    ].map(orZero);
    return {
        namespace,
        subject: "Jaeger",
        events: "the spans",
        counts: [
            {
                errors: [refused, ...lost, ...unstored].join(" + "),
                events: `${spans("receiver_accepted")} + ${refused}`,
                labels: { namespace },
            },
        ],
    };
}

function orZero(expression: string): string {
    return `(${expression} or vector(0))`;
}
