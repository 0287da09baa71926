import { bytes } from "../settings/quantity";

/** Bytes that Redis may use for data. */
export function maxMemory(settings: {
    readonly memory: string;
    readonly maxMemoryPercentOfLimit: number;
}): number {
    return Math.floor((bytes(settings.memory) * settings.maxMemoryPercentOfLimit) / 100);
}
