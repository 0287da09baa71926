import assert from "node:assert/strict";
import type { IncomingMessage, RequestListener } from "node:http";

import { startWebhook } from "../../lab/endpoints/webhook";
import { startWeComRobot } from "../../lab/endpoints/weCom";
import { eventually } from "../../lab/tools/commands";
import { configOf } from "../support/alerting";
import { Alertmanager, Relay } from "../support/alertmanager";
import { PrivateAuthority, privateAuthority, tlsServer } from "../support/authority";
import { goTool } from "../support/goTool";

/** Takes TLS off and hands over, as the entrance of a company's network does. */
function before(url: string): RequestListener {
    const { origin } = new URL(url);
    return (request, response) => {
        void text(request).then(async (body) => {
            const headers = { "content-type": "application/json" };
            const to = `${origin}${request.url}`;
            const answer = await fetch(to, { method: "POST", headers, body });
            response.writeHead(answer.status, headers);
            response.end(await answer.text());
        });
    };
}

async function text(request: IncomingMessage): Promise<string> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
        chunks.push(chunk as Buffer);
    }
    return Buffer.concat(chunks).toString("utf8");
}

describe("A receiver whose service has a company's own authority", () => {
    let authority: PrivateAuthority;

    it("gets messages of the relay that trusts it, and none of one that does not", async () => {
        authority = await privateAuthority("Example Company");
        const robot = await startWeComRobot();
        const entrance = await tlsServer(authority, before(robot.url));
        const url = robot.url.replace(/^http:\/\/[^/]+/, entrance.url);
        const relays = [
            await Relay.start({ group: url }, authority.ca),
            await Relay.start({ group: url }),
        ] as const;
        try {
            const post = async (relay: Relay): Promise<[number, string]> => {
                const answer = await fetch(`${relay.url}/group`, {
                    method: "POST",
                    body: JSON.stringify({ msgtype: "text", text: { content: "hello" } }),
                });
                return [answer.status, await answer.text()];
            };
            assert.deepEqual(await post(relays[0]), [200, "sent"]);
            const [status, why] = await post(relays[1]);
            assert.equal(status, 502);
            assert.match(why, /UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN/);
            assert.equal(robot.inbox.deliveries.length, 1);
        } finally {
            await Promise.all(relays.map((relay) => relay.stop()));
            await entrance.close();
            await robot.inbox.close();
        }
    });

    it("gets messages of Alertmanager that trusts it, and none without the key `ca`", async function () {
        // It may have to be built.
        this.timeout(0);
        const binary = await goTool(this, "alertmanager");
        authority = await privateAuthority("Example Company");
        const webhook = await startWebhook();
        const entrance = await tlsServer(authority, before(webhook.url));
        const url = webhook.url.replace(/^http:\/\/[^/]+/, entrance.url);
        const config = configOf({
            receivers: {
                trusting: { type: "webhook", ca: authority.ca },
                other: { type: "webhook" },
            },
            routes: { all: { severities: ["critical"], receivers: ["trusting", "other"] } },
        });
        const alertmanager = await Alertmanager.start(
            binary,
            config,
            { trusting: url, other: url },
            60,
            { "trusting.crt": authority.ca },
        );
        try {
            await alertmanager.send([
                { labels: { alertname: "A", severity: "critical", environment: "prod" } },
            ]);
            await eventually("a message and a failure", 30, () =>
                Promise.resolve(
                    webhook.inbox.deliveries.length > 0 &&
                        /other.*x509: certificate signed by unknown authority/.test(
                            alertmanager.log,
                        )
                        ? true
                        : undefined,
                ),
            );
            const receivers = webhook.inbox.deliveries.map(({ message }) => message.receiver);
            assert.deepEqual([...new Set(receivers)], ["trusting"]);
        } finally {
            await alertmanager.stop();
            await entrance.close();
            await webhook.inbox.close();
        }
    });
});
