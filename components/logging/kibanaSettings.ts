import { z } from "zod";

import { quantity } from "../settings/scalars";

export const kibana = z
    .strictObject({
        replicas: z.int().min(1).describe("Pods"),
        memory: quantity.describe("Request and limit"),
    })
    .describe("Replicas and memory");

export type KibanaSettings = z.output<typeof kibana>;
