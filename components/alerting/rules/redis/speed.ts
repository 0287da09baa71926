import { DASHBOARDS } from "../../dashboardLinks";
import { AlertRule, RecordingRule, unlessAlert } from "../../prometheusRule";
import type { AlertSettings } from "../settings";
import { APP, POD } from "../texts";
import type { Scope } from "./state";

/** Commands of clients of a workload per second, and how many of them were fast. */
export const TIMED_COMMANDS = "redis:commands_timed:rate5m";
export const FAST_COMMANDS = "redis:commands_fast:rate5m";
/** Cores that the main thread of a pod works with. */
const MAIN_THREAD = "redis:main_thread_cpu:rate5m";
/** The commands of a pod have buckets of powers of two, and only those in which something was counted. */
const FAST_BUCKETS = [1, 2, 4, 8, 16, 33, 66, 132, 264, 528, 1056, 2113, 4227, 8454, 16908];
/**
 * Of a connection, of replication and of those who watch, such as the exporter. What an application waits for is beside
 * them, and of an idle Redis they are nearly all. Subcommands are `config|get`.
 */
const OF_OPERATION =
    "auth|hello|ping|info|role|command|replconf|psync|replicaof|slaveof|(acl|client|cluster|command|config|latency|memory|slowlog)[|].+";
/** Matcher of the commands of clients. */
export const OF_CLIENTS = `cmd!~"${OF_OPERATION}"`;
/** For a reader: the upper edge of the last one. */
export const FAST = "17 ms";

/** The counts of all commands of clients, and of those that were fast. */
export function latencyRecords(scope: Scope): RecordingRule[] {
    const histogram = (part: string, matchers: string) =>
        `rate(redis_commands_latencies_usec_${part}{redis_setup_type!="sentinel", ${OF_CLIENTS}${matchers}}[5m])`;
    const labels = "instance_name, environment, team";
    const le = `, le=~"${FAST_BUCKETS.join("|")}"`;
    return [
        {
            record: TIMED_COMMANDS,
            expr: scope.owned(
                `sum by (namespace, app) (max by (namespace, app, pod, cmd) (${histogram("count", "")}))`,
                labels,
            ),
        },
        {
            record: FAST_COMMANDS,
            // Buckets are cumulative: the last one that is there has all that are fast.
            expr: scope.owned(
                `sum by (namespace, app) (max by (namespace, app, pod, cmd) (${histogram("bucket", le)}))`,
                labels,
            ),
        },
    ];
}

/** The share of commands that were slow; all where none was fast. Without commands it is NaN, which is above nothing. */
function slowShare(scope: Scope): string {
    const timed = scope.of(TIMED_COMMANDS);
    return `(1 - (${scope.of(FAST_COMMANDS)} or 0 * ${timed}) / ${timed})`;
}

/** Summed: while a pod has two addresses, each of its two series counts a part. */
export function mainThreads(scope: Scope): RecordingRule {
    const cpu = (mode: string) =>
        `sum by (namespace, app, pod) (rate(redis_cpu_${mode}_main_thread_seconds_total[5m]))`;
    const cores = `${cpu("sys")} + ${cpu("user")}`;
    return { record: MAIN_THREAD, expr: scope.owned(cores, "instance_name, environment, team") };
}

/** How fast Redis answers, and what slows it. */
export function speedRules(scope: Scope, settings: AlertSettings): AlertRule[] {
    const { RedisMainThreadBusy, RedisSlowCommands } = settings;
    const busy = `${scope.of(MAIN_THREAD)} > ${scope.threshold("RedisMainThreadBusy", "share", "")}`;
    return [
        {
            alert: "RedisMainThreadBusy",
            // Redis' containers have no CPU limit; its commands all run in one thread, which has one core at most.
            expr: busy,
            summary: `The main thread of Redis ${POD} is busy all the time`,
            description: `The main thread of ${POD} has needed {{ $value | humanizePercentage }} of a core for ${RedisMainThreadBusy.for}: commands wait for one another.`,
            dashboard: DASHBOARDS.redisPodSpeed,
        },
        {
            alert: "RedisSlowCommands",
            // The number of the last entry; a restart begins at 0 again, as a counter does. A busy thread is the cause.
            expr: `max by (namespace, app, pod) (rate(redis_slowlog_last_id[5m])) > ${scope.threshold("RedisSlowCommands", "perSecond")} unless on (namespace, pod) (${busy})`,
            summary: `Redis ${POD} runs slow commands`,
            description: `{{ $value | printf "%.2f" }} commands per second have entered the slow log of ${POD} for ${RedisSlowCommands.for}: while one runs, every other client waits.`,
            dashboard: DASHBOARDS.redisPodSpeed,
        },
    ];
}

/** An alert on what `latencyRecords` record. */
export function latencyRule(scope: Scope, { RedisHighLatency }: AlertSettings): AlertRule {
    return {
        alert: "RedisHighLatency",
        expr: `${slowShare(scope)} > ${scope.threshold("RedisHighLatency", "share", "")} ${unlessAlert(["RedisMainThreadBusy"], "namespace, instance_name", "15m")}`,
        summary: `Redis ${APP} answers slowly`,
        description: `{{ $value | humanizePercentage }} of the commands of ${APP} have taken more than ${FAST} for ${RedisHighLatency.for}.`,
        dashboard: DASHBOARDS.redisSpeed,
    };
}
