/** What Redis does with a key of its configuration, and who else sets it. */

/**
 * Keys that `CONFIG SET` takes while Redis runs, of Redis 7.2 to 8.8. What is not here is read at the start only, or is
 * newer: pods restart for it. https://redis.io/docs/latest/operate/oss_and_stack/management/config/
 */
export const DYNAMIC_KEYS: ReadonlySet<string> = new Set(
    `acllog-max-len active-defrag-cycle-max active-defrag-cycle-min active-defrag-ignore-bytes
    active-defrag-max-scan-fields active-defrag-threshold-lower active-defrag-threshold-upper active-expire-effort
    activedefrag activerehashing aof-disable-auto-gc aof-load-truncated aof-rewrite-incremental-fsync aof-timestamp-enabled
    aof-use-rdb-preamble appendfsync appendonly auto-aof-rewrite-min-size auto-aof-rewrite-percentage
    busy-reply-threshold client-output-buffer-limit client-query-buffer-limit cluster-allow-pubsubshard-when-down
    cluster-allow-reads-when-down cluster-allow-replica-migration cluster-link-sendbuf-limit
    cluster-migration-barrier cluster-node-timeout cluster-replica-no-failover cluster-replica-validity-factor
    cluster-require-full-coverage crash-log-enabled crash-memcheck-enabled dynamic-hz hash-max-listpack-entries
    hash-max-listpack-value hll-sparse-max-bytes hz jemalloc-bg-thread latency-monitor-threshold latency-tracking
    latency-tracking-info-percentiles lazyfree-lazy-eviction lazyfree-lazy-expire lazyfree-lazy-server-del
    lazyfree-lazy-user-del lazyfree-lazy-user-flush lfu-decay-time lfu-log-factor list-compress-depth
    list-max-listpack-size loglevel lua-time-limit maxclients maxmemory maxmemory-clients
    maxmemory-eviction-tenacity maxmemory-policy maxmemory-samples min-replicas-max-lag min-replicas-to-write
    no-appendfsync-on-rewrite notify-keyspace-events propagation-error-behavior proto-max-bulk-len
    rdb-del-sync-files rdb-save-incremental-fsync rdbcompression repl-backlog-size repl-backlog-ttl
    repl-disable-tcp-nodelay repl-diskless-load repl-diskless-sync repl-diskless-sync-delay
    repl-diskless-sync-max-replicas repl-ping-replica-period repl-timeout replica-ignore-disk-write-errors
    replica-ignore-maxmemory replica-lazy-flush replica-priority replica-read-only replica-serve-stale-data
    sanitize-dump-payload save set-max-intset-entries shutdown-on-sigint shutdown-on-sigterm shutdown-timeout
    slowlog-log-slower-than slowlog-max-len stop-writes-on-bgsave-error stream-node-max-bytes
    stream-node-max-entries tcp-keepalive timeout tracking-table-max-keys zset-max-listpack-entries
    zset-max-listpack-value`.split(/\s+/),
);

/** Further keys that Redis reads at its start. */
const STARTING_KEYS =
    `always-show-logo aof_rewrite_cpulist bgsave_cpulist bio_cpulist databases disable-thp enable-debug-command
    enable-module-command enable-protected-configs io-threads io-threads-do-reads rdbchecksum server_cpulist
    set-proc-title socket-mark-id tcp-backlog`.split(/\s+/);

/** Keys whose spelling is known. */
export const KNOWN_KEYS: readonly string[] = [...DYNAMIC_KEYS, ...STARTING_KEYS];

/** Why a key is not the user's. */
const OWNERS: readonly (readonly [keys: string, why: string])[] = [
    ["maxmemory", "it is `memory` times `maxMemoryPercentOfLimit`"],
    [
        "requirepass masterauth masteruser protected-mode",
        "the operator sets it; `redisPasswords` has the password",
    ],
    ["aclfile user", "the operator sets it; `users` has the users"],
    ["bind port unixsocket unixsocketperm cluster-port bind-source-addr", "the operator listens"],
    [
        "cluster-enabled cluster-config-file cluster-preferred-endpoint-type",
        "the operator sets it for `mode: cluster`",
    ],
    ["replicaof slaveof replica-announced", "the operator, or Sentinel, chooses the master"],
    [
        "dir dbfilename appendfilename appenddirname",
        "the operator and backups know where the files are",
    ],
    ["daemonize supervised pidfile", "the image runs Redis"],
    [
        "logfile syslog-enabled syslog-facility syslog-ident crash-log-file",
        "logs go to the standard output, where Fluent Bit reads them",
    ],
    [
        "rename-command",
        "the operator, exporter and backups use the commands; take them from `users`",
    ],
    ["include loadmodule", "the image has no other files"],
];
const OWNED = new Map(
    OWNERS.flatMap(([keys, why]) => keys.split(" ").map((key) => [key, why] as const)),
);

/** Why somebody else sets a key, or undefined for the user's. */
export function ownerOf(key: string): string | undefined {
    if (key.startsWith("tls-")) {
        return "`tls` has it";
    }
    if (/^(cluster|replica|slave)-announce-/.test(key)) {
        return "the operator tells clients the pods' addresses";
    }
    return OWNED.get(key);
}

/** The words before Redis 5 and 7, which the server still takes: one name for each key. */
export function currentName(key: string): string | undefined {
    const current = key.replace(/slaves?\b/, (word) => word.replace("slave", "replica"));
    const listpack = current.replace("ziplist", "listpack");
    return listpack === key ? undefined : listpack;
}
