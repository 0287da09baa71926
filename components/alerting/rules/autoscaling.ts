import { DASHBOARDS } from "../dashboardLinks";
import type { AlertRule, Rule, RuleGroup } from "../prometheusRule";
import type { AlertSettings } from "./settings";
import { missing } from "./targets";

/** What waits in a queue, by the application's `namespace` and `application`, and by `queue`: KEDA and the adapter read it. */
export const QUEUE_LENGTH = "application:queue_length:sum";

/** A queue in Redis, and the application that works on it. */
export interface MeasuredQueue {
    readonly application: { readonly namespace: string; readonly name: string };
    /** Its name in the application's settings. */
    readonly queue: string;
    readonly kind: "keys" | "list" | "stream";
    readonly redis: {
        readonly namespace: string;
        /** Values of the label `app` of the pods that hold data. */
        readonly apps: readonly string[];
        /** How many masters hold a part of it. */
        readonly masters: number;
    };
    readonly db: number;
    readonly key: string | undefined;
    readonly group: string | undefined;
}

/** Labels of its series. */
function labelsOf({ application, queue }: MeasuredQueue): Record<string, string> {
    return { namespace: application.namespace, application: application.name, queue };
}

function selector(metric: string, labels: Readonly<Record<string, string>>): string {
    // Prometheus reads texts as Go does, and Go reads what JSON writes.
    const matchers = Object.entries(labels).map(
        ([label, value]) => `${label}=${JSON.stringify(value)}`,
    );
    return `${metric}{${matchers.join(", ")}}`;
}

/** What an autoscaler asks for one queue: one value, or none where it is not known. */
export function queueQuery(queue: MeasuredQueue): string {
    return selector(QUEUE_LENGTH, labelsOf(queue));
}

function ofPods(
    metric: string,
    { redis: { namespace, apps } }: MeasuredQueue,
    labels: Readonly<Record<string, string>> = {},
): string {
    const [app = "", ...others] = apps;
    return others.length === 0
        ? selector(metric, { namespace, app, ...labels })
        : selector(metric, { namespace, ...labels }).replace(/\}$/, `, app=~"${apps.join("|")}"}`);
}

/**
 * What waits, as the masters say it: replicas have the same once more. Where not exactly as many masters tell it as hold a
 * part, during a failover or while one is not scraped, there is no value, which scales nothing; a part would take pods away.
 */
export function queueExpression(queue: MeasuredQueue): string {
    const { kind, db, key = "", group = "", redis } = queue;
    const labels = { db: `db${db}` };
    const series = {
        keys: () => ofPods("redis_db_keys", queue, labels),
        list: () => ofPods("redis_key_size", queue, { ...labels, key }),
        stream: () => ofPods("redis_stream_group_lag", queue, { ...labels, stream: key, group }),
    }[kind]();
    // A pod that was replaced has two series for some minutes.
    const byMaster = `max by (namespace, pod) (${series}) and on (namespace, pod) ${ofPods("redis_instance_info", queue, { role: "master" })}`;
    return `sum(${byMaster}) and count(${byMaster}) == ${redis.masters}`;
}

/** What an application's queues hold, and alerts on what is not known. */
export function queueRules(
    name: string,
    queues: readonly MeasuredQueue[],
    settings: AlertSettings,
): RuleGroup {
    const { AutoscalingQueueUnknown } = settings;
    return {
        name: `autoscaling-${name}`,
        rules: queues.flatMap((each): Rule[] => [
            { record: QUEUE_LENGTH, expr: queueExpression(each), labels: labelsOf(each) },
            {
                alert: "AutoscalingQueueUnknown",
                // That Redis is down has an alert of its own.
                expr: `absent(${queueQuery(each)}) and on () count(${ofPods("redis_up", each)} == 1) > 0`,
                labels: labelsOf(each),
                summary: `Nobody knows what waits for ${each.application.namespace}/${name}`,
                description: `Redis ${each.redis.namespace}/${each.redis.apps.join(", ")} answers, and for ${AutoscalingQueueUnknown.for} the queue ${each.queue} of ${name} has had no value: its autoscaler leaves the pods as they are.`,
                dashboard: DASHBOARDS.namespaceWorkloads,
            },
        ]),
    };
}

/** Alerts on whoever answers for the metrics of autoscalers. */
export function autoscalerRules(
    namespace: string,
    apis: readonly string[],
    keda: boolean,
    settings: AlertSettings,
): RuleGroup {
    const { AutoscalingUnavailable, AutoscalingErrors } = settings;
    const one = (text: string) => text.replaceAll(".", "\\\\.");
    return {
        name: "autoscaling",
        rules: [
            {
                alert: "AutoscalingUnavailable",
                expr: `max by (name) (aggregator_unavailable_apiservice{name=~"${apis.map(one).join("|")}"}) == 1`,
                labels: { namespace },
                summary: "Autoscalers get no metrics: {{ $labels.name }} is not available",
                description: `The API server has not reached whoever answers for {{ $labels.name }} for ${AutoscalingUnavailable.for}: no application is scaled by what waits for it.`,
                dashboard: DASHBOARDS.namespacePods,
            },
            ...(keda
                ? [
                      ...["keda-operator", "keda-operator-metrics-apiserver"].map((job) =>
                          missing(
                              { namespace, job, knows: "alerts on errors of scalers" },
                              settings,
                          ),
                      ),
                      {
                          alert: "AutoscalingErrors",
                          // No series is an error too, and has an alert of its own.
                          expr: `sum by (namespace, scaledObject) (increase(keda_scaler_detail_errors_total{type="scaledobject"}[5m])) > 0 unless on (namespace, scaledObject) label_replace(increase(keda_scaler_empty_upstream_responses_total[5m]) > 0, "scaledObject", "$1", "scaledResource", "(.+)")`,
                          summary:
                              "KEDA cannot read what scales {{ $labels.namespace }}/{{ $labels.scaledObject }}",
                          description: `Scalers of {{ $labels.namespace }}/{{ $labels.scaledObject }} have failed {{ $value | printf "%.0f" }} times within 5m, and for ${AutoscalingErrors.for}: the pods are left as they are.`,
                          dashboard: DASHBOARDS.namespaceWorkloads,
                      } satisfies AlertRule,
                  ]
                : []),
        ],
    };
}
