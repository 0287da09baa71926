// Takes what Alertmanager sends for the robot of a group chat, `POST /<receiver>`, and posts it to the robot's webhook:
// signed for DingTalk, unchanged for WeCom. Robots answer 200 whatever happens and tell by `errcode`, while Alertmanager
// looks at the status alone; so the answer here says what became of the message: 200 sent, 400 refused for good, 502 and
// 503 to be tried again. Runs in a plain Node.js image without packages.
import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import path from "node:path";

/** Mounted from a Secret: `<receiver>` or `<receiver>.url`, and `<receiver>.signingSecret` for DingTalk. */
const SECRETS = process.env.RELAY_SECRETS ?? "/etc/relay/secrets";
const PORT = Number(process.env.RELAY_PORT ?? 8080);
const HOST = process.env.RELAY_HOST;

/** DingTalk: over 20 messages a minute. WeCom: busy, over 20 messages a minute. */
const TRY_AGAIN = [130101, -1, 45009];
const MAX_BYTES = 1_000_000;
const TIMEOUT_MS = 10_000;

const server = createServer((request, response) => {
    handle(request)
        .catch((error) => ({ status: 502, text: `${error.name}: ${error.message}` }))
        .then(({ status, text }) => {
            if (status !== 200) {
                console.error(`${request.method} ${request.url}: ${status} ${text}`);
            }
            response.writeHead(status, { "content-type": "text/plain; charset=utf-8" });
            response.end(text);
        });
});

async function handle(request) {
    if (request.method === "GET" && request.url === "/healthz") {
        return { status: 200, text: "ok" };
    }
    const [, receiver] = /^\/([a-z][-a-z0-9]*)$/.exec(request.url) ?? [];
    if (request.method !== "POST" || receiver === undefined) {
        return { status: 404, text: "POST /<receiver> is all there is" };
    }
    const url = (await secret(`${receiver}.url`)) ?? (await secret(receiver));
    if (url === undefined) {
        return { status: 404, text: `no receiver ${receiver}` };
    }
    const body = await bodyOf(request);
    if (body === undefined) {
        return { status: 413, text: `more than ${MAX_BYTES} bytes` };
    }
    return send(signed(new URL(url), await secret(`${receiver}.signingSecret`)), body);
}

/** Read at every message, so that a changed secret needs no restart. */
async function secret(name) {
    try {
        return (await readFile(path.join(SECRETS, name), "utf8")).trim();
    } catch (error) {
        if (error.code === "ENOENT") {
            return undefined;
        }
        throw error;
    }
}

async function bodyOf(request) {
    const chunks = [];
    let length = 0;
    for await (const chunk of request) {
        length += chunk.length;
        if (length > MAX_BYTES) {
            return undefined;
        }
        chunks.push(chunk);
    }
    return Buffer.concat(chunks);
}

/** https://open.dingtalk.com/document/robots/customize-robot-security-settings. */
function signed(url, key) {
    if (key !== undefined) {
        const timestamp = String(Date.now());
        const sign = createHmac("sha256", key).update(`${timestamp}\n${key}`).digest("base64");
        url.searchParams.set("timestamp", timestamp);
        url.searchParams.set("sign", sign);
    }
    return url;
}

/** The robot's answer in Alertmanager's terms. The URL is a secret and stays out of every text. */
async function send(url, body) {
    let answer;
    try {
        answer = await fetch(url, {
            method: "POST",
            headers: { "content-type": "application/json; charset=utf-8" },
            body,
            signal: AbortSignal.timeout(TIMEOUT_MS),
        });
    } catch (error) {
        return { status: 502, text: `${url.hostname}: ${error.cause?.code ?? error.name}` };
    }
    const text = (await answer.text()).slice(0, 500);
    if (!answer.ok) {
        const again = answer.status >= 500 || answer.status === 429;
        return { status: again ? 502 : 400, text: `${url.hostname}: ${answer.status} ${text}` };
    }
    const { errcode, errmsg } = parse(text);
    if (errcode === 0) {
        return { status: 200, text: "sent" };
    }
    const status = TRY_AGAIN.includes(errcode) ? 503 : 400;
    return { status, text: `${url.hostname}: errcode ${errcode} ${errmsg ?? text}` };
}

function parse(text) {
    try {
        return JSON.parse(text) ?? {};
    } catch {
        return {};
    }
}

server.listen(PORT, HOST, () => console.log(`listening on ${server.address().port}`));
// What has begun is sent to the end.
process.on("SIGTERM", () => server.close(() => process.exit(0)));
