import assert from "node:assert/strict";

import { recordedDumps, samplesKept } from "../../../commands/catalogue/dropped";
import { serviceMonitorSpec } from "../../../components/kubernetes/monitors";
import { exposerMetrics } from "../../../components/metrics/catalogue/catalogue";
import { redisMetricPattern } from "../../../components/metrics/settings";
import { READ_EXPORTER_METRICS } from "../../../components/metrics/readExporterMetrics";
import { UNREAD_EXPORTER_METRICS } from "../../../components/metrics/unreadExporterMetrics";
import { everyModeRun, stackRun } from "../../../lab/program/runs";
import { dropsOf } from "../../../lab/promql/drops";
import { expressionsOf } from "../../../lab/promql/expressions";

/** What an operator looks at, whether or not a rule reads it: the dashboards are made of these. */
const WANTED = [
    "redis_up",
    "redis_uptime_in_seconds",
    "redis_instance_info",
    "redis_commands_processed_total",
    "redis_commands_total",
    "redis_commands_duration_seconds_total",
    "redis_commands_latencies_usec_bucket",
    "redis_commands_latencies_usec_count",
    "redis_commands_failed_calls_total",
    "redis_commands_rejected_calls_total",
    "redis_keyspace_hits_total",
    "redis_keyspace_misses_total",
    "redis_memory_used_bytes",
    "redis_memory_max_bytes",
    "redis_memory_used_rss_bytes",
    "redis_mem_fragmentation_ratio",
    "redis_connected_clients",
    "redis_config_maxclients",
    "redis_max_clients",
    "redis_blocked_clients",
    "redis_rejected_connections_total",
    "redis_net_input_bytes_total",
    "redis_net_output_bytes_total",
    "redis_db_keys",
    "redis_db_keys_expiring",
    "redis_key_size",
    "redis_stream_group_lag",
    "redis_evicted_keys_total",
    "redis_expired_keys_total",
    "redis_rdb_last_bgsave_status",
    "redis_rdb_last_save_timestamp_seconds",
    "redis_aof_enabled",
    "redis_aof_last_write_status",
    "redis_aof_last_bgrewrite_status",
    "redis_slowlog_length",
    "redis_slowlog_last_id",
    "redis_latency_spike_last",
    "redis_latest_fork_seconds",
    "redis_cpu_user_main_thread_seconds_total",
    "redis_connected_slaves",
    "redis_connected_slave_lag_seconds",
    "redis_master_link_up",
    "redis_master_repl_offset",
    "redis_slave_repl_offset",
    "redis_sentinel_master_status",
    "redis_sentinel_master_ckquorum_status",
    "redis_sentinel_master_config_epoch",
    "redis_sentinel_tilt",
    "redis_cluster_state",
    "redis_cluster_slots_fail",
    "redis_cluster_messages_sent_total",
    "redis_exporter_last_scrape_error",
    "redis_exporter_build_info",
];

describe("the drop list of redis_exporter", () => {
    it("keeps what operators look at", async () => {
        const drops = dropsOf((await stackRun("staging")).registrations);
        assert.notEqual(drops.length, 0);
        const lost = WANTED.filter((name) => drops.some(({ pattern }) => pattern.test(name)));
        assert.deepEqual(lost, []);
    });

    it("has no pattern that drops nothing", () => {
        const names = Object.keys(exposerMetrics("redis-exporter").metrics);
        const idle = UNREAD_EXPORTER_METRICS.filter(
            (pattern) => !names.some((name) => new RegExp(`^(?:${pattern})$`).test(name)),
        );
        assert.deepEqual(idle, []);
    });

    it("leaves less than 70 % of the series of every data pod", async () => {
        const [drop] = dropsOf((await stackRun("staging")).registrations);
        for (const { name, samples } of recordedDumps().filter(
            (each) => each.name !== "sentinel",
        )) {
            const kept = samplesKept(samples, drop?.pattern ?? /^$/).length;
            assert.ok(kept < 0.7 * samples.length, `${name}: ${kept} of ${samples.length}`);
        }
    });

    it("goes with a metric's buckets, sums and counts, and is absent when it is empty", () => {
        const spec = (dropMetrics: string[]) =>
            serviceMonitorSpec(
                { matchLabels: {} },
                { portName: "p", interval: "30s", timeout: "10s", environment: "x", dropMetrics },
            ) as { endpoints: { metricRelabelings?: object[] }[] };
        assert.deepEqual(spec(["a", "b_.+"]).endpoints[0]?.metricRelabelings, [
            { action: "drop", sourceLabels: ["__name__"], regex: "(a|b_.+)(_bucket|_sum|_count)?" },
        ]);
        assert.equal(spec([]).endpoints[0]?.metricRelabelings, undefined);
    });

    it("refuses a pattern that no metric has, with the nearest one, and what is no RE2", () => {
        const says = (pattern: string) =>
            redisMetricPattern.safeParse(pattern).error?.issues[0]?.message ?? "";
        assert.equal(says("redis_allocator_.+"), "");
        assert.match(
            says("redis_cpu_sys_secods_total"),
            /did you mean "redis_cpu_sys_seconds_total"\?/,
        );
        assert.match(says("go_.+"), /a regular expression of whole names/);
        assert.match(says("redis_("), /in RE2's syntax/);
        assert.match(says("redis_(?!up).*"), /no lookahead/);
        assert.match(
            says(".*"),
            /alerts, objectives or dashboards read redis_aof_enabled, .* and \d+ more$/,
        );
    });

    it("can never have a metric that something reads", async () => {
        const runs = [await stackRun("prod"), await stackRun("staging"), await everyModeRun()];
        const words = new Set(
            runs
                .flatMap(({ registrations }) => expressionsOf(registrations))
                .flatMap(({ text }) => text.match(/[a-zA-Z_:][a-zA-Z0-9_:]*/g) ?? []),
        );
        const read = Object.keys(exposerMetrics("redis-exporter").metrics).filter((name) =>
            ["", "_bucket", "_sum", "_count"].some((suffix) => words.has(`${name}${suffix}`)),
        );
        assert.deepEqual(
            [...READ_EXPORTER_METRICS],
            read,
            "change components/metrics/readExporterMetrics.ts",
        );
    });
});
