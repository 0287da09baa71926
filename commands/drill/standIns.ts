import { startDingTalk } from "../../lab/endpoints/dingTalk";
import { startHeartbeat } from "../../lab/endpoints/heartbeat";
import type { Inbox } from "../../lab/endpoints/inbox";
import { startPagerDuty } from "../../lab/endpoints/pagerDuty";
import { startSlack } from "../../lab/endpoints/slack";
import { SmtpEndpoint } from "../../lab/endpoints/smtp";
import { startTeams } from "../../lab/endpoints/teams";
import { startWebhook } from "../../lab/endpoints/webhook";
import { startWeComApp, startWeComRobot } from "../../lab/endpoints/weCom";
import { valueAt } from "../../lab/program/objects";
import type { Settings } from "../../lab/program/stackFile";

/** As in `receiverSecrets`. */
export type Secret = string | Readonly<Record<string, string>>;

/** What a person reads of a message. */
export interface Reading {
    readonly status: "firing" | "resolved";
    readonly text: readonly string[];
}

/** A local server in the place of the service that a receiver sends to. */
export interface StandIn {
    /** The receiver's secret, or its parts. */
    readonly secret: Secret;
    /** Fields of the receiver that name the server. */
    readonly settings: Settings;
    /** Where Alertmanager sends what its configuration does not say, such as PagerDuty's events. */
    readonly url?: string;
    readonly arrived: () => { readonly at: number; readonly reading: Reading }[];
    readonly refused: readonly string[];
    readonly close: () => Promise<void>;
}

const ROUTING_KEY = "0123456789abcdef0123456789abcdef";
const ACCOUNT = { username: "alerts", password: "mail-password" };
const APP = { corpId: "ww1", agentId: 1000002, secret: "app-secret" };
const SIGNING_SECRET = "SEC0123456789abcdef";

/** Starts the stand-in for a type of receiver on an address of this machine. */
export const STAND_INS: Readonly<Record<string, (host: string) => Promise<StandIn>>> = {
    slack: async (host) => {
        const { inbox, url } = await startSlack(host);
        return standIn(inbox, { secret: url }, ({ attachments = [] }) =>
            byTitle(attachments.flatMap(({ title = "", text = "" }) => [title, text])),
        );
    },
    pagerduty: async (host) => {
        const { inbox, url } = await startPagerDuty(ROUTING_KEY, host);
        return standIn(inbox, { secret: ROUTING_KEY, url }, ({ event_action, payload }) => ({
            status: event_action === "resolve" ? "resolved" : "firing",
            text: [
                `${event_action} (${payload?.severity ?? ""})`,
                payload?.summary ?? "",
                ...linesOf(valueAt(payload?.custom_details, "message")),
            ],
        }));
    },
    email: async (host) => {
        const server = await SmtpEndpoint.start(ACCOUNT, host);
        const settings = { smarthost: `${host}:${server.port}`, username: ACCOUNT.username };
        return standIn(server, { secret: ACCOUNT.password, settings }, ({ to, content }) => {
            const { subject = "", text = "" } = content;
            return byTitle([subject, `to ${to.join(", ")}`, text]);
        });
    },
    wecom: async (host) => {
        const { inbox, url } = await startWeComApp(APP, host);
        const { secret, ...settings } = APP;
        return standIn(inbox, { secret, settings, url }, (message) =>
            byHeading(message.msgtype === "text" ? message.text.content : message.markdown.content),
        );
    },
    wecomRobot: async (host) => {
        const { inbox, url } = await startWeComRobot(host);
        return standIn(inbox, { secret: url }, (message) =>
            byHeading(message.msgtype === "text" ? message.text.content : message.markdown.content),
        );
    },
    dingtalk: async (host) => {
        const { inbox, url } = await startDingTalk(SIGNING_SECRET, host);
        const secret = { url, signingSecret: SIGNING_SECRET };
        return standIn(inbox, { secret }, (message) =>
            byHeading(message.msgtype === "text" ? message.text.content : message.markdown.text),
        );
    },
    teams: async (host) => {
        const { inbox, url } = await startTeams(host);
        return standIn(inbox, { secret: url }, ({ attachments }) =>
            byTitle(attachments.flatMap(({ content }) => content.body.map(({ text }) => text))),
        );
    },
    webhook: async (host) => {
        const { inbox, url } = await startWebhook(host);
        return standIn(inbox, { secret: url }, ({ status, commonLabels, alerts }) => ({
            status,
            text: [
                `${status} ${commonLabels.alertname ?? ""}`,
                ...alerts.map(({ annotations }) => annotations.summary ?? ""),
            ],
        }));
    },
    heartbeat: async (host) => {
        const { inbox, url } = await startHeartbeat(host);
        return standIn(inbox, { secret: url }, () => ({ status: "firing", text: ["heartbeat"] }));
    },
};

function standIn<T>(
    inbox: Inbox<T> & { close(): Promise<void> },
    reached: { readonly secret: Secret; readonly settings?: Settings; readonly url?: string },
    read: (message: T) => Reading,
): StandIn {
    return {
        settings: {},
        ...reached,
        refused: inbox.refused,
        arrived: () => inbox.deliveries.map(({ at, message }) => ({ at, reading: read(message) })),
        close: () => inbox.close(),
    };
}

function linesOf(text: unknown): string[] {
    return typeof text === "string" ? text.split("\n").filter(Boolean) : [];
}

/** A message whose first line is its title. */
function byHeading(text: string): Reading {
    return byTitle(text.split("\n"));
}

/** The title says whether it is over; lines without anything are left out. */
function byTitle([title = "", ...rest]: readonly string[]): Reading {
    const lines = rest.flatMap((text) => text.split("\n")).map((line) => line.trimEnd());
    return {
        status: /resolved/i.test(title) ? "resolved" : "firing",
        text: [title, ...lines.filter((line) => line !== "")],
    };
}
