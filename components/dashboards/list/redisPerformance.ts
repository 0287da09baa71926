import { OF_CLIENTS } from "../../alerting/rules/redis/speed";
import { runbooks } from "../definition";
import { stat, table, timeseries, worseFrom } from "../model/panels";
import { now, query, threshold, top } from "../model/queries";
import {
    alertThreshold,
    instanceAlertsTable,
    lostKeys,
    network,
    OF_INSTANCE,
    OF_POD,
    perPod,
    podGraph,
    redisDashboard,
    slowCommands,
} from "./redis";

const DATA = `${OF_POD}, redis_setup_type!="sentinel"`;
const WEEK = " offset 1w";
/** By command, of all pods: each pod once, while it has two addresses. */
const ofCommands = (metric: string, window: string) =>
    `sum by (cmd) (max by (namespace, app, pod, cmd) (rate(${metric}{${DATA}}[${window}])))`;
const counted = (window = "$__rate_interval") => ofCommands("redis_commands_total", window);
const byCommand = (counter: string, window = "$__rate_interval") =>
    ofCommands(`redis_commands_${counter}_total`, window);
/**
 * By command of clients, of the slowest pod. Redis tells only of buckets in which something was counted, so that those of several pods or
 * commands cannot be added: where one lacks a bucket, what is below would be missing in it.
 */
const quantile = (share: number) =>
    `max by (cmd) (histogram_quantile(${share}, rate(redis_commands_latencies_usec_bucket{${DATA}, ${OF_CLIENTS}}[5m])))`;
/** Commands that are at least one of a hundred: of the others nobody waits. */
const FREQUENT = `(${ofCommands("redis_commands_total", "5m")} > 0.01 * scalar(sum(${ofCommands("redis_commands_total", "5m")})))`;
const busy = (window: string) =>
    `sum by (namespace, app, pod) (rate(redis_cpu_sys_main_thread_seconds_total{${DATA}}[${window}])) + sum by (namespace, app, pod) (rate(redis_cpu_user_main_thread_seconds_total{${DATA}}[${window}]))`;
const total = (metric: string, at: string) =>
    `sum(max by (namespace, app, pod, cmd) (rate(${metric}{${DATA}}[5m]${at})))`;
const mean = (at = "") =>
    `${total("redis_commands_duration_seconds_total", at)} / (${total("redis_commands_total", at)} > 0)`;
const commands = (at = "") =>
    `sum(max by (namespace, app, pod) (rate(redis_commands_processed_total{${DATA}}[5m]${at})))`;

export const redisPerformance = redisDashboard({
    uid: "redis-performance",
    description:
        "What makes Redis slow: commands by their number and time, the main thread, forks and the slow log.",
    marked: "RedisMainThreadBusy|RedisSlowCommands|RedisHighLatency|RedisEvictions|RedisFailoverHappened",
    log: {
        title: "Log of these pods",
        description:
            "What the chosen Redis pods have written: forks, snapshots, replicas that come and go.",
    },
    rows: (context) => {
        const { RedisMainThreadBusy, RedisHighLatency, RedisSlowCommands } = context.alerts;
        return [
            {
                panels: [
                    stat({
                        title: "Slow commands",
                        description:
                            "Share of the commands that took more than 17 ms, of the worst instance. Red is where RedisHighLatency fires.",
                        unit: "percentunit",
                        queries: [
                            now(
                                `max(1 - sum by (namespace, instance_name) (redis:commands_fast:rate5m{${OF_INSTANCE}}) / (sum by (namespace, instance_name) (redis:commands_timed:rate5m{${OF_INSTANCE}}) > 0))`,
                            ),
                        ],
                        thresholds: worseFrom([RedisHighLatency.share, "red"]),
                        noValue: "no commands",
                        links: runbooks(context, "RedisHighLatency"),
                    }),
                    stat({
                        title: "Mean",
                        description: "Mean time of a command, of all commands of 5 minutes.",
                        unit: "s",
                        queries: [now(mean())],
                        plain: true,
                        noValue: "no commands",
                    }),
                    stat({
                        title: "Slowest, p99",
                        description:
                            "The command of clients with the longest p99 among those that are at least one of a hundred: on the slowest pod, 99 of 100 took no longer within 5 minutes.",
                        unit: "µs",
                        queries: [
                            now(`topk(1, ${quantile(0.99)} and on (cmd) ${FREQUENT})`, "{{cmd}}"),
                        ],
                        text: "value_and_name",
                        plain: true,
                        noValue: "no commands",
                    }),
                    stat({
                        title: "Main thread",
                        description:
                            "Share of a core that the busiest main thread needs; all commands run in it, and at 100 % they wait. Red is where RedisMainThreadBusy fires.",
                        unit: "percentunit",
                        decimals: 0,
                        queries: [now(`max(${busy("5m")})`)],
                        thresholds: worseFrom([RedisMainThreadBusy.share, "red"]),
                        links: runbooks(context, "RedisMainThreadBusy"),
                    }),
                    stat({
                        title: "Slow log, now",
                        description:
                            "Entries per second of the pod with the most. Red is where RedisSlowCommands fires.",
                        unit: "ops",
                        queries: [
                            now(
                                `max(max by (namespace, app, pod) (rate(redis_slowlog_last_id{${DATA}}[5m])))`,
                            ),
                        ],
                        thresholds: worseFrom([RedisSlowCommands.perSecond, "red"]),
                        links: runbooks(context, "RedisSlowCommands"),
                    }),
                    stat({
                        title: "Failed",
                        description:
                            "Commands per second that failed while they ran, or were refused before.",
                        unit: "ops",
                        queries: [
                            now(
                                `(sum(${byCommand("failed_calls", "5m")}) or vector(0)) + (sum(${byCommand("rejected_calls", "5m")}) or vector(0))`,
                            ),
                        ],
                        plain: true,
                    }),
                    stat({
                        title: "Longest fork",
                        description:
                            "How long the last fork of a pod took, at a snapshot or a rewrite of the AOF: nothing is served meanwhile.",
                        unit: "s",
                        queries: [now(`max(${perPod("redis_latest_fork_seconds")})`)],
                        plain: true,
                    }),
                    stat({
                        title: "Of a week ago",
                        description:
                            "Commands per second for each of the same time a week ago: 1 is as many.",
                        unit: "none",
                        decimals: 2,
                        queries: [now(`${commands()} / (${commands(WEEK)} > 0)`)],
                        plain: true,
                        noValue: "no week yet",
                    }),
                    timeseries({
                        title: "Commands, the most frequent",
                        description: "Per second, the ten commands with the most.",
                        unit: "ops",
                        queries: [query(top(counted(), 10), "{{cmd}}")],
                    }),
                    timeseries({
                        title: "Commands, by their time",
                        description:
                            "Seconds of each second that the ten most expensive commands take: what to make cheaper first.",
                        unit: "percentunit",
                        stacked: true,
                        queries: [query(top(byCommand("duration_seconds"), 10), "{{cmd}}")],
                    }),
                    instanceAlertsTable(context, 8),
                ],
            },
            {
                title: "Time of commands",
                panels: [
                    table({
                        title: "By command",
                        description:
                            "How often each runs, and its mean, over the last 5 minutes; percentiles are those of the slowest pod, from buckets of powers of two, and of commands of clients.",
                        queries: [
                            { expr: counted("5m") },
                            {
                                expr: `${byCommand("duration_seconds", "5m")} / (${counted("5m")} > 0)`,
                            },
                            { expr: quantile(0.5) },
                            { expr: quantile(0.95) },
                            { expr: quantile(0.99) },
                        ],
                        labels: { cmd: "Command" },
                        values: [
                            { title: "Per second", unit: "short", decimals: 2 },
                            { title: "Mean", unit: "s" },
                            { title: "p50", unit: "µs" },
                            { title: "p95", unit: "µs" },
                            { title: "p99", unit: "µs" },
                        ],
                        sort: "p99",
                        noValue: "no commands",
                    }),
                    timeseries({
                        title: "p99 by command",
                        description:
                            "Of the ten slowest commands of clients, on the slowest pod: 99 of 100 took no longer.",
                        unit: "µs",
                        width: 12,
                        // A rate of 5 minutes moves no faster.
                        interval: "2m",
                        queries: [query(top(quantile(0.99), 10), "{{cmd}}")],
                        noValue: "no commands",
                        links: runbooks(context, "RedisHighLatency"),
                    }),
                    timeseries({
                        title: "Mean by command",
                        description: "Mean time of the ten slowest commands.",
                        unit: "s",
                        queries: [
                            query(
                                top(`${byCommand("duration_seconds")} / (${counted()} > 0)`, 10),
                                "{{cmd}}",
                            ),
                        ],
                    }),
                    timeseries({
                        title: "Failed and rejected, by command",
                        description:
                            "Per second: failed while they ran, or refused before, for the user's rights, a wrong number of arguments or a full memory.",
                        unit: "ops",
                        queries: [
                            query(top(byCommand("failed_calls"), 10), "{{cmd}} failed"),
                            query(top(byCommand("rejected_calls"), 10), "{{cmd}} rejected"),
                        ],
                        noValue: "none",
                    }),
                    timeseries({
                        title: "Errors",
                        description: "Answers per second that were an error, by its first word.",
                        unit: "ops",
                        queries: [
                            query(
                                top(
                                    `sum by (err) (max by (namespace, app, pod, err) (rate(redis_errors_total{${DATA}}[$__rate_interval])))`,
                                    10,
                                ),
                                "{{err}}",
                            ),
                        ],
                        noValue: "none",
                    }),
                ],
            },
            {
                title: "What commands wait for",
                panels: [
                    timeseries({
                        title: "CPU of the main thread",
                        description:
                            "Share of a core. The dashed line is where RedisMainThreadBusy fires.",
                        unit: "percentunit",
                        min: 0,
                        queries: [
                            query(top(busy("$__rate_interval")), "{{pod}}"),
                            threshold(
                                alertThreshold("RedisMainThreadBusy", "share"),
                                "alert above",
                            ),
                        ],
                        links: runbooks(context, "RedisMainThreadBusy"),
                    }),
                    podGraph(context, {
                        title: "Time of the last fork",
                        description:
                            "Nothing is served while the process forks; it grows with the memory.",
                        unit: "s",
                        expr: perPod("redis_latest_fork_seconds"),
                    }),
                    podGraph(context, {
                        title: "Latency spikes",
                        description:
                            "How long the last spike of each event took, where `latency-monitor-threshold` is set.",
                        unit: "s",
                        expr: `max by (namespace, app, pod, event_name) (redis_latency_spike_duration_seconds{${OF_POD}})`,
                        legend: "{{pod}} {{event_name}}",
                        noValue: "no spikes",
                    }),
                    slowCommands(context),
                    lostKeys(context),
                    network(),
                ],
            },
            {
                title: "This hour against a week ago",
                panels: [
                    timeseries({
                        title: "Commands, now and a week ago",
                        description: "Per second, of all chosen pods.",
                        unit: "ops",
                        width: 12,
                        queries: [query(commands(), "now"), query(commands(WEEK), "a week ago")],
                    }),
                    timeseries({
                        title: "Mean, now and a week ago",
                        description: "Mean time of all commands of the chosen pods.",
                        unit: "s",
                        width: 12,
                        interval: "2m",
                        queries: [query(mean(), "now"), query(mean(WEEK), "a week ago")],
                        noValue: "no commands",
                    }),
                ],
            },
        ];
    },
});
