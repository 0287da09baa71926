import { z } from "zod";

import type { Part, SettingsOf } from "../settings/part";
import type { Pending } from "../settings/pending";
import { broken } from "../settings/read";
import { name, timeZone, urlOrEmpty } from "../settings/scalars";
import { chartAlertSettings } from "./chartAlerts";
import { extraRuleProblems, extraRules } from "./extraRules";
import { receiverProblems } from "./routing/receiverProblems";
import { pendingSecrets, receiver, receiverSecrets } from "./routing/receiverSettings";
import { routeProblems, unroutedProblems } from "./routing/routeProblems";
import { muteTime, route } from "./routing/routeSettings";
import { alertSettings } from "./rules/settings";
import { slo } from "./slos/settings";
import { MeasuredSettings, sloProblems } from "./slos/sloProblems";

const keys = {
    alerting: z
        .strictObject({
            runbookBaseUrl: urlOrEmpty
                .meta({ toSet: true })
                .describe("Where `docs/runbooks` of this repository can be read"),
            team: name
                .describe("Label `team` of every alert without an owner of its own")
                .default("platform"),
            rules: z
                .strictObject({ ...alertSettings.unwrap().shape, ...chartAlertSettings })
                .prefault({})
                .describe("What the stack changes of an alert, by its name"),
            extraRules: z
                .record(name, extraRules)
                .describe(
                    "Rules of your own, by a name: [adapting](adapting.md#alerts-of-your-own)",
                )
                .default({}),
            timeZone: timeZone.describe("Zone of the times in messages").default("UTC"),
            requireHeartbeat: z
                .boolean()
                .describe(
                    "Refuse a configuration without a receiver of type `heartbeat`: nothing else tells that alerting itself is gone",
                )
                .default(false),
            receivers: z
                .record(name, receiver)
                .describe("How somebody is told, by a name of your own"),
            routes: z.record(name, route).describe("Who is told of which alerts").default({}),
            defaultReceiver: name
                .describe(
                    "Receiver of alerts that no route takes, such as those of other teams' rules; `info` that no route takes is told to nobody. Required where a receiver is a heartbeat",
                )
                .optional(),
            unroutedEnvironments: z
                .array(name)
                .describe("Environments of the cluster whose alerts nobody gets, on purpose")
                .default([]),
            muteTimes: z
                .record(name, muteTime)
                .describe("Times in which a route is mute")
                .default({}),
        })
        .describe(
            "Receivers by name, changes of alerts, their owner, and where the runbooks are read",
        ),
    receiverSecrets,
    slos: z
        .record(name, slo)
        .describe(
            "Service level objectives by name, with what they measure, percent and time window",
        )
        .default({}),
};

type Keys = SettingsOf<typeof keys>;
export type AlertingSettings = Keys["alerting"];

/** Alerts, who is told of them, and service level objectives. */
export const alertingPart: Part<
    typeof keys,
    Keys &
        MeasuredSettings & {
            readonly environment: string;
            readonly existingSecrets: { readonly receivers?: string | undefined };
            readonly cluster: { readonly tenantNamespaces: Readonly<Record<string, string>> };
        }
> = {
    keys,
    problems: (settings) => [
        ...sloProblems(settings),
        ...extraRuleProblems(settings.alerting.extraRules),
    ],
    platformProblems: (settings) =>
        broken(settings, [
            ({ alerting, receiverSecrets: secrets }) => receiverProblems(alerting, secrets),
            ({ alerting, environment }) => routeProblems(alerting, environment),
            ({ alerting, environment, cluster }) =>
                unroutedProblems(alerting, [
                    environment,
                    ...Object.values(cluster.tenantNamespaces),
                ]),
        ]),
    pending: ({ alerting }) => (alerting.runbookBaseUrl === "" ? [RUNBOOKS] : []),
    platformPending: ({ alerting, receiverSecrets: secrets, existingSecrets }) =>
        existingSecrets.receivers === undefined ? pendingSecrets(alerting.receivers, secrets) : [],
};

const RUNBOOKS: Pending = {
    path: "alerting.runbookBaseUrl",
    why: "where docs/runbooks of this repository is read",
    placeholder: "URL",
};
