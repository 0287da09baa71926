import type { AlertName } from "../../alerting/rules/settings";
import {
    DashboardContext,
    DashboardDefinition,
    linkTo,
    logLines,
    logQuery,
    logsLink,
    runbooks,
    tracesLink,
} from "../definition";
import type { Row } from "../model/dashboard";
import { Panel, timeseries } from "../model/panels";
import { query, threshold, top } from "../model/queries";
import type { VariableJson } from "../model/types";
import { IN_PLACE, places, valuesOf } from "../model/variables";
import type { DashboardUid } from "../uids";
import { alertMarks, firingTable } from "./firing";

/*
 * What the dashboards on Redis share. What an instance is, is known from the series that our rules record of each
 * declared workload: `app` is the operator's name of the workload, of which a cluster or a Sentinel instance has two.
 */

const WORKLOAD = "redis:workload:info";
const HERE = `${IN_PLACE}`;

/** Matchers of recorded series of the chosen instances. */
export const OF_INSTANCE = `${HERE}, namespace=~"$namespace", instance_name=~"$instance"`;
/** Matchers of redis_exporter's series of the chosen workloads. */
export const OF_APP = `${HERE}, namespace=~"$namespace", app=~"$app"`;
/** Matchers of redis_exporter's series of the chosen pods. */
export const OF_POD = `${OF_APP}, pod=~"$pod"`;

/** Above so many instances nobody reads all of them in one graph, and Prometheus takes seconds for it. */
const MANY = 50;

/** The namespace that a reader sees at first; undefined for all of them, where that is not too much. */
function chosenFirst(
    { instances }: Pick<DashboardContext, "instances">,
    setupType: string | undefined,
): string | undefined {
    const fitting = Object.keys(instances).filter(
        (namespace) =>
            setupType === undefined || instances[namespace]?.includes(setupType) === true,
    );
    return Object.values(instances).flat().length > MANY ? fitting.sort()[0] : undefined;
}

/** Namespace, instance and its workloads, whose setup type may be asked for. */
export function redisVariables(
    context: Pick<DashboardContext, "instances">,
    setupType?: string,
): VariableJson[] {
    const chosen = chosenFirst(context, setupType);
    const type = setupType ? `, redis_setup_type=~"${setupType}"` : "";
    return [
        ...places(WORKLOAD),
        valuesOf({
            name: "namespace",
            label: "Namespace",
            series: `${WORKLOAD}{${HERE}${type}}`,
            chosen,
        }),
        valuesOf({
            name: "instance",
            label: "Redis",
            series: `${WORKLOAD}{${HERE}, namespace=~"$namespace"${type}}`,
            values: "instance_name",
        }),
        {
            ...valuesOf({
                name: "app",
                label: "Workload",
                description:
                    "A cluster has its leaders and followers, an instance with Sentinels these too",
                series: `${WORKLOAD}{${OF_INSTANCE}${type}}`,
            }),
        },
    ];
}

/** The pods of the chosen workloads. */
export const POD_VARIABLE = valuesOf({
    name: "pod",
    label: "Pod",
    series: `redis_up{${OF_APP}}`,
});

/** A metric of each pod once, however many series show it. */
export function perPod(metric: string, more = ""): string {
    return `max by (namespace, app, pod) (${metric}{${OF_POD}${more}})`;
}

/** A rate for each pod. */
export function podRate(metric: string, more = ""): string {
    return `max by (namespace, app, pod) (rate(${metric}{${OF_POD}${more}}[$__rate_interval]))`;
}

/** What an alert compares with, for each workload: its instance's own number, or the stack's. */
export function alertThreshold(alert: string, threshold: string): string {
    return `max(redis:alert_threshold:value{${OF_INSTANCE}, alert="${alert}", threshold="${threshold}"})`;
}

/** Alerts on the chosen instances. */
export const ALERTS_HERE = 'namespace=~"$namespace", instance_name=~"$instance"';

const TITLES = {
    "redis-instance": "Instance",
    "redis-performance": "Performance",
    "redis-sentinel": "Sentinels",
    "redis-cluster": "Cluster",
} as const satisfies Partial<Record<DashboardUid, string>>;

/** What the dashboards on Redis instances differ by. */
interface RedisDashboard {
    readonly uid: keyof typeof TITLES;
    readonly description: string;
    /** The setup type that it is about; all when not given. */
    readonly setupType?: "sentinel" | "cluster";
    /** Pattern of the alerts that are marked in its graphs; all when not given. */
    readonly marked?: string;
    readonly log: { readonly title: string; readonly description: string };
    readonly rows: (context: DashboardContext) => readonly Row[];
}

/** A dashboard on Redis instances: variables down to the pod, marks of alerts, links to the others, and the log. */
export function redisDashboard(args: RedisDashboard): DashboardDefinition {
    const { uid, description, setupType, marked, log, rows } = args;
    const selected = logQuery({ namespace: "${namespace:lucene}", pod: "${pod:lucene}" });
    const others = (Object.keys(TITLES) as (keyof typeof TITLES)[]).filter((each) => each !== uid);
    return {
        uid,
        title: `Redis / ${TITLES[uid]}`,
        description,
        tags: ["redis"],
        needs: ["redis"],
        content: (context) => ({
            variables: [...redisVariables(context, setupType), POD_VARIABLE],
            annotations: [
                alertMarks(marked ? `${ALERTS_HERE}, alertname=~"${marked}"` : ALERTS_HERE),
            ],
            links: [
                ...others.flatMap((each) => linkTo(context, each, TITLES[each])),
                ...logsLink(context, selected, "instance"),
                ...tracesLink(context),
            ],
            rows: [
                ...rows(context),
                {
                    title: "Logs",
                    panels: logLines(context, { ...log, stream: "instance", query: selected }),
                },
            ],
        }),
    };
}

/** What fires on the chosen instances. */
export function instanceAlertsTable(context: DashboardContext, width: number): Panel {
    return firingTable(context, {
        title: "Alerts",
        description: "What fires on these instances.",
        width,
        matchers: ALERTS_HERE,
        labels: width < 10 ? ["about"] : ["namespace", "about"],
        about: true,
    });
}

/** A graph with a line for each pod, and the line above which an alert fires. */
export function podGraph(
    context: DashboardContext,
    args: Pick<
        Parameters<typeof timeseries>[0],
        "title" | "description" | "unit" | "width" | "noValue" | "min"
    > & {
        readonly expr: string;
        readonly legend?: string;
        readonly limit?: readonly [alert: AlertName, threshold: string];
        readonly alerts?: readonly AlertName[];
    },
): Panel {
    const { expr, legend = "{{pod}}", limit, alerts = limit ? [limit[0]] : [], ...panel } = args;
    return timeseries({
        ...panel,
        queries: [
            query(top(expr), legend),
            ...(limit ? [threshold(alertThreshold(...limit), "alert above")] : []),
        ],
        links: runbooks(context, ...alerts),
    });
}

/** How far replicas are behind their master. */
export function replicationGap(context: DashboardContext, width?: number): Panel {
    return podGraph(context, {
        title: "Replicas behind their master",
        description:
            "Bytes that each replica has not got yet: a failover to it would lose them. The dashed line is where RedisReplicationLag fires.",
        unit: "bytes",
        ...(width ? { width } : {}),
        expr: `${perPod("redis_master_repl_offset")} - on (namespace, app, pod) group_right () max by (namespace, app, pod, slave_ip) (redis_connected_slave_offset_bytes{${OF_POD}})`,
        legend: "{{pod}} to {{slave_ip}}",
        limit: ["RedisReplicationLag", "lag"],
        noValue: "no replicas",
    });
}

/** Commands that took longer than slowlog-log-slower-than. */
export function slowCommands(context: DashboardContext): Panel {
    return podGraph(context, {
        title: "Slow log",
        description:
            "Commands per second that took longer than slowlog-log-slower-than: while one runs, every other client waits.",
        unit: "ops",
        expr: podRate("redis_slowlog_last_id"),
        limit: ["RedisSlowCommands", "perSecond"],
    });
}

/** Keys that went by themselves. */
export function lostKeys(context: DashboardContext): Panel {
    return timeseries({
        title: "Evicted and expired",
        description:
            "Keys per second that went: expired at their time, evicted since the memory was full.",
        unit: "ops",
        queries: [
            query(`sum(${podRate("redis_evicted_keys_total")})`, "evicted"),
            query(`sum(${podRate("redis_expired_keys_total")})`, "expired"),
            threshold(
                alertThreshold("RedisEvictions", "keysPerSecond"),
                "alert on evictions above",
            ),
        ],
        links: runbooks(context, "RedisEvictions"),
    });
}

/** Traffic of clients and replicas. */
export function network(): Panel {
    return timeseries({
        title: "Network",
        description: "Bytes per second that clients and replicas send and get.",
        unit: "Bps",
        queries: [
            query(`sum(${podRate("redis_net_input_bytes_total")})`, "in"),
            query(`sum(${podRate("redis_net_output_bytes_total")})`, "out"),
        ],
    });
}
