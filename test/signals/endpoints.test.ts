import assert from "node:assert/strict";
import { createHmac } from "node:crypto";

import { startDingTalk } from "../../lab/endpoints/dingTalk";
import { startHeartbeat } from "../../lab/endpoints/heartbeat";
import { HttpEndpoint } from "../../lab/endpoints/httpEndpoint";
import { startPagerDuty } from "../../lab/endpoints/pagerDuty";
import { startSlack } from "../../lab/endpoints/slack";
import { startTeams } from "../../lab/endpoints/teams";
import { startWebhook } from "../../lab/endpoints/webhook";
import { startWeComApp, startWeComRobot } from "../../lab/endpoints/weCom";

const KEY = "0123456789abcdef0123456789abcdef";
const SECRET = "SEC0123456789";

/** What the tests of delivery trust: that a stand-in refuses what the real service would. */
describe("The endpoints on this machine", () => {
    const opened: { close(): Promise<void> }[] = [];
    after(() => Promise.all(opened.map((endpoint) => endpoint.close())));

    function keep<T extends { inbox: { close(): Promise<void> } }>(endpoint: T): T {
        opened.push(endpoint.inbox);
        return endpoint;
    }

    async function post(url: string, body: unknown): Promise<{ status: number; text: string }> {
        const response = await fetch(url, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify(body),
        });
        return { status: response.status, text: await response.text() };
    }

    function refusedOnce(inbox: HttpEndpoint<unknown>, why: RegExp): void {
        assert.equal(inbox.deliveries.length, 0);
        assert.match(inbox.refused.join("; "), why);
    }

    it("refuse a Slack message without content, and take one with an attachment", async () => {
        const { inbox, url } = keep(await startSlack());
        assert.equal((await post(url, { channel: "#x" })).text, "invalid_payload");
        assert.equal((await post(`${url}x`, { text: "x" })).text, "no_service");
        refusedOnce(inbox, /no_text.*no_service/);
        assert.equal((await post(url, { attachments: [{ text: "x" }] })).text, "ok");
        assert.equal(inbox.deliveries.length, 1);
    });

    it("refuse a page with another key or an unknown severity", async () => {
        const { inbox, url } = keep(await startPagerDuty(KEY));
        const payload = { summary: "x", source: "x", severity: "critical" };
        const trigger = { routing_key: KEY, event_action: "trigger", payload };
        const none = { ...payload, severity: "none" };
        assert.equal((await post(url, { ...trigger, payload: none })).status, 400);
        assert.equal((await post(url, { ...trigger, routing_key: "f".repeat(32) })).status, 400);
        assert.equal((await post(url, { routing_key: KEY, event_action: "resolve" })).status, 400);
        refusedOnce(inbox, /severity.*routing_key.*dedup_key/);
        assert.equal((await post(url, trigger)).status, 202);
    });

    it("refuse a DingTalk message that is not signed, signed wrongly, or signed long ago", async () => {
        const { inbox, url } = keep(await startDingTalk(SECRET));
        const message = { msgtype: "markdown", markdown: { title: "x", text: "x" } };
        const signed = (at: number, secret: string) => {
            const sign = createHmac("sha256", secret).update(`${at}\n${secret}`).digest("base64");
            return `${url}&timestamp=${at}&sign=${encodeURIComponent(sign)}`;
        };
        await post(url, message);
        await post(signed(Date.now(), "another"), message);
        await post(signed(Date.now() - 3_700_000, SECRET), message);
        await post(signed(Date.now(), SECRET), {
            msgtype: "markdown",
            markdown: { title: "x", text: "监".repeat(6667) },
        });
        refusedOnce(inbox, /invalid timestamp.*not match.*invalid timestamp.*20000 bytes/);
        assert.deepEqual(JSON.parse((await post(signed(Date.now(), SECRET), message)).text), {
            errcode: 0,
            errmsg: "ok",
        });
    });

    it("refuse a WeCom message without a token, to nobody, or too long", async () => {
        const app = { corpId: "ww1", secret: "s", agentId: 1000002 };
        const { inbox, url } = keep(await startWeComApp(app));
        const message = { msgtype: "text", agentid: "1000002", text: { content: "x" } };
        await post(`${url}message/send?access_token=none`, { ...message, touser: "@all" });
        const wrong = await fetch(`${url}gettoken?corpid=ww1&corpsecret=wrong`);
        assert.match(await wrong.text(), /40001/);
        const granted = await fetch(`${url}gettoken?corpid=ww1&corpsecret=s`);
        const { access_token } = (await granted.json()) as { access_token: string };
        const send = `${url}message/send?access_token=${access_token}`;
        await post(send, message);
        await post(send, { ...message, touser: "@all", text: { content: "监".repeat(683) } });
        refusedOnce(inbox, /40014.*40001.*nobody.*2048 bytes/);
        await post(send, { ...message, touser: "@all" });
        assert.equal(inbox.deliveries.length, 1);
    });

    it("refuse a message to a WeCom robot with another key, or too long", async () => {
        const { inbox, url } = keep(await startWeComRobot());
        const message = { msgtype: "markdown", markdown: { content: "监".repeat(1366) } };
        await post(url, message);
        await post(`${url}x`, message);
        refusedOnce(inbox, /4096 bytes.*93000/);
    });

    it("refuse a Teams message that is no adaptive card, or without the signature", async () => {
        const { inbox, url } = keep(await startTeams());
        assert.equal((await post(url, { text: "the form of the old connectors" })).status, 400);
        assert.equal((await post(url.replace("sig=", "sig=x"), {})).status, 401);
        refusedOnce(inbox, /type.*no signature/);
    });

    it("refuse what is no message of Alertmanager, and a beat to another check", async () => {
        const webhook = keep(await startWebhook());
        assert.equal((await post(webhook.url, { version: "3" })).status, 400);
        refusedOnce(webhook.inbox, /version/);
        const heartbeat = keep(await startHeartbeat());
        assert.equal((await post(`${heartbeat.url}0`, {})).status, 404);
        refusedOnce(heartbeat.inbox, /unknown check/);
    });

    it("fail and take their time when told to", async () => {
        const { inbox, url } = keep(await startHeartbeat());
        inbox.failNext(2);
        inbox.delay = 5;
        const statuses = [];
        for (const attempt of ["first", "second", "third"]) {
            statuses.push((await post(url, attempt)).status);
        }
        assert.deepEqual(statuses, [500, 500, 200]);
        assert.equal(inbox.attempts, 3);
        assert.deepEqual(await inbox.waitFor("the third", 1), { text: '"third"' });
    });
});
