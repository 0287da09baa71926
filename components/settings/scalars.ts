import { z } from "zod";

import { parseDuration } from "./duration";
import { parseQuantity } from "./quantity";

/** The kinds of values that the configuration has in many places. */

export const quantity = z.string().refine((text) => (parseQuantity(text) ?? 0) > 0, {
    error: "allowed: a Kubernetes quantity such as 500m, 256Mi or 10Gi",
});
export const duration = z.string().refine((text) => parseDuration(text) !== undefined, {
    error: "allowed: a whole number and a unit of s, m, h, d or w, such as 30s or 7d",
});
export const name = z.string().regex(/^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/, {
    error: "allowed: 1 to 40 of a-z, 0-9 and '-', starting with a letter, not ending with '-'",
});
export const url = z.url({ protocol: /^https?$/, error: "allowed: an http or https URL" });
export const atLeast = (minimum: number, why: string): z.ZodInt =>
    z.int().min(minimum, { error: `allowed: ${minimum} or more, because ${why}` });
