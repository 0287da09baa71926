import { z } from "zod";

import type { Part, SettingsOf } from "../settings/part";
import type { Pending } from "../settings/pending";
import { name, url } from "../settings/scalars";
import { receiverProblems } from "./routing/receiverProblems";
import { pendingSecrets, receiver, receiverSecrets } from "./routing/receiverSettings";
import { routeProblems } from "./routing/routeProblems";
import { muteTime, route, timeZone } from "./routing/routeSettings";
import { alertSettings } from "./rules/settings";
import { slo } from "./slos/settings";
import { MeasuredSettings, sloProblems } from "./slos/sloProblems";

const keys = {
    alerting: z.strictObject({
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
    }),
    receiverSecrets,
    slos: z.record(name, slo).default({}),
};

type Keys = SettingsOf<typeof keys>;
export type AlertingSettings = Keys["alerting"];

/** Alerts, who is told of them, and service level objectives. */
export const alertingPart: Part<
    typeof keys,
    Keys & MeasuredSettings & { readonly environment: string }
> = {
    keys,
    problems: sloProblems,
    platformProblems: ({ alerting, receiverSecrets: secrets, environment }) => [
        ...receiverProblems(alerting, secrets),
        ...routeProblems(alerting, environment),
    ],
    pending: ({ alerting }) => (alerting.runbookBaseUrl === "" ? [RUNBOOKS] : []),
    platformPending: ({ alerting, receiverSecrets: secrets }) =>
        pendingSecrets(alerting.receivers, secrets),
};

const RUNBOOKS: Pending = {
    path: "alerting.runbookBaseUrl",
    why: "where docs/runbooks of this repository is read",
    placeholder: "URL",
};
