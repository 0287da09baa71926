import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { stringify } from "yaml";

import { schema } from "../../components/config/schema";
import { alertmanagerConfig } from "../../components/monitoring/alertmanagerConfig";
import { run } from "../support/commands";
import { goTool } from "../support/goTools";
import { readStackFile } from "../support/stackFile";

type Receivers = Parameters<typeof alertmanagerConfig>[0];

interface Stack {
    readonly environment: string;
    readonly receivers: Receivers;
}

/** What Pulumi.<stack>.yaml says, with the schema's defaults. */
function readStack(stack: string): Stack {
    const { environment, alerting } = schema
        .pick({ environment: true, alerting: true })
        .parse(pick(readStackFile(stack), "environment", "alerting"));
    return { environment, receivers: alerting.receivers };
}

function pick(settings: Record<string, unknown>, ...keys: readonly string[]): object {
    return Object.fromEntries(keys.map((key) => [key, settings[key]]));
}

/** One receiver of each type; of one severity, two; for a tenant, one; and two heartbeats. */
const EVERY_TYPE: Receivers = schema.shape.alerting.shape.receivers.parse({
    pager: { type: "pagerduty", severities: ["critical"] },
    chat: { type: "slack", channel: "#redis", severities: ["critical", "warning"] },
    mail: {
        type: "email",
        to: "team@example.org",
        from: "alerts@example.org",
        smarthost: "mail.example.org:587",
        username: "alerts",
        severities: ["info", "warning"],
        environments: ["prod", "qa"],
    },
    bridge: { type: "webhook", severities: ["critical", "info"], environments: ["qa"] },
    heartbeat: { type: "heartbeat" },
    slowbeat: { type: "heartbeat", interval: "1h" },
});

/** Alerts that come from a stack's own environment, unless they name another. */
const ALERTS = {
    "a critical alert": { alertname: "RedisMasterDown", severity: "critical" },
    "a warning": { alertname: "RedisMasterDown", severity: "warning" },
    "an info": { alertname: "RedisMasterDown", severity: "info" },
    "an alert without severity": { alertname: "RedisMasterDown" },
    "a tenant's critical alert": {
        alertname: "RedisMasterDown",
        severity: "critical",
        environment: "qa",
    },
    "a tenant's warning": { alertname: "RedisMasterDown", severity: "warning", environment: "qa" },
    // These two are the chart's own.
    "the Watchdog": { alertname: "Watchdog", severity: "none" },
    InfoInhibitor: { alertname: "InfoInhibitor", severity: "none" },
} as const;

type Expected = Readonly<Partial<Record<keyof typeof ALERTS, readonly string[]>>>;

/** Receivers in the order of the routes. Every alert that is not listed goes to "null", which drops it. */
const ROUTINGS: Readonly<Record<string, Stack & { readonly expected: Expected }>> = {
    staging: {
        ...readStack("staging"),
        expected: { "a critical alert": ["chat"], "a warning": ["chat"] },
    },
    prod: {
        ...readStack("prod"),
        expected: {
            "a critical alert": ["pager", "chat"],
            "a warning": ["chat"],
            // Another heartbeat may follow, so the Watchdog goes on to the route that drops it.
            "the Watchdog": ["heartbeat", "null"],
        },
    },
    "a stack with every type of receiver": {
        environment: "prod",
        receivers: EVERY_TYPE,
        expected: {
            "a critical alert": ["pager", "chat"],
            "a warning": ["chat", "mail"],
            "an info": ["mail"],
            "a tenant's critical alert": ["bridge"],
            "a tenant's warning": ["mail"],
            "the Watchdog": ["heartbeat", "slowbeat", "null"],
        },
    },
    "a stack without receivers": { environment: "prod", receivers: {}, expected: {} },
};

describe("alert routing", () => {
    let amtool: string;
    let folder: string;

    before(async function () {
        // It may have to be built.
        this.timeout(0);
        amtool = await goTool(this, "amtool");
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "observability-routing-"));
    });

    after(() => {
        if (folder) {
            fs.rmSync(folder, { recursive: true });
        }
    });

    function write({ receivers, environment }: Stack): string {
        const file = path.join(folder, "alertmanager.yaml");
        fs.writeFileSync(file, stringify(alertmanagerConfig(receivers, "receivers", environment)));
        return file;
    }

    for (const [name, stack] of Object.entries(ROUTINGS)) {
        it(`of ${name} is accepted by Alertmanager`, async () => {
            await run(amtool, ["check-config", write(stack)]);
        });

        for (const [what, labels] of Object.entries(ALERTS)) {
            const receivers = stack.expected[what as keyof typeof ALERTS] ?? ["null"];
            it(`of ${name} sends ${what} to ${receivers.join(" and ")}`, async () => {
                const all = { environment: stack.environment, ...labels };
                const printed = await run(amtool, [
                    "config",
                    "routes",
                    "test",
                    `--config.file=${write(stack)}`,
                    ...Object.entries(all).map(([label, value]) => `${label}=${value}`),
                ]);
                assert.equal(printed.trim(), receivers.join(","));
            });
        }
    }
});
