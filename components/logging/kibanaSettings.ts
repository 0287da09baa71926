import { z } from "zod";

import { memory, pods } from "../settings/scalars";

export const kibana = z
    .strictObject({
        replicas: pods().describe("Pods"),
        memory: memory("512Mi", "Node.js keeps half of it and more for Kibana's own code").describe(
            "Request and limit",
        ),
    })
    .describe("Replicas and memory");

export type KibanaSettings = z.output<typeof kibana>;
