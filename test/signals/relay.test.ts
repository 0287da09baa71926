import assert from "node:assert/strict";

import { DINGTALK_TOO_FAST, DingTalkMessage, startDingTalk } from "../../lab/endpoints/dingTalk";
import type { HttpEndpoint } from "../../lab/endpoints/httpEndpoint";
import { startWeComRobot } from "../../lab/endpoints/weCom";
import { Relay } from "../support/alertmanager";

const KEY = "SEC0123456789abcdef";
const MESSAGE = { msgtype: "markdown", markdown: { title: "标题", text: "内容" } };

/** What Alertmanager learns of a robot, by the status: whether to try again, and whether to count a failure. */
describe("The notification relay", () => {
    let relay: Relay;
    let robot: { inbox: HttpEndpoint<DingTalkMessage>; url: string };
    let group: Awaited<ReturnType<typeof startWeComRobot>>;

    before(async () => {
        robot = await startDingTalk(KEY);
        group = await startWeComRobot();
        const gone = await startWeComRobot();
        await gone.inbox.close();
        relay = await Relay.start({
            "signed.url": `${robot.url}\n`,
            "signed.signingSecret": `${KEY}\n`,
            "wrong.url": robot.url,
            "wrong.signingSecret": "SECanother",
            unsigned: robot.url,
            group: group.url,
            gone: gone.url,
        });
    });

    after(async () => {
        await relay?.stop();
        await robot?.inbox.close();
        await group?.inbox.close();
    });

    async function post(path: string, body = JSON.stringify(MESSAGE)): Promise<[number, string]> {
        const headers = { "content-type": "application/json" };
        const answer = await fetch(`${relay.url}${path}`, { method: "POST", headers, body });
        return [answer.status, await answer.text()];
    }

    it("listens on every address of its pod, of either IP family", async () => {
        const { port } = new URL(relay.url);
        for (const host of ["127.0.0.1", "[::1]"]) {
            assert.equal((await fetch(`http://${host}:${port}/healthz`)).status, 200, host);
        }
    });

    it("signs what it posts to DingTalk, and leaves the message as it is", async () => {
        assert.deepEqual(await post("/signed"), [200, "sent"]);
        assert.deepEqual(
            robot.inbox.deliveries.map(({ message }) => message),
            [MESSAGE],
        );
    });

    it("says that a message is refused for good: a wrong secret, no signature, a wrong form", async () => {
        for (const [path, why] of [
            ["/wrong", /errcode 310000 sign not match/],
            ["/unsigned", /errcode 310000 invalid timestamp/],
            ["/group", /errcode 40058/],
        ] as const) {
            const [status, text] = await post(path);
            assert.equal(status, 400, path);
            assert.match(text, why);
        }
    });

    it("asks to be tried again when the robot is called too often, fails, or is gone", async () => {
        robot.inbox.failNext(1, DINGTALK_TOO_FAST);
        assert.equal((await post("/signed"))[0], 503);
        robot.inbox.failNext(1);
        assert.equal((await post("/signed"))[0], 502);
        assert.deepEqual(await post("/gone"), [502, "127.0.0.1: ECONNREFUSED"]);
        assert.deepEqual(await post("/signed"), [200, "sent"]);
    });

    it("takes messages of its receivers only, and gives no file away", async () => {
        for (const path of ["/nobody", "/", "/signed.url", "/..%2fsecrets%2fsigned.url", "/a/b"]) {
            assert.equal((await post(path))[0], 404, path);
        }
        assert.equal((await fetch(`${relay.url}/signed`)).status, 404);
        assert.equal((await post("/signed", "x".repeat(1_000_001)))[0], 413);
    });

    it("prints why a message was not sent, and never the address with its token", () => {
        assert.match(relay.log, /POST \/wrong: 400 127\.0\.0\.1: errcode 310000 sign not match/);
        assert.doesNotMatch(relay.log, /access_token|key=|SEC/);
    });
});
