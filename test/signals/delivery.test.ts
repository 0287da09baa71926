import assert from "node:assert/strict";

import type { HttpEndpoint } from "../../lab/endpoints/httpEndpoint";
import { RunningServices, Services, startServices } from "../../lab/endpoints/services";
import { configOf, EVERY_TYPE } from "../support/alerting";
import { Alert, Alertmanager, Relay } from "../support/alertmanager";
import { goTool } from "../support/goTool";

/** Every interval is divided by this: the first message goes after half a second, changes after five. */
const FACTOR = 60;
/** Seconds in which a message must have come, tries included. */
const PATIENCE = 30;

const SUMMARY = "Redis shop/orders 没有主节点";
const RUNBOOK = "https://runbooks.example.org/RedisMasterDown.md";
const DASHBOARD = "https://grafana.example.org/d/redis";
const ALERT: Alert = {
    labels: {
        alertname: "RedisMasterDown",
        severity: "critical",
        environment: "prod",
        team: "storage",
        namespace: "shop",
        app: "orders",
    },
    annotations: {
        summary: SUMMARY,
        description: "写入失败：没有节点接受写入。",
        runbook_url: RUNBOOK,
        dashboard_url: DASHBOARD,
    },
};
const PLACE = "RedisMasterDown shop/orders (prod)";
const WATCHDOG: Alert = {
    labels: { alertname: "Watchdog", severity: "none", environment: "prod" },
};

/** How a message of each service says whether it is over, and everything that people read. */
const READ: {
    readonly [S in Exclude<keyof Services, "heartbeat">]: (
        message: Parameters<Services[S]["accept"]>[0],
    ) => string;
} = {
    slack: ({ attachments = [] }) => attachments.map((a) => `${a.title}\n${a.text}`).join("\n"),
    pagerduty: ({ event_action, payload, links }) =>
        `${event_action} ${JSON.stringify(payload)} ${JSON.stringify(links)}`,
    email: ({ content }) => `${content.subject}\n${content.text}\n${content.html}`,
    wecom: (message) => (message.msgtype === "text" ? message.text : message.markdown).content,
    robot: (message) => (message.msgtype === "text" ? message.text : message.markdown).content,
    dingtalk: (message) => JSON.stringify(message),
    teams: ({ attachments }) =>
        attachments.flatMap(({ content }) => content.body.map(({ text }) => text)).join("\n"),
    webhook: (message) =>
        `[${message.status === "firing" ? "CRITICAL" : "RESOLVED"}] ${PLACE} ${JSON.stringify(message)}`,
};
const TYPES = Object.keys(READ) as (keyof typeof READ)[];

describe("Delivery by a real Alertmanager", () => {
    let services: RunningServices;
    let relay: Relay;
    let alertmanager: Alertmanager;

    before(async function () {
        // It may have to be built.
        this.timeout(0);
        const binary = await goTool(this, "alertmanager");
        services = await startServices();
        relay = await Relay.start(services.relaySecrets);
        const alerting = {
            ...EVERY_TYPE,
            routes: { everyone: { severities: ["critical"], receivers: TYPES } },
            muteTimes: {},
        };
        const config = reaching(configOf(alerting, { relayUrl: relay.url }), services.addresses);
        const secrets = { ...services.secrets, slowbeat: services.secrets.heartbeat ?? "" };
        alertmanager = await Alertmanager.start(binary, config, secrets, FACTOR);
        services.failNext(2);
        await alertmanager.send([ALERT, WATCHDOG]);
    });

    after(async () => {
        await alertmanager?.stop();
        await relay?.stop();
        await services?.close();
    });

    /** The message that says so, once it has come. */
    async function message(type: keyof typeof READ, state: RegExp): Promise<string> {
        const inbox = services.inboxes[type] as unknown as HttpEndpoint<unknown>;
        const read = READ[type] as (message: unknown) => string;
        const found = await inbox
            .waitFor(`a message ${state} at ${type}`, PATIENCE, (each) => state.test(read(each)))
            .catch((error: Error) => {
                throw new Error(`${error.message}\n${alertmanager.log}\n${relay.log}`);
            });
        return read(found);
    }

    for (const type of TYPES) {
        it(`brings an alert to ${type}, which could not take it twice, in a form that it takes`, async () => {
            const text = await message(type, /CRITICAL|trigger/);
            assert.deepEqual(services.inboxes[type].refused, []);
            assert.ok(services.inboxes[type].attempts > 2, "it was tried again");
            for (const part of [PLACE, SUMMARY, RUNBOOK, DASHBOARD]) {
                assert.ok(text.includes(part), `${part} is not in ${text}`);
            }
        });
    }

    it("repeats the heartbeat, and never calls it off", async () => {
        const { heartbeat } = services.inboxes;
        const beats = (): number => heartbeat.deliveries.length;
        await heartbeat.waitFor("three beats", PATIENCE, () => beats() >= 3);
        const texts = heartbeat.deliveries.map((each) => each.message.text);
        assert.ok(texts.every((text) => text.includes('"status":"firing"')));
    });

    it("by mail goes over TLS, to the configured people, with a page of HTML", async () => {
        const mail = await services.inboxes.email.waitFor("a mail", PATIENCE);
        assert.deepEqual([mail.from, mail.to], ["alerts@example.org", ["team@example.org"]]);
        assert.ok(mail.encrypted);
        assert.ok(mail.content.html?.includes(`<a href="${RUNBOOK}">`));
    });

    it("pages with the severity, and one incident for a group", async () => {
        const event = await services.inboxes.pagerduty.waitFor("a page", PATIENCE);
        assert.equal(event.payload?.severity, "critical");
        assert.ok(event.dedup_key);
        assert.deepEqual(
            event.links?.map(({ text }) => text),
            ["Runbook", "Dashboard", "Silence"],
        );
    });

    describe("of an alert that is over", () => {
        before(() => alertmanager.send([ALERT, WATCHDOG], true));

        for (const type of TYPES) {
            it(`tells ${type}`, async () => {
                assert.ok((await message(type, /RESOLVED|resolve/)).includes(PLACE));
                assert.deepEqual(services.inboxes[type].refused, []);
            });
        }

        it("closes the incident that it opened", async () => {
            const { pagerduty } = services.inboxes;
            await message("pagerduty", /resolve/);
            const keys = pagerduty.deliveries.map((each) => each.message.dedup_key);
            assert.equal(new Set(keys).size, 1);
        });
    });
});

/** A configuration whose receivers reach the services of this machine. */
function reaching(config: object, addresses: RunningServices["addresses"]): object {
    const { receivers, ...rest } = config as {
        receivers: readonly Record<string, unknown>[];
    };
    return {
        ...rest,
        receivers: receivers.map((receiver) =>
            Object.fromEntries(
                Object.entries(receiver).map(([key, value]) => [
                    key,
                    Array.isArray(value)
                        ? value.map((each: object) => ({ ...each, ...addresses[key] }))
                        : value,
                ]),
            ),
        ),
    };
}
