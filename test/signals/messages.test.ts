import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import {
    messageHtml,
    MessageStyle,
    messageText,
    MESSAGE_TEMPLATES,
    STYLES,
    TITLE,
} from "../../components/alerting/routing/messages";
import { byteLength } from "../../lab/endpoints/httpEndpoint";
import { run } from "../../lab/tools/commands";
import { goTool } from "../support/goTool";

const RUNBOOK = "https://runbooks.example.org/RedisMasterDown.md";
const DASHBOARD = "https://grafana.example.org/d/redis?var-namespace=shop";
/** From half an hour before 2026-01-01T00:00:00Z on. */
const DASHBOARD_THEN = `${DASHBOARD}&from=1767223800000&to=now`;
const SILENCE =
    "https://alerts.example.org/#/silences/new?filter=%7Balertname%3D%22RedisMasterDown%22%2Cnamespace%3D%22shop%22%7D";
const CONTEXT = { timeZone: "Asia/Shanghai", silenceLink: true };

interface Texts {
    readonly summary?: string;
    readonly description?: string;
}

const SHORT: Texts = { summary: "Redis shop/orders has no master", description: "Writes fail." };

/** What Alertmanager hands to the templates of a message: alerts of one group. */
function notification(texts: readonly Texts[], status = "firing"): object {
    const labels = { alertname: "RedisMasterDown", severity: "critical", environment: "prod" };
    return {
        receiver: "chat",
        status,
        alerts: texts.map((text) => ({
            status,
            labels,
            annotations: { ...text, runbook_url: RUNBOOK, dashboard_url: DASHBOARD },
            startsAt: "2026-01-01T00:00:00Z",
            endsAt: "2026-01-01T00:30:00Z",
        })),
        groupLabels: { alertname: "RedisMasterDown", namespace: "shop" },
        commonLabels: labels,
        commonAnnotations: {},
        externalURL: "https://alerts.example.org",
    };
}

/** `amtool check-config` does not read templates: a broken one shows only when an alert is to be sent, and is not. */
describe("alert messages", () => {
    let amtool: string;
    let folder: string;

    before(async function () {
        // It may have to be built.
        this.timeout(0);
        amtool = await goTool(this, "amtool");
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "observability-messages-"));
        fs.writeFileSync(path.join(folder, "messages.tmpl"), MESSAGE_TEMPLATES);
    });

    after(() => {
        if (folder) {
            fs.rmSync(folder, { recursive: true });
        }
    });

    async function render(template: string, data: object, type = "text"): Promise<string> {
        fs.writeFileSync(path.join(folder, "data.json"), JSON.stringify(data));
        const printed = await run(amtool, [
            ...["template", "render", `--template.type=${type}`],
            `--template.glob=${path.join(folder, "messages.tmpl")}`,
            `--template.data=${path.join(folder, "data.json")}`,
            `--template.text=${template}`,
        ]);
        return printed.replace(/\n$/, "");
    }

    /** The text that people see. */
    async function message(style: MessageStyle, texts: readonly Texts[]): Promise<string> {
        const rendered = await render(messageText(style, CONTEXT), notification(texts));
        if (!style.as) {
            return rendered;
        }
        const { markdown } = JSON.parse(rendered) as {
            markdown: { text?: string; content?: string };
        };
        return markdown.text ?? markdown.content ?? "";
    }

    it("begin with severity, alert, place and environment, which is what a lock screen shows", async () => {
        const title = "[CRITICAL] RedisMasterDown shop (prod)";
        assert.equal(await render(TITLE, notification([SHORT])), title);
        assert.equal(await render(TITLE, notification([SHORT, SHORT])), `${title} x2`);
        assert.equal(
            await render(TITLE, notification([SHORT], "resolved")),
            "[RESOLVED] RedisMasterDown shop (prod)",
        );
    });

    it("say what is wrong, since when in the reader's zone, and where to go on", async () => {
        assert.deepEqual((await message(STYLES.email, [SHORT])).split("\n"), [
            "[CRITICAL] RedisMasterDown shop (prod)",
            "Redis shop/orders has no master",
            "Writes fail.",
            "Since 2026-01-01 08:00 CST",
            `Runbook: ${RUNBOOK}`,
            `Dashboard: ${DASHBOARD_THEN}`,
            `Silence: ${SILENCE}`,
        ]);
    });

    it("say when it was over", async () => {
        const data = notification([SHORT], "resolved");
        const text = await render(messageText(STYLES.slack, CONTEXT), data);
        assert.match(text, /Since 2026-01-01 08:00 CST, resolved 2026-01-01 08:30 CST/);
        // Half an hour more, to 01:00 UTC.
        assert.ok(text.includes(`<${DASHBOARD}&from=1767223800000&to=1767229200000|Dashboard>`));
    });

    it("link in PagerDuty to the dashboard at the alert's time", async () => {
        const href = '{{ template "observability.dashboard" . }}';
        assert.equal(await render(href, notification([SHORT])), DASHBOARD_THEN);
    });

    it("offer no silence where nobody can open Alertmanager", async () => {
        const hidden = { ...CONTEXT, silenceLink: false };
        for (const style of Object.values(STYLES)) {
            const text = await render(messageText(style, hidden), notification([SHORT]));
            assert.doesNotMatch(text, /ilence/);
        }
        const html = await render(messageHtml(hidden), notification([SHORT]), "html");
        assert.doesNotMatch(html, /ilence/);
    });

    it("name the labels of an alert without a summary, such as another chart's", async () => {
        const text = await message(STYLES.slack, [{}]);
        assert.match(text, /^alertname=RedisMasterDown, environment=prod, severity=critical$/m);
    });

    it("to Slack escape what would be taken for markup", async () => {
        const text = await message(STYLES.slack, [{ summary: "1 < 2 & <!channel>" }]);
        assert.match(text, /1 &lt; 2 &amp; &lt;!channel&gt;/);
        assert.ok(text.includes(`<${RUNBOOK}|Runbook>`));
    });

    it("by mail have a page of HTML in which texts are texts and links are links", async () => {
        const texts = [{ summary: "内存 <script>", description: "90 %" }];
        const html = await render(messageHtml(CONTEXT), notification(texts), "html");
        assert.match(html, /<b>内存 &lt;script&gt;<\/b>/);
        for (const url of [RUNBOOK, DASHBOARD_THEN, SILENCE]) {
            assert.ok(html.includes(`href="${url.replaceAll("&", "&amp;")}"`), url);
        }
    });

    for (const [name, style] of Object.entries(STYLES)) {
        const long = "监控告警".repeat(1000);
        for (const [what, texts] of Object.entries({
            "a Chinese text of 12000 bytes": [{ summary: long, description: long }],
            "200 alerts": Array.from({ length: 200 }, () => ({ ...SHORT, description: long })),
            "emojis of four bytes": [
                { summary: "🔴".repeat(5000), description: "🔴".repeat(5000) },
            ],
        })) {
            it(`to ${name} with ${what} fit into ${style.limit} bytes with every link`, async () => {
                const text = await message(style, texts);
                assert.ok(byteLength(text) <= style.limit, `${byteLength(text)} bytes`);
                const least = Math.min(style.limit, 12_000) / 3;
                assert.ok(byteLength(text) > least, `only ${byteLength(text)} bytes`);
                assert.doesNotMatch(text, /\ufffd/, "a character was cut in two");
                for (const url of [RUNBOOK, DASHBOARD_THEN, SILENCE]) {
                    assert.ok(text.includes(url), url);
                }
            });
        }

        it(`to ${name} count the alerts that are left out`, async () => {
            const texts = Array.from({ length: 2000 }, () => SHORT);
            const text = await message(style, texts);
            const shown = text.split("Writes fail.").length - 1;
            const left = /and (\d+) more/.exec(text)?.[1] ?? "0";
            assert.equal(shown + Number(left), texts.length);
        });
    }
});
