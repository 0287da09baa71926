import type { AlertName } from "./settings";

/** What the thresholds of an alert are about, for docs/configuration.md: every alert that has any. */
export const FIRES_WHEN: Readonly<Partial<Record<AlertName, string>>> = {
    RedisHighMemoryUsage:
        "more than this share of `maxmemory` is used, or of the container's limit where there is none",
    RedisHighConnections:
        "more than this share of `maxclients`, or more than so many clients, are connected",
    RedisOperatorHighReconcileErrors:
        "a controller has more errors per second, or fails in more than this share of its runs",
    RedisReplicationLag: "a replica has not confirmed so many bytes",
    RedisRejectedConnections: "more connections than that are refused within 5 minutes",
    RedisMemoryForecast: "more than this share of `maxmemory` is used, and it is full within a day",
    RedisConnectionsExhausted: "more connections than that are refused each second",
    RedisMainThreadBusy: "the main thread needs more than this share of a core",
    RedisSlowCommands: "more commands than that enter the slow log each second",
    RedisHighLatency: "more than this share of the commands takes longer than 17 ms",
    RedisFragmentation: "more than so many times the memory of the data is held",
    RedisBlockedClients: "more clients than that wait in a blocking command",
    RedisKeysLost: "more than this share of at least so many keys is gone within an hour",
    ElasticsearchSnapshotMissing: "a repository that is there for so long has never had a snapshot",
    RedisEvictions: "more keys than that are evicted",
    RedisOperatorReconcileStuck: "one reconciliation runs for longer",
    ElasticsearchDiskLow: "more than this share of a disk is used",
    ElasticsearchDiskFull: "the same, shortly before writes are refused",
    ElasticsearchHeapHigh: "more than this share of the heap is used",
    ElasticsearchRejections: "more writes or searches than that are rejected",
    ElasticsearchSnapshotOld: "the newest snapshot of a repository is older",
    FluentBitRetryStorm: "more chunks than that are sent again",
    FluentBitBufferNearlyFull: "more than this share of an output's buffer is taken",
    FluentBitLinesSkipped: "more lines than that are skipped within an hour",
    JaegerSpansRefused: "more spans than that are refused",
    JaegerQueueNearlyFull: "more than this share of a queue is taken",
    JaegerStorageFailing: "more than this share of the requests to Elasticsearch fails",
    IstioHighErrorRate: "more than this share of a service's answers is 5xx",
    PodCrashLooping:
        "a container restarts more often within 15 minutes, or waits in CrashLoopBackOff",
    HighMemoryUsage: "a container uses more than this share of its memory limit",
    HighCPUUsage: "a container uses more than this share of its CPU limit",
    ApplicationTooManySamples: "more than this share of `scrape.sampleLimit` is exposed",
    CertificateExpiring: "a certificate of a probed endpoint is valid for less",
    CertificateAboutToExpire: "the same, shortly before nobody connects",
    ErrorBudgetBurnFast: "more than this share of an error budget goes within 1h, or 6h",
    ErrorBudgetBurnSlow: "more than this share of an error budget goes within 1d, or 3d",
};
