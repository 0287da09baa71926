import { z } from "zod";

import { Problem, show } from "../settings/problems";
import { gibibytes, volumeSize } from "../settings/quantity";
import { amount, volume, whole } from "../settings/scalars";
import { nodeBuffer, nodeStreams } from "./logBuffer";
import { STREAMS, StreamName } from "./logSchema";
import { LISTEN_ADDRESSES } from "./pipeline/service";

const streamNames = Object.keys(STREAMS) as [StreamName, ...StreamName[]];

export const fluentBit = z
    .strictObject({
        streams: z
            .partialRecord(
                z.enum(streamNames),
                z.strictObject({
                    hourlyVolume: amount.describe(
                        "What its lines are in an hour on the busiest node, events: in the cluster",
                    ),
                }),
            )
            .meta({ entry: "stream" })
            .describe(
                "The streams that are collected: `operator`, `instance`, `containers`, `events`; one of the first three at least",
            ),
        outageHours: whole(1, 168)
            .describe("Hours that Elasticsearch may be away before a line is lost")
            .default(24),
        bufferSize: volume.describe(
            "Disk on each node for what Elasticsearch cannot take yet; checked against the volumes and the hours: [Fluent Bit](components/fluent-bit.md#storage)",
        ),
        listenAddress: z
            .enum(LISTEN_ADDRESSES)
            .describe(
                "Where Fluent Bit offers metrics and probes: `::` is every address of its pod, of IPv6 and IPv4; `0.0.0.0` where the kernel of nodes has no IPv6 at all (`ipv6.disable=1`)",
            )
            .default("::"),
    })
    .describe("Which logs are collected, and the buffer on each node");

export type FluentBitSettings = z.output<typeof fluentBit>;

/** The rules of the log collection. Returns every problem. */
export function fluentBitProblems(settings: FluentBitSettings): Problem[] {
    if (nodeStreams(settings.streams).length === 0) {
        return [
            {
                path: "fluentBit.streams",
                got: show(Object.keys(settings.streams)),
                allowed:
                    "one or more of operator, instance and containers: nothing would be read on the nodes",
            },
        ];
    }
    const buffer = nodeBuffer(settings);
    if (buffer.needed <= buffer.usable) {
        return [];
    }
    return [
        {
            path: "fluentBit.bufferSize",
            got: show(settings.bufferSize),
            allowed: `${settings.outageHours} hours of the streams' hourlyVolume need ${gibibytes(buffer.needed)} and it leaves ${gibibytes(buffer.usable)}: set it to ${volumeSize(buffer.volumeFor)} or more, or lower outageHours`,
        },
    ];
}
