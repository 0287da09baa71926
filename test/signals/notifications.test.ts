import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { alertmanagerConfig } from "../../components/monitoring/alertmanagerConfig";
import { run } from "../support/commands";
import { goTool } from "../support/goTools";

/** What Alertmanager hands to the templates of a message: two alerts of one group. */
const DATA = {
    receiver: "chat",
    status: "firing",
    alerts: ["orders", "sessions"].map((app) => ({
        status: "firing",
        labels: { alertname: "RedisMasterDown", app, severity: "critical", environment: "prod" },
        annotations: {
            summary: `Redis shop/${app} has no master`,
            description: "Writes fail.",
            runbook_url: "https://runbooks.example.org/RedisMasterDown.md",
        },
        startsAt: "2026-01-01T00:00:00Z",
    })),
    groupLabels: { alertname: "RedisMasterDown" },
    commonLabels: { alertname: "RedisMasterDown", severity: "critical", environment: "prod" },
    commonAnnotations: {},
    externalURL: "https://alertmanager.example.org",
};

const TITLE = "[FIRING: 2] RedisMasterDown (prod)";
const TEXT = ["orders", "sessions"]
    .map(
        (app) =>
            `Redis shop/${app} has no master\nWrites fail.\nRunbook: https://runbooks.example.org/RedisMasterDown.md\n`,
    )
    .join("");

const severities = ["critical" as const];
const MESSAGES = [
    {
        settings: { type: "slack" as const, channel: "#redis", severities },
        texts: [TITLE, TEXT],
    },
    { settings: { type: "pagerduty" as const, severities }, texts: ["critical", TITLE] },
    {
        settings: {
            type: "email" as const,
            to: "team@example.org",
            from: "alerts@example.org",
            smarthost: "mail.example.org:587",
            username: "alerts",
            severities,
        },
        texts: [TITLE],
    },
];

/** Every template in a value, in its order. */
function templates(value: unknown): string[] {
    if (typeof value === "string") {
        return value.includes("{{") ? [value] : [];
    }
    return typeof value === "object" && value !== null
        ? Object.values(value).flatMap((each) => templates(each))
        : [];
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
        fs.writeFileSync(path.join(folder, "none.tmpl"), "");
        fs.writeFileSync(path.join(folder, "data.json"), JSON.stringify(DATA));
    });

    after(() => {
        if (folder) {
            fs.rmSync(folder, { recursive: true });
        }
    });

    function render(template: string): Promise<string> {
        return run(amtool, [
            "template",
            "render",
            // It must be given, and our templates are in the configuration itself.
            `--template.glob=${path.join(folder, "none.tmpl")}`,
            `--template.data=${path.join(folder, "data.json")}`,
            `--template.text=${template}`,
        ]);
    }

    for (const { settings, texts } of MESSAGES) {
        it(`to ${settings.type} say what is wrong, where, and what to do`, async () => {
            const config = alertmanagerConfig({ team: settings }, "receivers", "prod");
            const rendered: string[] = [];
            for (const template of templates((config as { receivers: unknown }).receivers)) {
                rendered.push(await render(template));
            }
            assert.deepEqual(
                rendered.map((text) => text.trim()),
                texts.map((text) => text.trim()),
            );
        });
    }
});
