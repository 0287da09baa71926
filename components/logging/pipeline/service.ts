import { megabytes, Plugin } from "./plugin";

/** Every address of the pod, of either IP family; and every one of IPv4 only. */
export const LISTEN_ADDRESSES = ["::", "0.0.0.0"] as const;
export type ListenAddress = (typeof LISTEN_ADDRESSES)[number];
const EVERY_ADDRESS = LISTEN_ADDRESSES[0];

/** Port of the metrics and of the probes. */
export const HTTP_PORT = 2020;

/** Seconds between two tries of a chunk: at least, and at most. The default goes up to 2000. */
export const RETRY_SECONDS = { least: 30, most: 60 } as const;

/** https://docs.fluentbit.io/manual/administration/configuring-fluent-bit/yaml/service-section */
export function serviceSection(
    stateFolder: string,
    rejectedLimit: number,
    /** Of the metrics and of the probes. */
    listenAddress: ListenAddress = EVERY_ADDRESS,
): Plugin {
    return {
        flush: 1,
        // Enough to send what is buffered when Elasticsearch is there; the rest is on the disk.
        grace: 5,
        log_level: "info",
        http_server: true,
        http_listen: listenAddress,
        http_port: HTTP_PORT,
        health_check: true,
        "storage.path": `${stateFolder}/chunks`,
        "storage.sync": "normal",
        "storage.metrics": true,
        // Chunks of up to 2 MB in memory at a time.
        "storage.max_chunks_up": 64,
        "storage.backlog.mem_limit": "16M",
        "storage.keep.rejected": true,
        "storage.rejected.path": "rejected",
        "storage.rejected.limit": megabytes(rejectedLimit),
        "scheduler.base": RETRY_SECONDS.least,
        "scheduler.cap": RETRY_SECONDS.most,
    };
}
