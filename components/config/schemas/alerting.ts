import { z } from "zod";

import { SEVERITIES } from "../../common/severity";
import { alertSettings } from "./rules";
import { duration, name, url } from "./scalars";

const severity = z.enum(SEVERITIES);
const routed = {
    severities: z.array(severity).min(1),
    /** Environments whose alerts it gets; when not given, the stack's own. An owner's tenants have others. */
    environments: z.array(name).min(1).optional(),
};
export const receiver = z.discriminatedUnion("type", [
    z.strictObject({ type: z.literal("slack"), channel: z.string().min(1), ...routed }),
    z.strictObject({ type: z.literal("pagerduty"), ...routed }),
    z.strictObject({ type: z.literal("webhook"), ...routed }),
    z.strictObject({
        type: z.literal("email"),
        to: z.email(),
        from: z.email(),
        smarthost: z.string().regex(/^[^:\s]+:\d+$/, { error: "allowed: HOST:PORT" }),
        username: z.string().min(1),
        ...routed,
    }),
    /** A dead man's switch: gets the always-firing Watchdog and reports when it stops. */
    z.strictObject({ type: z.literal("heartbeat"), interval: duration.default("1m") }),
]);

export const alerting = z.strictObject({
    /** Where docs/runbooks of this repository can be read. */
    runbookBaseUrl: z.union([z.literal(""), url]),
    /** Label `team` of every alert that has no other owner. */
    team: name.default("platform"),
    /** What a stack changes of an alert, by the alert's name. */
    rules: alertSettings,
    receivers: z.record(name, receiver),
});
