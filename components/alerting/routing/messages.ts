import * as fs from "node:fs";
import * as path from "node:path";

/** Go templates of the texts: https://prometheus.io/docs/alerting/latest/notifications/. */
export const MESSAGE_TEMPLATES = fs.readFileSync(path.join(__dirname, "messages.tmpl"), "utf8");

/** What is the same for every message of a stack. */
export interface MessageContext {
    /** IANA name of the zone of times. */
    readonly timeZone: string;
    /** Whether people can open Alertmanager: only then a message links to it. */
    readonly silenceLink: boolean;
}

/** How a service shows a message; see `observability.part` in messages.tmpl. */
export interface MessageStyle {
    /** Bytes in UTF-8. */
    readonly limit: number;
    readonly break: string;
    readonly heading: string;
    readonly link: string;
    readonly between: string;
    readonly escape?: "slack";
    readonly as?: "dingtalk" | "wecom";
}

const MARKDOWN = { heading: "**%s**", link: "[%s](%s)", between: " | " };

export const STYLES = {
    // Slack cuts an attachment's text at 8000 characters and folds long ones; a phone shows some screens of this.
    slack: {
        limit: 4000,
        break: "\n",
        heading: "",
        link: "<%[2]s|%[1]s>",
        between: " | ",
        escape: "slack",
    },
    // An event is at most 512 KB, and its details are read on a phone.
    pagerduty: { limit: 8000, break: "\n", heading: "", link: "%s: %s", between: "\n" },
    email: { limit: 100_000, break: "\n", heading: "%s", link: "%s: %s", between: "\n" },
    // https://developer.work.weixin.qq.com/document/path/90236: 2048 bytes, then it is cut.
    wecom: {
        limit: 2048,
        break: "\n",
        heading: "%s",
        link: `<a href="%[2]s">%[1]s</a>`,
        between: " | ",
    },
    // https://developer.work.weixin.qq.com/document/path/91770: 4096 bytes, then it is refused.
    wecomRobot: { ...MARKDOWN, limit: 4096, break: "\n", as: "wecom" },
    // https://open.dingtalk.com/document/orgapp/custom-bot-send-message-type: 20000 bytes; a line ends with two newlines.
    dingtalk: { ...MARKDOWN, limit: 20_000, break: "\n\n", as: "dingtalk" },
    // A message is at most 28 KB of JSON, in which a quote or a newline is two bytes.
    teams: { ...MARKDOWN, heading: "", limit: 12_000, break: "\n\n" },
} as const satisfies Readonly<Record<string, MessageStyle>>;

export const TITLE = '{{ template "observability.title" . }}';

/** The call of the message's template for one kind of receiver. */
export function messageText(style: MessageStyle, context: MessageContext): string {
    return call("observability.part", {
        ...parameters(context),
        limit: style.limit,
        break: style.break,
        heading: style.heading,
        link: style.link,
        between: style.between,
        escape: style.escape ?? "",
        as: style.as ?? "text",
    });
}

export function messageHtml(context: MessageContext): string {
    return call("observability.html", parameters(context));
}

function parameters({ timeZone, silenceLink }: MessageContext): Record<string, string | boolean> {
    return { zone: timeZone, silence: silenceLink };
}

/** A JSON literal is one of Go's templates too. */
function call(template: string, values: Readonly<Record<string, unknown>>): string {
    const pairs = Object.entries(values).map(([key, value]) => `"${key}" ${JSON.stringify(value)}`);
    return `{{ template "${template}" (dict "data" . ${pairs.join(" ")}) }}`;
}
