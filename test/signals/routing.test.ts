import * as assert from "node:assert/strict";
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

/** The receivers of Pulumi.<stack>.yaml, with the schema's defaults. */
function receiversOf(stack: string): Receivers {
    return schema.shape.alerting.parse(readStackFile(stack).alerting).receivers;
}

/** One receiver of each type; two of them for the same severity, and two heartbeats. */
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
    },
    bridge: { type: "webhook", severities: ["info"] },
    heartbeat: { type: "heartbeat" },
    slowbeat: { type: "heartbeat", interval: "1h" },
});

const redis = { alertname: "RedisMasterDown", namespace: "prod", app: "redis-replication" };
const ALERTS = {
    "a critical alert": { ...redis, severity: "critical" },
    "a warning": { ...redis, severity: "warning" },
    "an info": { ...redis, severity: "info" },
    "an alert without severity": redis,
    // These two are the chart's own.
    "the Watchdog": { alertname: "Watchdog", severity: "none" },
    InfoInhibitor: { alertname: "InfoInhibitor", severity: "none", namespace: "prod" },
} as const;

interface Routing {
    readonly receivers: Receivers;
    /** Receivers of each alert in the order of the routes; the receiver "null" drops. */
    readonly expected: Readonly<Record<keyof typeof ALERTS, readonly string[]>>;
}

const ROUTINGS: Readonly<Record<string, Routing>> = {
    staging: {
        receivers: receiversOf("staging"),
        expected: {
            "a critical alert": ["chat"],
            "a warning": ["chat"],
            "an info": ["null"],
            "an alert without severity": ["null"],
            "the Watchdog": ["null"],
            InfoInhibitor: ["null"],
        },
    },
    prod: {
        receivers: receiversOf("prod"),
        expected: {
            "a critical alert": ["pager", "chat"],
            "a warning": ["chat"],
            "an info": ["null"],
            "an alert without severity": ["null"],
            // Other routes follow for a second heartbeat, and drop it.
            "the Watchdog": ["heartbeat", "null"],
            InfoInhibitor: ["null"],
        },
    },
    "a stack with every type of receiver": {
        receivers: EVERY_TYPE,
        expected: {
            "a critical alert": ["pager", "chat"],
            "a warning": ["chat", "mail"],
            "an info": ["mail", "bridge"],
            "an alert without severity": ["null"],
            "the Watchdog": ["heartbeat", "slowbeat", "null"],
            InfoInhibitor: ["null"],
        },
    },
    "a stack without receivers": {
        receivers: {},
        expected: {
            "a critical alert": ["null"],
            "a warning": ["null"],
            "an info": ["null"],
            "an alert without severity": ["null"],
            "the Watchdog": ["null"],
            InfoInhibitor: ["null"],
        },
    },
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

    for (const [stack, { receivers, expected }] of Object.entries(ROUTINGS)) {
        describe(`of ${stack}`, () => {
            let file: string;

            before(() => {
                file = path.join(folder, "alertmanager.yaml");
                fs.writeFileSync(file, stringify(alertmanagerConfig(receivers, "receivers")));
            });

            it("is accepted by Alertmanager", async () => {
                await run(amtool, ["check-config", file]);
            });

            for (const [what, labels] of Object.entries(ALERTS)) {
                const names = expected[what as keyof typeof ALERTS];
                it(`sends ${what} to ${names.join(" and ")}`, async () => {
                    const printed = await run(amtool, [
                        "config",
                        "routes",
                        "test",
                        `--config.file=${file}`,
                        ...Object.entries(labels).map(([name, value]) => `${name}=${value}`),
                    ]);
                    assert.equal(printed.trim(), names.join(","));
                });
            }
        });
    }
});
