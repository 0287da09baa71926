import { show } from "../settings/problems";
import { text } from "../settings/scalars";

/**
 * What redis.conf takes for each key, as Redis' own table has it (src/config.c): Redis does not start with another
 * value, and refuses it while it runs. Keys that are not here take any text.
 */

const FLAGS = words(`
    activedefrag activerehashing always-show-logo aof-disable-auto-gc aof-load-truncated aof-rewrite-incremental-fsync
    aof-timestamp-enabled aof-use-rdb-preamble appendonly cluster-allow-pubsubshard-when-down
    cluster-allow-reads-when-down cluster-allow-replica-migration cluster-replica-no-failover
    cluster-require-full-coverage crash-log-enabled crash-memcheck-enabled disable-thp dynamic-hz hide-user-data-from-log
    io-threads-do-reads jemalloc-bg-thread latency-tracking lazyfree-lazy-eviction lazyfree-lazy-expire
    lazyfree-lazy-server-del lazyfree-lazy-user-del lazyfree-lazy-user-flush no-appendfsync-on-rewrite rdb-del-sync-files
    rdb-save-incremental-fsync rdbchecksum rdbcompression repl-disable-tcp-nodelay repl-diskless-sync
    replica-ignore-disk-write-errors replica-ignore-maxmemory replica-lazy-flush replica-read-only
    replica-serve-stale-data set-proc-title stop-writes-on-bgsave-error`);

const CHOICES: Readonly<Record<string, readonly string[]>> = {
    "acl-pubsub-default": ["allchannels", "resetchannels"],
    "enable-debug-command": ["no", "yes", "local"],
    "enable-module-command": ["no", "yes", "local"],
    "enable-protected-configs": ["no", "yes", "local"],
    loglevel: ["debug", "verbose", "notice", "warning", "nothing"],
    "oom-score-adj": ["no", "yes", "relative", "absolute"],
    "propagation-error-behavior": ["ignore", "panic", "panic-on-replicas"],
    "repl-diskless-load": ["disabled", "on-empty-db", "swapdb"],
    "sanitize-dump-payload": ["no", "yes", "clients"],
};

/** Any of them, with spaces between. */
const SHUTDOWN = ["default", "save", "nosave", "now", "force"];

const INT = 2 ** 31 - 1;
/** Least and most of whole numbers; what Redis holds in 64 bits ends where JavaScript's numbers do. */
const NUMBERS: Readonly<Record<string, readonly [least: number, most: number]>> = {
    ...each(
        [0, INT],
        [
            "auto-aof-rewrite-percentage cluster-migration-barrier cluster-replica-validity-factor hz lfu-decay-time",
            "lfu-log-factor list-compress-depth repl-diskless-sync-delay repl-diskless-sync-max-replicas replica-priority",
            "shutdown-timeout tcp-backlog",
        ],
    ),
    ...each(
        [0, Number.MAX_SAFE_INTEGER],
        [
            "acllog-max-len busy-reply-threshold cluster-node-timeout hash-max-listpack-entries lua-time-limit",
            "repl-backlog-ttl set-max-intset-entries set-max-listpack-entries set-max-listpack-value socket-mark-id",
            "stream-node-max-entries tracking-table-max-keys zset-max-listpack-entries",
        ],
    ),
    ...each([1, INT], ["repl-ping-replica-period repl-timeout active-defrag-max-scan-fields"]),
    "active-defrag-cycle-max": [1, 99],
    "active-defrag-cycle-min": [1, 99],
    "active-defrag-threshold-lower": [0, 1000],
    "active-defrag-threshold-upper": [0, 1000],
    "active-expire-effort": [1, 10],
    "list-max-listpack-size": [-INT - 1, INT],
    "max-new-connections-per-cycle": [1, 1000],
    "max-new-tls-connections-per-cycle": [1, 1000],
    "maxmemory-eviction-tenacity": [0, 100],
    "maxmemory-samples": [1, 64],
};

/** The least of sizes in bytes. */
const BYTES: Readonly<Record<string, number>> = {
    "active-defrag-ignore-bytes": 1,
    "auto-aof-rewrite-min-size": 0,
    "client-query-buffer-limit": 2 ** 20,
    "cluster-link-sendbuf-limit": 0,
    "hash-max-listpack-value": 0,
    "hll-sparse-max-bytes": 0,
    "proto-max-bulk-len": 2 ** 20,
    "stream-node-max-bytes": 0,
    "zset-max-listpack-value": 0,
};

/** Redis' own units: `kb` is 1024 bytes, `k` is 1000. */
const UNITS: Readonly<Record<string, number>> = {
    "": 1,
    b: 1,
    k: 1e3,
    kb: 2 ** 10,
    m: 1e6,
    mb: 2 ** 20,
    g: 1e9,
    gb: 2 ** 30,
};

/** The bytes of a size, or undefined when Redis reads none. */
export function redisBytesOf(size: string): number | undefined {
    const [, digits, unit = ""] = /^(\d{1,15})([a-z]{0,2})$/i.exec(size) ?? [];
    const factor = Object.hasOwn(UNITS, unit.toLowerCase()) ? UNITS[unit.toLowerCase()] : undefined;
    const bytes = Number(digits) * (factor ?? NaN);
    return bytes <= Number.MAX_SAFE_INTEGER ? bytes : undefined;
}

export const redisBytes = text({
    kind: "bytes of Redis, such as `256mb`",
    reader: "sizes in redis.conf",
    allowed: "bytes of Redis, such as 256mb or 1gb, one or more",
    is: (each) => (redisBytesOf(each) ?? 0) > 0,
});

const SAVE = /^([1-9]\d{0,9} \d{1,9}( [1-9]\d{0,9} \d{1,9})*)?$/;
export const savePoints = text({
    kind: "pairs of seconds and changes, or empty",
    reader: "`save` in redis.conf",
    allowed: 'pairs of seconds and changes such as "3600 1 300 100", or "" for no snapshots',
    is: (each) => SAVE.test(each),
});

export const keyspaceEvents = text({
    kind: "text",
    reader: "`notify-keyspace-events` in redis.conf",
    allowed:
        'letters of classes of events, such as "Ex" for expired keys: of KEAg$lshzxetmdn, or "" for none',
    is: (each) => /^[KEAg$lshzxetmdn]*$/.test(each),
});

/** The operator puts it behind its key, and a file has it in one line. */
export const redisConfigText = text({
    kind: "text",
    reader: "redis.conf: each key has its own values",
    allowed:
        "a value of up to 1024 characters in one line, without quotes, backslashes and spaces around it",
    is: (each) =>
        each.length <= 1024 && each.trim() === each && !/["'\\\p{Cc}\u2028\u2029]/u.test(each),
});

/** What is allowed instead of a value that Redis refuses, or undefined for one that it takes. */
export function refusedValue(key: string, value: string): string | undefined {
    if (FLAGS.has(key)) {
        return /^(yes|no)$/i.test(value) ? undefined : "yes or no";
    }
    const choices = own(CHOICES, key);
    if (choices) {
        return choices.includes(value.toLowerCase()) ? undefined : `one of ${choices.join(", ")}`;
    }
    const range = own(NUMBERS, key);
    if (range) {
        const [least, most] = range;
        const number = /^-?\d{1,16}$/.test(value) ? Number(value) : NaN;
        return number >= least && number <= most
            ? undefined
            : `a whole number from ${least} to ${most}`;
    }
    const bytes = own(BYTES, key);
    if (bytes !== undefined) {
        return (redisBytesOf(value) ?? -1) >= bytes
            ? undefined
            : `bytes of Redis, such as 256mb or 1gb, ${bytes} or more`;
    }
    return listProblem(key, value);
}

/** Of keys whose value has several words. */
function listProblem(key: string, value: string): string | undefined {
    const parts = value.split(" ");
    switch (key) {
        case "client-output-buffer-limit":
            return /^((normal|replica|slave|pubsub) \S+ \S+ \d{1,9}( |$))+$/.test(value) &&
                !value.endsWith(" ") &&
                parts.every((each, i) => i % 4 !== 1 || redisBytesOf(each) !== undefined) &&
                parts.every((each, i) => i % 4 !== 2 || redisBytesOf(each) !== undefined)
                ? undefined
                : 'a class (normal, replica, pubsub), two sizes and seconds, such as "replica 256mb 64mb 60", once or more';
        case "latency-tracking-info-percentiles":
            return value === "" ||
                parts.every((each) => /^\d{1,3}(\.\d+)?$/.test(each) && Number(each) <= 100)
                ? undefined
                : 'percentiles from 0 to 100 such as "50 99 99.9", or ""';
        case "oom-score-adj-values":
            return parts.length === 3 &&
                parts.every((each) => /^-?\d{1,4}$/.test(each) && Math.abs(Number(each)) <= 2000)
                ? undefined
                : 'three numbers from -2000 to 2000, such as "0 200 800"';
        case "shutdown-on-sigint":
        case "shutdown-on-sigterm":
            return parts.every((each) => SHUTDOWN.includes(each)) &&
                !(parts.includes("save") && parts.includes("nosave"))
                ? undefined
                : `${SHUTDOWN.join(", ")}, or several with spaces between, not both save and nosave`;
        default:
            return value === "" ? `${show("")} is no value of it: leave the key out` : undefined;
    }
}

function own<T>(map: Readonly<Record<string, T>>, key: string): T | undefined {
    return Object.hasOwn(map, key) ? map[key] : undefined;
}

function words(text: string): ReadonlySet<string> {
    return new Set(text.trim().split(/\s+/));
}

function each<T>(value: T, keys: readonly string[]): Record<string, T> {
    return Object.fromEntries([...words(keys.join(" "))].map((key) => [key, value]));
}
