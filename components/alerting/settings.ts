import { z } from "zod";

import type { Part, SettingsOf } from "../settings/part";
import type { Pending } from "../settings/pending";
import { name, url } from "../settings/scalars";
import { chartAlertSettings } from "./chartAlerts";
import { receiverProblems } from "./routing/receiverProblems";
import { pendingSecrets, receiver, receiverSecrets } from "./routing/receiverSettings";
import { routeProblems, unroutedProblems } from "./routing/routeProblems";
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
        rules: z
            .strictObject({ ...alertSettings.unwrap().shape, ...chartAlertSettings })
            .prefault({}),
        /** Zone of the times in messages. */
        timeZone: timeZone.default("UTC"),
        /** Refuse a configuration in which nobody notices that alerting itself is gone. */
        requireHeartbeat: z.boolean().default(false),
        receivers: z.record(name, receiver),
        routes: z.record(name, route).default({}),
        defaultReceiver: name
            .optional()
            .describe(
                "Receiver of alerts that no route takes, such as those of other teams' rules; `info` that no route takes is told to nobody. Required where a receiver is a heartbeat",
            ),
        unroutedEnvironments: z
            .array(name)
            .default([])
            .describe("Environments of the cluster whose alerts nobody gets, on purpose"),
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
    Keys &
        MeasuredSettings & {
            readonly environment: string;
            readonly cluster: { readonly tenantNamespaces: Readonly<Record<string, string>> };
        }
> = {
    keys,
    problems: sloProblems,
    platformProblems: ({ alerting, receiverSecrets: secrets, environment, cluster }) => [
        ...receiverProblems(alerting, secrets),
        ...routeProblems(alerting, environment),
        ...unroutedProblems(alerting, [environment, ...Object.values(cluster.tenantNamespaces)]),
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
