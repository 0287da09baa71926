import { z } from "zod";

import type { Pending } from "../../settings/pending";
import {
    ca,
    durationFrom,
    email,
    freeText,
    hostPort,
    name,
    secret,
    text,
    url,
    whole,
} from "../../settings/scalars";

const tls = {
    ca: ca
        .describe("Authority of the certificate of the service, where it is a company's own")
        .optional(),
};

/** Alertmanager fills in templates there, and takes any text. */
const channel = text({
    kind: "channel",
    reader: "Slack's API",
    allowed:
        "a channel such as #redis-alerts, a user such as @anna, or an id such as C0123456789; a webhook's URL is the receiver's secret",
    is: (each) => /^[#@]?[\p{L}\p{M}\p{N}._-]{1,80}$/u.test(each),
});
const WECOM_ID = /^[A-Za-z0-9_.@-]{1,64}$/;
const wecomId = text({
    kind: "id",
    reader: "WeCom's API",
    allowed: "an id of 1 to 64 letters, digits and _.@-",
    is: (each) => WECOM_ID.test(each),
});
const wecomIds = text({
    kind: "ids",
    reader: "WeCom's API",
    allowed: 'ids joined by "|", each of 1 to 64 letters, digits and _.@-, or "@all"',
    is: (each) => each.length <= 2048 && each.split("|").every((id) => WECOM_ID.test(id)),
});

/** How a receiver is reached. Its secret is never here: see RECEIVER_SECRETS. */
export const receiver = z.discriminatedUnion("type", [
    z.strictObject({
        type: z.literal("slack"),
        channel: channel.describe("Channel, `#redis-alerts`"),
        ...tls,
    }),
    z.strictObject({
        type: z.literal("pagerduty"),
        url: url
            .describe(
                "Of the Events API, where it is not the American one: `https://events.eu.pagerduty.com/v2/enqueue`",
            )
            .optional(),
        ...tls,
    }),
    z.strictObject({
        type: z.literal("email"),
        to: email.describe("Who gets it"),
        from: email.describe("Sender"),
        smarthost: hostPort.describe("Server that takes the mail"),
        username: freeText("each mail server has names of its own").describe("User of that server"),
        ...tls,
    }),
    /** An application of an enterprise; at least one of the three says who gets the message. */
    z.strictObject({
        type: z.literal("wecom"),
        corpId: wecomId.describe("Id of the enterprise"),
        agentId: whole(1).describe("Id of the application"),
        toUser: wecomIds
            .describe("Members; at least one of `toUser`, `toParty` and `toTag`")
            .optional(),
        toParty: wecomIds.describe("Departments").optional(),
        toTag: wecomIds.describe("Tags").optional(),
        ...tls,
    }),
    /** A robot in a group chat of WeCom. */
    z.strictObject({ type: z.literal("wecomRobot"), ...tls }),
    /** A custom robot in a group chat of DingTalk, with signature check. */
    z.strictObject({ type: z.literal("dingtalk"), ...tls }),
    /** A workflow of Microsoft Teams. */
    z.strictObject({ type: z.literal("teams"), ...tls }),
    z.strictObject({ type: z.literal("webhook"), ...tls }),
    /** A dead man's switch: gets the always-firing Watchdog and reports when it stops. */
    z.strictObject({
        type: z.literal("heartbeat"),
        interval: durationFrom("10s", "1h", "who waits for it must soon hear that it stopped")
            .describe("How often it checks in, for as long as alerting works")
            .default("1m"),
        ...tls,
    }),
]);

export type ReceiverSettings = z.output<typeof receiver>;
export type ReceiverType = ReceiverSettings["type"];

/** The secret of each type of receiver and what it is; of some, parts by name. */
export const RECEIVER_SECRETS: Readonly<
    Record<ReceiverType, string | Readonly<Record<string, string>>>
> = {
    slack: "incoming webhook URL",
    pagerduty: "integration (routing) key",
    email: "SMTP password",
    wecom: "secret of the application",
    wecomRobot: "webhook URL, with its key",
    dingtalk: {
        url: "webhook URL, with its access_token",
        signingSecret: "secret of the signature, which starts with SEC",
    },
    teams: "URL of the workflow",
    webhook: "URL",
    heartbeat: "check-in URL",
};

export const receiverSecrets = z
    .record(
        name,
        z.union(
            [secret, z.strictObject({ url: secret.optional(), signingSecret: secret.optional() })],
            { error: "allowed: a text, or for dingtalk a map with url and signingSecret" },
        ),
    )
    .meta({ kind: "secret", toSet: true })
    .describe("The secret of a receiver, by the receiver's name; a map for `dingtalk`")
    .default({});

export type ReceiverSecrets = z.output<typeof receiverSecrets>;

/** The secrets of receivers that are not set yet. */
export function pendingSecrets(
    receivers: Readonly<Record<string, ReceiverSettings>>,
    secrets: ReceiverSecrets,
): Pending[] {
    const set = secretFiles(secrets);
    return Object.entries(receivers).flatMap(([receiverName, { type }]) => {
        const what = RECEIVER_SECRETS[type];
        const parts: readonly [string | undefined, string][] =
            typeof what === "string" ? [[undefined, what]] : Object.entries(what);
        return parts
            .map(([part, text]) => ({ file: secretFile(receiverName, part), text }))
            .filter(({ file }) => !(file in set))
            .map(({ file, text }) => ({
                path: `receiverSecrets.${file}`,
                why: `the ${text}, of receiver "${receiverName}"`,
                placeholder: "VALUE",
                secret: true,
            }));
    });
}

/** The secrets that are set, by the name of the file in which a receiver reads each. */
export function secretFiles(secrets: ReceiverSecrets): Record<string, string> {
    const files = Object.entries(secrets).flatMap(
        ([name, value]): [string, string | undefined][] =>
            typeof value === "string"
                ? [[name, value]]
                : Object.entries(value).map(([part, text]) => [secretFile(name, part), text]),
    );
    return Object.fromEntries(
        files.flatMap(([file, text]) => (text === undefined ? [] : [[file, text]])),
    );
}

/** No receiver's name has a dot, so that these are no other receiver's. */
export function secretFile(receiverName: string, part?: string): string {
    return part === undefined ? receiverName : `${receiverName}.${part}`;
}
