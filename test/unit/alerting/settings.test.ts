import type { Settings } from "../../../lab/program/stackFile";
import { refuses } from "../../support/refusalTable";

const PAGES = { severities: ["critical"], receivers: ["pager"] };
const MESSAGES = { severities: ["warning"], receivers: ["chat"] };
const WORKING = { timeZone: "Asia/Shanghai", periods: [{ weekdays: ["saturday", "sunday"] }] };

/** An alerting without problems, with some of its keys replaced. */
function alerting(change: Settings, receiverSecrets: Settings = {}): Settings {
    const receivers = {
        pager: { type: "pagerduty" },
        chat: { type: "slack", channel: "#redis" },
        beat: { type: "heartbeat" },
    };
    const routes = { pages: PAGES, messages: MESSAGES };
    const defaultReceiver = "pager";
    return {
        alerting: { runbookBaseUrl: "", receivers, routes, defaultReceiver, ...change },
        receiverSecrets,
    };
}

/** The same with one more receiver. */
function receiving(name: string, settings: Settings, receiverSecrets: Settings = {}): Settings {
    const receivers = {
        pager: { type: "pagerduty" },
        chat: { type: "slack", channel: "#redis" },
        [name]: settings,
    };
    const routes = {
        pages: PAGES,
        messages: { ...MESSAGES, receivers: ["chat", name] },
    };
    return alerting({ receivers, routes }, receiverSecrets);
}

describe("Rules of environments", () => {
    const tenantNamespaces = { staging: "staging", qa: "qa" };
    const cluster = { name: "east", role: "owner", controlPlane: "managed", tenantNamespaces };
    const routed = { severities: ["critical"], receivers: ["pager"], environments: ["qa"] };
    refuses({
        "a tenant's that no route takes": {
            change: {
                ...alerting({ routes: { pages: PAGES, messages: MESSAGES, routed } }),
                cluster,
            },
            says: `alerting.routes: got no route that takes critical alerts of the environment "staging"; a route with environments: [staging], or alerting.unroutedEnvironments with it, where nobody is to be told`,
        },
        "nobody's that the cluster does not have": {
            change: alerting({ unroutedEnvironments: ["stagin"] }),
            says: `alerting.unroutedEnvironments: got "stagin"; allowed: prod`,
        },
    });
});

describe("Rules of the default receiver", () => {
    refuses({
        "none beside a heartbeat": {
            change: alerting({ defaultReceiver: undefined }),
            says: "alerting.defaultReceiver: got nothing, beside a heartbeat; the receiver of alerts that no route takes: pager, chat",
        },
        "a heartbeat": {
            change: alerting({ defaultReceiver: "beat" }),
            says: `alerting.defaultReceiver: got "beat"; did you mean "chat"? allowed: pager, chat`,
        },
    });
});

describe("Rules of receivers", () => {
    refuses({
        "one with the name of the one that nobody reads": {
            change: receiving("null", { type: "webhook" }),
            says: `alerting.receivers.null: got "null"; another name: alerts that nobody gets go to a receiver of that name`,
        },
        "one that no route leads to": {
            change: alerting({ routes: { pages: PAGES } }),
            says: "alerting.receivers.chat: got a receiver that no route leads to; a route in alerting.routes that names it, or remove it",
        },
        "a WeCom application that tells nobody": {
            change: receiving("qy", { type: "wecom", corpId: "ww1", agentId: 1000002 }),
            says: `alerting.receivers.qy: got nobody to send to; at least one of toUser, toParty and toTag, such as toUser: "@all"`,
        },
        "a field of another type of receiver": {
            change: receiving("group", { type: "dingtalk", channel: "#redis" }),
            says: "alerting.receivers.group.channel: got an unknown key; allowed: type, ca",
        },
        "a stack without the heartbeat that it requires": {
            change: alerting({
                requireHeartbeat: true,
                receivers: { pager: { type: "pagerduty" }, chat: { type: "webhook" } },
            }),
            says: "alerting.requireHeartbeat: got true without a heartbeat; a receiver of type heartbeat in alerting.receivers, since nothing else tells that alerting itself is gone; or false",
        },
        "the secret of a receiver that does not exist": {
            change: alerting({}, { pagr: "key" }),
            says: `receiverSecrets.pagr: got a secret of no receiver; did you mean "pager"? allowed: pager, chat, beat`,
        },
        "half of a DingTalk robot's secrets as if it were all": {
            change: receiving(
                "group",
                { type: "dingtalk" },
                { group: "https://oapi.dingtalk.com" },
            ),
            says: "receiverSecrets.group: got a text; a map with url and signingSecret, since group is of type dingtalk",
        },
        "parts of a secret that has none": {
            change: alerting({}, { pager: { url: "https://events.pagerduty.com" } }),
            says: "receiverSecrets.pager: got a map; a text, the integration (routing) key, since pager is of type pagerduty",
        },
    });
});

describe("Rules of routes", () => {
    refuses({
        "one to a receiver that does not exist": {
            change: alerting({
                routes: { pages: PAGES, messages: { ...MESSAGES, receivers: ["chats"] } },
            }),
            says: `alerting.routes.messages.receivers: got "chats"; did you mean "chat"? allowed: pager, chat`,
        },
        "one of people's alerts to a heartbeat": {
            change: alerting({
                routes: { pages: PAGES, messages: { ...MESSAGES, receivers: ["chat", "beat"] } },
            }),
            says: `alerting.routes.messages.receivers: got "beat"; no heartbeat: it gets the Watchdog, and nothing else`,
        },
        "two that tell a receiver of the same alerts": {
            change: alerting({
                routes: {
                    pages: PAGES,
                    messages: MESSAGES,
                    storage: {
                        severities: ["critical", "warning"],
                        receivers: ["chat"],
                        teams: ["storage"],
                    },
                },
            }),
            says: `alerting.routes.storage: got alerts that route "messages" takes to chat too; severities, environments or teams that no other route to the same receiver takes: it would tell each alert twice`,
        },
        "a severity that does not exist": {
            change: alerting({
                routes: { pages: PAGES, messages: { ...MESSAGES, severities: ["warn"] } },
            }),
            says: `alerting.routes.messages.severities.0: got "warn"; allowed: critical, warning, info`,
        },
        "a digest of critical alerts": {
            change: alerting({ routes: { pages: { ...PAGES, digest: "1d" }, messages: MESSAGES } }),
            says: `alerting.routes.pages.digest: got "1d"; no digest where severities has critical, which must arrive at once: give the other severities a route of their own`,
        },
    });
});

describe("Rules of mute times", () => {
    const muted = (change: Settings, route: Settings = {}): Settings =>
        alerting({
            muteTimes: { weekend: { ...WORKING, ...change } },
            routes: { pages: PAGES, messages: { ...MESSAGES, muteTimes: ["weekend"], ...route } },
        });
    refuses({
        "one that does not exist": {
            change: muted({}, { muteTimes: ["weekends"] }),
            says: `alerting.routes.messages.muteTimes: got "weekends"; did you mean "weekend"? allowed: weekend`,
        },
        "one without a zone": {
            change: muted({ timeZone: undefined }),
            says: "alerting.muteTimes.weekend.timeZone: got nothing; allowed: a time zone by its IANA name, such as UTC, Europe/Berlin or Asia/Shanghai",
        },
        "one with a zone that does not exist": {
            change: muted({ timeZone: "Asia/Shangai" }),
            says: `alerting.muteTimes.weekend.timeZone: got "Asia/Shangai"; did you mean "Asia/Shanghai"? allowed: a time zone by its IANA name, such as UTC, Europe/Berlin or Asia/Shanghai`,
        },
        "one with an offset, which Alertmanager does not know": {
            change: muted({ timeZone: "+08:00" }),
            says: `alerting.muteTimes.weekend.timeZone: got "+08:00"; allowed: a time zone by its IANA name, such as UTC, Europe/Berlin or Asia/Shanghai`,
        },
        "one with a day that does not exist": {
            change: muted({ periods: [{ weekdays: ["saterday"] }] }),
            says: `alerting.muteTimes.weekend.periods.0.weekdays.0: got "saterday"; did you mean "saturday"? allowed: monday, tuesday, wednesday, thursday, friday, saturday, sunday`,
        },
        "one with a time that does not exist": {
            change: muted({ periods: [{ from: "8:00", to: "18:00" }] }),
            says: `alerting.muteTimes.weekend.periods.0.from: got "8:00"; allowed: a time of day from 00:00 to 24:00, in quotes`,
        },
        "one that ends before it begins": {
            change: muted({ periods: [{ from: "22:00", to: "08:00" }] }),
            says: `alerting.muteTimes.weekend.periods.0: got "22:00 to 08:00"; a time that ends after it begins; over midnight, two of them: from "22:00" to "24:00", and from "00:00" to "08:00"`,
        },
        "one that no route names": {
            change: muted({}, { muteTimes: [] }),
            says: "alerting.muteTimes.weekend: got a mute time that no route names; its name in muteTimes of a route, or remove it",
        },
        "one that would keep a critical alert from people": {
            change: alerting({
                muteTimes: { weekend: WORKING },
                routes: { pages: { ...PAGES, muteTimes: ["weekend"] }, messages: MESSAGES },
            }),
            says: `alerting.routes.pages.muteTimes: got ["weekend"]; no mute times where severities has critical, which must arrive at any hour: give the other severities a route of their own`,
        },
    });
});
