/**
 * Metrics of redis_exporter that Prometheus drops by default, as patterns of whole names: details that no alert,
 * recording rule, dashboard or autoscaler here reads, and what another metric says already. `npm test` fails when
 * something reads a dropped one.
 */
export const UNREAD_EXPORTER_METRICS: readonly string[] = [
    // A summary for each command, which cannot be aggregated; redis_commands_latencies_usec is a histogram.
    "redis_latency_percentiles_usec",
    // Of the exporter's own process: cAdvisor has its container's CPU and memory.
    "process_.+",
    "redis_exporter_(last_scrape_connect_time_seconds|scrape_duration_seconds|scrapes_total)",
    "redis_target_scrape_request_errors_total",
    "redis_last_key_groups_scrape_duration_milliseconds",
    // Settings, and the numbers of what is not used here.
    "redis_config_(client_output_buffer_.+|io_threads|maxmemory|repl_backlog_size)",
    "redis_(configured_)?hz",
    "redis_(active_)?defrag_.+",
    "redis_io_thread.+",
    "redis_tracking_.+",
    "redis_number_of_.+",
    "redis_pubsub.+",
    "redis_module_fork_.+",
    "redis_dump_payload_sanitizations",
    "redis_migrate_cached_sockets_total",
    "redis_process_id",
    "redis_sentinel_(running_scripts|scripts_queue_length|simulate_failure_flags)",
    // Details of memory below used, rss, dataset and the fragmentation ratio.
    "redis_allocator_.+",
    "redis_mem_(aof_buffer|clients|cluster_links|not_counted|replication|total_replication)_.+",
    "redis_memory_used_(functions|lua|scripts|scripts_eval|startup|vm_eval|vm_functions)_bytes",
    "redis_memory_used_vm_total",
    "redis_client_recent_max_.+",
    "redis_lazyfree.+",
    "redis_reply_buffer_.+",
    // Details of expiry, eviction and persistence below their counts, status and times.
    "redis_(current_)?eviction_exceeded_.+",
    "redis_expire(_cycle_cpu_time_ms|d_time_cap_reached)_total",
    "redis_expired_stale_percentage",
    "redis_aof_(base_size_bytes|buffer_length|last_cow_size_bytes|pending_.+|rewrite_scheduled)",
    "redis_rdb_last_(cow_size_bytes|load_.+)",
    "redis_slave_(expires_tracked_keys|priority)",
    "redis_second_repl_offset",
    // The totals by direction remain.
    "redis_cluster_stats_messages_.+",
    "redis_cpu_(sys|user)_children_seconds_total",
];
