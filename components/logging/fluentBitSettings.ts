import { z } from "zod";

import { STREAMS, StreamName } from "./logSchema";
import { quantity } from "../settings/scalars";

const streamNames = Object.keys(STREAMS) as [StreamName, ...StreamName[]];

export const fluentBit = z.strictObject({
    /** The streams that are collected, and what each writes in an hour: of a node; events: of the cluster. */
    streams: z.partialRecord(z.enum(streamNames), z.strictObject({ hourlyVolume: quantity })),
    /** Hours that Elasticsearch may be away before a line is lost. */
    outageHours: z.int().min(1).max(168).default(24),
    /** Disk per node for what Elasticsearch cannot take yet. */
    bufferSize: quantity,
});
