import { z } from "zod";

import { quantity } from "../settings/scalars";

export const kibana = z.strictObject({ replicas: z.int().min(1), memory: quantity });

export type KibanaSettings = z.output<typeof kibana>;
