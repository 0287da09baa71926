import type { Capacity } from "../settings/capacity";
import { bytes, volumeSize } from "../settings/quantity";
import type { StreamName } from "./logSchema";

/** What the buffer is sized by. */
export interface BufferSettings {
    readonly streams: Readonly<Partial<Record<StreamName, { readonly hourlyVolume: string }>>>;
    readonly outageHours: number;
    readonly bufferSize: string;
}

/**
 * Bytes of buffered chunk per byte of log file: a chunk holds each line with its pod's labels and its own fields.
 * Measured: 3.1 with lines of Redis, 1.5 with lines of its operator (docs/components/fluent-bit.md); rounded up for pods with more labels.
 */
export const CHUNK_FACTOR = 4;

/** Share of the disk for rejected chunks, which are kept for inspection. */
const REJECTED_SHARE = 0.1;

/** Disk that the buffer needs for the outage, and what `bufferSize` leaves for it; in bytes. Events are not on nodes. */
export function nodeBuffer(settings: BufferSettings): Capacity {
    const needed = nodeStreams(settings.streams).reduce(
        (sum, stream) => sum + streamBytes(settings, stream),
        0,
    );
    return {
        needed,
        usable: bytes(settings.bufferSize) * (1 - REJECTED_SHARE),
        volumeFor: needed / (1 - REJECTED_SHARE),
    };
}

/** Bytes that each stream of a node may keep: its share of `bufferSize` by its volume. */
export function nodeLimits(settings: BufferSettings): Partial<Record<StreamName, number>> {
    const { needed, usable } = nodeBuffer(settings);
    return Object.fromEntries(
        nodeStreams(settings.streams).map((stream) => [
            stream,
            (usable * streamBytes(settings, stream)) / needed,
        ]),
    );
}

/** The volume of the one that reads events, as a quantity. */
export function eventsVolume(settings: BufferSettings): string {
    return volumeSize(streamBytes(settings, "events") / (1 - REJECTED_SHARE));
}

/** Bytes for rejected chunks of a buffer of so many bytes. */
export function rejectedLimit(bufferBytes: number): number {
    return bufferBytes * REJECTED_SHARE;
}

/** Bytes of chunks that a stream writes during the outage. */
export function streamBytes(
    { streams, outageHours }: Pick<BufferSettings, "streams" | "outageHours">,
    stream: StreamName,
): number {
    const { hourlyVolume } = streams[stream] ?? { hourlyVolume: "0" };
    return bytes(hourlyVolume) * outageHours * CHUNK_FACTOR;
}

/** Streams that are read on every node, in the order of the contract. */
export function nodeStreams(streams: BufferSettings["streams"]): StreamName[] {
    return (["operator", "instance", "containers"] as const).filter((stream) => streams[stream]);
}
