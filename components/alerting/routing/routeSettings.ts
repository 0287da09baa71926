import { z } from "zod";

import { suggestion } from "../../settings/problems";
import { duration, name } from "../../settings/scalars";
import { SEVERITIES } from "../severity";

const ZONE = "allowed: a time zone by its IANA name, such as UTC, Europe/Berlin or Asia/Shanghai";

/** A name of the IANA time zone database, as Alertmanager's files have it: `Asia/Shanghai`. */
export const timeZone = z.string({ error: ZONE }).refine(isTimeZone, {
    error: ({ input }) =>
        `${suggestion(String(input), ["UTC", ...Intl.supportedValuesOf("timeZone")])}${ZONE}`,
});

function isTimeZone(zone: string): boolean {
    // `Intl` also takes other cases and offsets, which Alertmanager does not.
    if (!/^[A-Z][\w+-]*(\/[A-Z][\w+-]*)*$/.test(zone)) {
        return false;
    }
    try {
        new Intl.DateTimeFormat("en", { timeZone: zone });
        return true;
    } catch {
        return false;
    }
}

/** Which alerts a route takes, and whom it tells. An alert goes along every route that takes it. */
export const route = z.strictObject({
    severities: z.array(z.enum(SEVERITIES)).min(1),
    receivers: z.array(name).min(1),
    /** Environments whose alerts it takes; when not given, the stack's own. An owner's tenants have others. */
    environments: z.array(name).min(1).optional(),
    /** Values of the label `team` that it takes; when not given, all. */
    teams: z.array(name).min(1).optional(),
    /** Times, by name, in which nothing is sent along it. */
    muteTimes: z.array(name).default([]),
    /** How long the first message of a group waits for more alerts. */
    groupWait: duration.default("30s"),
    /** After how long a message is sent again while its alerts fire. */
    repeatInterval: duration.default("4h"),
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

const clock = z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, {
    error: "allowed: a time of day from 00:00 to 24:00, in quotes",
});

/** A part of the week; everything that is given must hold. */
const period = z.strictObject({
    /** All when not given. */
    weekdays: z.array(z.enum(WEEKDAYS)).min(1).optional(),
    from: clock.default("00:00"),
    to: clock.default("24:00"),
});

export const muteTime = z.strictObject({
    timeZone,
    periods: z.array(period).min(1),
});

export type RouteSettings = z.output<typeof route>;
export type MuteTimeSettings = z.output<typeof muteTime>;
