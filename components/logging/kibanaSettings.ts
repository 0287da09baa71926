import { z } from "zod";

import { memory, pods } from "../settings/scalars";

export const kibana = z
    .strictObject({
        replicas: pods().describe("Pods"),
        memory: memory("512Mi", "Kibana does not start with less").describe("Request and limit"),
    })
    .describe("Replicas and memory");

export type KibanaSettings = z.output<typeof kibana>;
