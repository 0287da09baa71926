import { z } from "zod";

import { receiver } from "./routing/receiverSettings";
import { muteTime, route, timeZone } from "./routing/routeSettings";
import { alertSettings } from "./rules/settings";
import { name, url } from "../settings/scalars";

export const alerting = z.strictObject({
    /** Where docs/runbooks of this repository can be read. */
    runbookBaseUrl: z.union([z.literal(""), url]),
    /** Label `team` of every alert that has no other owner. */
    team: name.default("platform"),
    /** What a stack changes of an alert, by the alert's name. */
    rules: alertSettings,
    /** Zone of the times in messages. */
    timeZone: timeZone.default("UTC"),
    /** Refuse a configuration in which nobody notices that alerting itself is gone. */
    requireHeartbeat: z.boolean().default(false),
    receivers: z.record(name, receiver),
    routes: z.record(name, route).default({}),
    muteTimes: z.record(name, muteTime).default({}),
});
