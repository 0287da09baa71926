import { seconds } from "../settings/duration";
import { bytes } from "../settings/quantity";
import { intervals } from "../settings/schedule";
import type { Capacity } from "../logging/capacity";
import type { RedisInstanceSettings, Settings } from "../stack/schema";

/** Bytes that Redis may use for data. */
export function maxMemory(
    settings: Pick<RedisInstanceSettings, "memory" | "maxMemoryPercentOfLimit">,
): number {
    return Math.floor((bytes(settings.memory) * settings.maxMemoryPercentOfLimit) / 100);
}

/** A restic repository may not fill up: it needs room to rewrite packs when it forgets. */
const REPOSITORY_FILL = 0.85;

/**
 * Redis backups of one namespace: maxmemory x shards x backups within the retention, against its volume. An upper
 * bound: an RDB file is smaller than the memory that it is of, and equal parts of files are stored once.
 */
export function redisBackupVolume(
    instances: readonly RedisInstanceSettings[],
    retention: Pick<Settings["retention"], "backups">,
    storageSize: string,
): Capacity {
    const needed = instances.reduce((sum, instance) => {
        const { shortest } = intervals(instance.backup?.schedule ?? "");
        // The newest one is there before the oldest one goes.
        const kept = Math.floor(seconds(retention.backups) / shortest) + 1;
        const shards = instance.mode === "cluster" ? instance.shards : 1;
        return sum + maxMemory(instance) * shards * kept;
    }, 0);
    return {
        needed,
        usable: bytes(storageSize) * REPOSITORY_FILL,
        volumeFor: needed / REPOSITORY_FILL,
    };
}
