import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { parse } from "yaml";

import { imageProblem } from "../../lab/cluster/node/images";
import { nodeProblem } from "../../lab/cluster/node/realNode";
import { sandboxProblem } from "../../lab/cluster/node/sandbox";
import { listAt } from "../../lab/program/objects";
import { withFolder } from "../../lab/program/runs";
import { run } from "../../lab/tools/commands";
import { skip } from "../support/skip";
import type { NodeReport, SeriesReport } from "./node/nodeReport";
import { fetchForStaging } from "./node/stagingOnNode";

const REDIS = [0, 1, 2].map((i) => `staging/redis-replication-${i}`);
/** A DaemonSet's pod has a name that nobody knows before. */
const NODE_EXPORTER = "node-exporter/kube-prometheus-stack-prometheus-node-exporter";
/** Pods of staging whose images are made on this machine. */
const PODS = [
    "monitoring/alertmanager-kube-prometheus-stack-alertmanager-0",
    "monitoring/prometheus-kube-prometheus-stack-prometheus-0",
    NODE_EXPORTER,
    ...REDIS,
];

describe("Cluster: staging on a real node", function () {
    let report: NodeReport;

    before(async function () {
        this.timeout(0);
        const problem = sandboxProblem() ?? nodeProblem() ?? imageProblem();
        if (problem) {
            skip(this, problem);
        }
        await fetchForStaging();
        report = await withFolder(async (folder) => {
            const file = path.join(folder, "report.json");
            const program = path.join(__dirname, "node", "main.ts");
            const node = [process.execPath, "-r", "ts-node/register/transpile-only"];
            // It must not outlive this run.
            await run("setpriv", ["--pdeathsig", "KILL", ...node, program, file]);
            return JSON.parse(fs.readFileSync(file, "utf8")) as NodeReport;
        });
    });

    it("has every pod ready whose image is made here, at the first try", () => {
        const found = report.pods.map(({ name, restarts, problem = "ready" }) => {
            const known = name.startsWith(NODE_EXPORTER) ? NODE_EXPORTER : name;
            return [known, `${problem}, ${restarts} restarts`];
        });
        assert.deepEqual(
            Object.fromEntries(found),
            Object.fromEntries(PODS.map((name) => [name, "ready, 0 restarts"])),
        );
    });

    it("has Prometheus scrape them through the monitors", () => {
        const down = report.targets
            .filter(({ health }) => health !== "up")
            .map(
                ({ scrapePool, labels, lastError }) => `${scrapePool} ${labels.pod}: ${lastError}`,
            );
        assert.deepEqual(down, []);
        const scraped = report.targets.map(({ labels }) => `${labels.namespace}/${labels.pod}`);
        const without = [...REDIS, NODE_EXPORTER].filter(
            (pod) => !scraped.some((each) => each.startsWith(pod)),
        );
        assert.deepEqual(without, []);
    });

    it("has exporters that log in to their Redis with the password of its Secret", () => {
        assert.deepEqual(values("redis_up"), Object.fromEntries(REDIS.map((pod) => [pod, "1"])));
        assert.deepEqual(
            values("redis_exporter_last_scrape_error"),
            Object.fromEntries(REDIS.map((pod) => [pod, "0"])),
        );
    });

    it("has node-exporter report on the machine below", () => {
        assert.deepEqual(Object.values(values("node_memory_MemTotal_bytes")), [
            String(os.totalmem()),
        ]);
    });

    it("has Prometheus evaluate every rule that comes up each minute", () => {
        assert.ok(report.rules.length > 100, `${report.rules.length} rules`);
        const failing = report.rules
            .filter(({ health }) => health !== "ok")
            .map(({ name, health, lastError }) => `${name}: ${lastError ?? health}`);
        assert.deepEqual(failing, []);
    });

    it("has Prometheus send alerts to Alertmanager, which has loaded who gets them", () => {
        const own = report.pods.filter(({ name }) => name.startsWith("monitoring/alertmanager-"));
        assert.deepEqual(
            report.alertmanagers,
            own.map(({ address }) => `${address}:9093`),
        );
        const chat = (listAt(parse(report.routing), "receivers") as Receiver[]).find(
            ({ name }) => name === "chat",
        );
        assert.deepEqual(
            chat?.slack_configs?.map(({ channel }) => channel),
            ["#redis-staging"],
        );
    });

    /** Values now of a metric, by `namespace/pod`. */
    function values(metric: string): Record<string, string> {
        const series: readonly SeriesReport[] = report.series[metric] ?? [];
        return Object.fromEntries(
            series.map(({ metric: { namespace, pod }, value }) => [
                `${namespace}/${pod}`,
                value[1],
            ]),
        );
    }
});

interface Receiver {
    readonly name: string;
    readonly slack_configs?: readonly { readonly channel: string }[];
}
