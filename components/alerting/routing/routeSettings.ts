import { z } from "zod";

import { clock, durationFrom, name, timeZone } from "../../settings/scalars";
import { SEVERITIES } from "../severity";

/** Between two messages. */
const again = durationFrom(
    "1m",
    "5d",
    "for so long Alertmanager remembers what it has sent, and more often nobody reads",
);

/** Which alerts a route takes, and whom it tells. An alert goes along every route that takes it. */
export const route = z.strictObject({
    severities: z.array(z.enum(SEVERITIES)).min(1).describe("Severities that it takes"),
    receivers: z.array(name).min(1).describe("All of them are told"),
    environments: z
        .array(name)
        .min(1)
        .meta({ otherwise: "the stack's" })
        .describe("Environments that it takes; tenants have others")
        .optional(),
    teams: z
        .array(name)
        .min(1)
        .meta({ otherwise: "all" })
        .describe("Values of the label `team` that it takes")
        .optional(),
    muteTimes: z
        .array(name)
        .describe("Nothing is sent in these times. Refused on a route with `critical`")
        .default([]),
    groupWait: durationFrom("1s", "1h", "nobody is told before")
        .describe("How long the first message of a group waits for more alerts")
        .default("30s"),
    repeatInterval: again
        .describe("After how long a message comes again while its alerts fire")
        .default("4h"),
    digest: again
        .meta({ otherwise: "each alert by itself" })
        .describe(
            "All alerts of an environment in one message, each time that this has passed. Refused on a route with `critical`",
        )
        .optional(),
});

export const WEEKDAYS = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
] as const;

/** A part of the week; everything that is given must hold. */
const period = z
    .strictObject({
        weekdays: z
            .array(z.enum(WEEKDAYS))
            .min(1)
            .meta({ otherwise: "all" })
            .describe("Days of the week")
            .optional(),
        from: clock.describe("When it begins").default("00:00"),
        to: clock.describe("When it ends").default("24:00"),
    })
    .refine(
        ({ weekdays, from, to }) =>
            (weekdays !== undefined && weekdays.length < WEEKDAYS.length) ||
            from !== "00:00" ||
            to !== "24:00",
        {
            error: "allowed: some weekdays, or a part of the day with from and to: the whole week would be mute for ever",
        },
    );

export const muteTime = z.strictObject({
    timeZone: timeZone.describe("Zone of the times"),
    periods: z
        .array(period)
        .min(1)
        .describe("Parts of the week; everything that is given of one must hold"),
});

export type RouteSettings = z.output<typeof route>;
export type MuteTimeSettings = z.output<typeof muteTime>;
