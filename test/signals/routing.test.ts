import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { parse, stringify } from "yaml";

import {
    AlertLabels,
    AlertmanagerConfig,
    alertsOf,
    configText,
    routesTaken,
} from "../../commands/preview/routes";
import { routesText } from "../../commands/preview/snapshots";
import { STACKS, stackRun } from "../../lab/program/runs";
import { FIXTURES, readStackFile } from "../../lab/program/stackFile";
import { run } from "../../lab/tools/commands";
import { configOf, EVERY_TYPE } from "../support/alerting";
import { goTool } from "../support/goTool";

/** Alerts, and who gets them with every type of receiver, in the order of the routes; "null" drops what it gets. */
const EXPECTED: readonly (readonly [string, AlertLabels, readonly string[]])[] = [
    ["a critical alert", { severity: "critical" }, ["pagerduty", "slack"]],
    ["a warning", { severity: "warning" }, ["slack", "email", "wecom", "robot"]],
    [
        "a warning of a team with a route of its own",
        { severity: "warning", team: "caches" },
        ["slack", "email", "wecom", "robot", "dingtalk"],
    ],
    ["an info", { severity: "info" }, ["null"]],
    ["an info of a team that wants to know", { severity: "info", team: "storage" }, ["dingtalk"]],
    ["an alert without severity", {}, ["null"]],
    ["a tenant's warning", { severity: "warning", environment: "qa" }, ["teams", "webhook"]],
    ["another environment's alert", { severity: "critical", environment: "dev" }, ["null"]],
    // These two are the chart's own. The Watchdog passes each heartbeat on to the next, and then to nobody.
    [
        "the Watchdog",
        { alertname: "Watchdog", severity: "none" },
        ["heartbeat", "slowbeat", "null"],
    ],
    ["InfoInhibitor", { alertname: "InfoInhibitor", severity: "none" }, ["null"]],
];

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

    function write(config: string): string {
        const file = path.join(folder, "alertmanager.yaml");
        fs.writeFileSync(file, config);
        return file;
    }

    /** What Alertmanager's own routing says. */
    async function receivers(file: string, labels: AlertLabels): Promise<string> {
        const given = Object.entries(labels).filter(([, value]) => value !== "");
        const pairs = given.map(([label, value]) => `${label}=${value}`);
        const printed = await run(amtool, [
            ...["config", "routes", "test", `--config.file=${file}`],
            ...pairs,
        ]);
        return printed.trim();
    }

    it("with every type of receiver is accepted by Alertmanager", async () => {
        await run(amtool, ["check-config", write(stringify(configOf(EVERY_TYPE)))]);
    });

    it("without receivers is accepted by Alertmanager, and tells nobody", async () => {
        const file = write(stringify(configOf({})));
        await run(amtool, ["check-config", file]);
        assert.equal(await receivers(file, { severity: "critical", environment: "prod" }), "null");
    });

    /** With a default receiver and an environment that is nobody's. */
    const CAUGHT: readonly (readonly [string, AlertLabels, string])[] = [
        ["an alert without severity", {}, "webhook"],
        ["another team's severity", { severity: "page", team: "shop" }, "webhook"],
        ["another environment's alert", { severity: "critical", environment: "dev" }, "webhook"],
        ["an alert of an environment that is nobody's", { environment: "lab" }, "null"],
        ["an info that no route takes", { severity: "info" }, "null"],
        ["a critical alert", { severity: "critical" }, "pagerduty,slack"],
    ];
    for (const [what, labels, expected] of CAUGHT) {
        it(`with a default receiver brings ${what} to ${expected}`, async () => {
            const all = { alertname: "ShopDown", environment: "prod", ...labels };
            const unroutedEnvironments = ["lab"];
            const config = configOf({
                ...EVERY_TYPE,
                defaultReceiver: "webhook",
                unroutedEnvironments,
            });
            assert.equal(await receivers(write(stringify(config)), all), expected);
        });
    }

    for (const [what, labels, expected] of EXPECTED) {
        it(`brings ${what} to ${expected.join(" and ")}`, async () => {
            const all = { alertname: "RedisMasterDown", environment: "prod", ...labels };
            const file = write(stringify(configOf(EVERY_TYPE)));
            assert.equal(await receivers(file, all), expected.join(","));
        });
    }

    for (const stack of STACKS) {
        it(`of ${stack} is accepted by Alertmanager`, async () => {
            const { registrations } = await stackRun(stack);
            await run(amtool, ["check-config", write(configText(registrations) ?? "")]);
        });

        it(`of ${stack} is what the routing table says, for every alert`, async () => {
            const { registrations } = await stackRun(stack);
            const text = configText(registrations) ?? "";
            const { route } = parse(text) as AlertmanagerConfig;
            const file = write(text);
            const differences: string[] = [];
            for (const labels of alertsOf(registrations, readStackFile(stack))) {
                const table = routesTaken(route, labels).map(({ receiver }) => receiver);
                const real = await receivers(file, labels);
                if (real !== table.join(",")) {
                    differences.push(`${labels.alertname}: ${table.join(",")}, really ${real}`);
                }
            }
            assert.deepEqual(differences, []);
        });
    }
});

describe("Routing tables", () => {
    for (const stack of STACKS) {
        it(`of ${stack} leave no critical alert to nobody`, async () => {
            const lines = (await routesText(stack, FIXTURES)).split("\n");
            const critical = lines.filter((line) => / critical /.test(line));
            assert.ok(critical.length > 0);
            assert.deepEqual(
                critical.filter((line) => line.includes("nobody")),
                [],
            );
        });
    }

    it("of prod have the chart's alerts, those of a hidden control plane and the doubles of ours left out", async () => {
        const text = await routesText("prod", FIXTURES);
        assert.match(text, /^KubeCPUOvercommit +warning +prod +- +chat$/m);
        assert.match(text, /^KubeAPIErrorBudgetBurn +critical +prod +- +pager, chat$/m);
        assert.match(text, /^CPUThrottlingHigh +info +prod +- +chat$/m);
        assert.doesNotMatch(text, /^etcd|^KubeSchedulerDown|^KubeProxyDown/m);
        assert.doesNotMatch(text, /^KubePodCrashLooping|^KubeDeploymentReplicasMismatch/m);
        const chart = text.split("\n").filter((line) => / prod +- /.test(line));
        // 139 names and 16 severities more, 19 names of a control plane that the platform hides, three doubles.
        assert.ok(chart.length > 120, `${chart.length} lines`);
    });

    it("of prod bring the Watchdog to a heartbeat", async () => {
        assert.match(await routesText("prod", FIXTURES), /^Watchdog +none +prod +- +heartbeat$/m);
    });
});
