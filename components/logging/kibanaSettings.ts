import { z } from "zod";

import { customSpec } from "../kubernetes/customSpec";
import { memory, pods } from "../settings/scalars";

export const kibana = z
    .strictObject({
        replicas: pods().describe("Pods"),
        memory: memory("512Mi", "Node.js keeps half of it and more for Kibana's own code").describe(
            "Request and limit",
        ),
        spec: customSpec
            .describe(
                "What no key says of its custom resource, over ours: [adapting](adapting.md#fields-of-a-custom-resource)",
            )
            .optional(),
    })
    .describe("Replicas and memory");

export type KibanaSettings = z.output<typeof kibana>;
