import { gibibytes, volumeSize } from "../settings/quantity";
import { nodeBuffer, nodeStreams } from "./logBuffer";
import { Problem, show } from "../settings/problems";
import type { Settings } from "../stack/schema";

/** The rules of the log collection. Returns every problem. */
export function fluentBitProblems({ fluentBit }: Pick<Settings, "fluentBit">): Problem[] {
    if (nodeStreams(fluentBit.streams).length === 0) {
        return [
            {
                path: "fluentBit.streams",
                got: show(Object.keys(fluentBit.streams)),
                allowed:
                    "one or more of operator, instance and containers: nothing would be read on the nodes",
            },
        ];
    }
    const buffer = nodeBuffer(fluentBit);
    if (buffer.needed <= buffer.usable) {
        return [];
    }
    return [
        {
            path: "fluentBit.bufferSize",
            got: show(fluentBit.bufferSize),
            allowed: `${fluentBit.outageHours} hours of the streams' hourlyVolume need ${gibibytes(buffer.needed)} and it leaves ${gibibytes(buffer.usable)}: set it to ${volumeSize(buffer.volumeFor)} or more, or lower outageHours`,
        },
    ];
}
