import type { Labels } from "../../kubernetes/labels";
import { FAST_COMMANDS, TIMED_COMMANDS } from "../rules/redis/speed";
import { AVAILABLE, namedByInstance, ON_LOST_NODE, Scope } from "../rules/redis/state";
import { STARTUP } from "../rules/startup";
import type { AlertName } from "../rules/settings";
import { APP } from "../rules/texts";
import type { PlatformIndicatorName, RedisIndicatorName } from "./settings";

/** What is counted at one moment: how much there was, and how much of it was bad. */
export interface Count {
    readonly errors: string;
    readonly events: string;
    /** Labels that the expressions do not give. */
    readonly labels: Labels;
}

/** Alerts that name why a budget burns, or a series of what has another page. */
export type Cause = ({ readonly alerts: readonly AlertName[] } | { readonly series: string }) & {
    /** Labels that tell whose cause it is; none where the cluster has it once. */
    readonly on: string;
};

interface Measured {
    readonly counts: readonly Count[];
    /** Who is measured, and the events, with the labels of the counts. */
    readonly subject: string;
    readonly events: string;
}

/** A service level indicator: a share of bad events. */
export interface Indicator extends Measured {
    /** Of a stack's instances: the label by which its series are known. */
    readonly environment?: string;
    /** Of what a cluster has once. */
    readonly namespace?: string;
    readonly causes: readonly Cause[];
}

/** The indicators of a stack's Redis instances, of some namespaces or all. `rateWindow` must hold some scrapes. */
export function redisIndicator(
    name: RedisIndicatorName,
    scope: Scope,
    namespaces: readonly string[] | undefined,
    rateWindow: string,
): Indicator {
    const matchers = namespaces ? [`namespace=~"${namespaces.join("|")}"`] : [];
    const lostNode = { series: scope.of(ON_LOST_NODE), on: "namespace, instance_name" };
    const common = { environment: scope.environment, causes: [...REDIS_CAUSES, lostNode] };
    switch (name) {
        case "redis-availability":
            return { ...common, ...instancesThatServe(scope, matchers) };
        case "redis-commands":
            return { ...common, ...commandsWithoutError(scope, matchers, rateWindow) };
        case "redis-latency":
            return { ...common, ...fastCommands(scope, matchers) };
    }
}

/** What pages by its own name, and burns a budget meanwhile. */
const REDIS_CAUSES: readonly Cause[] = [
    { alerts: ["RedisNamespaceDown"], on: "namespace" },
    {
        alerts: [
            "RedisInstanceDown",
            "RedisMasterDown",
            "RedisClusterDown",
            "RedisClusterSlotsNotServed",
        ],
        on: "namespace, instance_name",
    },
];

const INSTANCE = "namespace, instance_name, team, environment";

/** Each moment of an instance of which it is known whether clients can read and write. */
function instancesThatServe(scope: Scope, matchers: readonly string[]): Measured {
    const available = `max by (${INSTANCE}, app) (${scope.of(AVAILABLE, ...matchers)})`;
    return {
        subject: `Redis ${APP}`,
        events: `the time of Redis ${APP}`,
        counts: [{ errors: `1 - ${available}`, events: `${available} * 0 + 1`, labels: {} }],
    };
}

/**
 * Errors that are the service's and not the client's: out of memory, no master, no quorum, not writable, loading.
 * https://github.com/redis/redis/blob/unstable/src/server.c has them all.
 */
const SERVICE_ERRORS = [
    "BUSY",
    "CLUSTERDOWN",
    "LOADING",
    "MASTERDOWN",
    "MISCONF",
    "NOMASTERLINK",
    "NOREPLICAS",
    "OOM",
    "READONLY",
    "TRYAGAIN",
];

/** Commands; what Redis refuses at once is not among those that it has processed. */
function commandsWithoutError(scope: Scope, matchers: readonly string[], window: string): Measured {
    const rate = (metric: string, ...more: readonly string[]) => {
        const all = ['redis_setup_type!="sentinel"', ...matchers, ...more].join(", ");
        return `sum by (namespace, app) (max by (namespace, app, pod${more.length > 0 ? ", err" : ""}) (rate(${metric}{${all}}[${window}])))`;
    };
    const byInstance = (expression: string) =>
        namedByInstance(
            `sum by (${INSTANCE}) (${scope.owned(expression, "instance_name, environment, team")})`,
        );
    const processed = rate("redis_commands_processed_total");
    const failed = rate("redis_errors_total", `err=~"${SERVICE_ERRORS.join("|")}"`);
    return {
        subject: `Redis ${APP}`,
        events: `the commands of Redis ${APP}`,
        counts: [
            {
                errors: byInstance(`${failed} or ${processed} * 0`),
                events: byInstance(`${processed} + (${failed} or ${processed} * 0)`),
                labels: {},
            },
        ],
    };
}

/** Commands; bad are those that take long. */
function fastCommands(scope: Scope, matchers: readonly string[]): Measured {
    const byInstance = (expression: string) =>
        namedByInstance(`sum by (${INSTANCE}) (${expression})`);
    const timed = scope.of(TIMED_COMMANDS, ...matchers);
    const fast = scope.of(FAST_COMMANDS, ...matchers);
    return {
        subject: `Redis ${APP}`,
        events: `the commands of Redis ${APP}`,
        counts: [
            {
                errors: byInstance(`${timed} - (${fast} or 0 * ${timed})`),
                events: byInstance(timed),
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

const ELASTICSEARCH: Cause = {
    alerts: ["ElasticsearchUnreachable", "ElasticsearchRed"],
    on: "",
};

/** Each moment that its exporter sees; bad are red, where part of the data is missing, and no answer. */
function elasticsearchThatAnswers(namespace: string): Indicator {
    const target = (at = "") =>
        `max by (namespace) (up{namespace="${namespace}", job="elasticsearch-exporter"}${at})`;
    // A first start takes minutes, and nobody waits for it.
    const observed = `(${target()} == 1 and on (namespace) ${target(` offset ${STARTUP}`)})`;
    const serving = `max by (namespace) (elasticsearch_cluster_health_status{namespace="${namespace}", color!="red"})`;
    return {
        namespace,
        causes: [ELASTICSEARCH],
        subject: "Elasticsearch",
        events: "the time of Elasticsearch",
        counts: [
            {
                errors: `${observed} - on (namespace) (${serving} or 0 * ${observed})`,
                events: observed,
                labels: { namespace },
            },
        ],
    };
}

/** Log records that left Fluent Bit; bad are those that it dropped. */
function deliveredLogs(namespace: string, window: string): Indicator {
    const records = (counter: string) =>
        `sum(rate(fluentbit_output_${counter}_records_total{namespace="${namespace}"}[${window}]))`;
    const dropped = orZero(records("dropped"));
    return {
        namespace,
        causes: [ELASTICSEARCH, { alerts: ["FluentBitRecordsLost"], on: "" }],
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
        causes: [ELASTICSEARCH],
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
