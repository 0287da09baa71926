import assert from "node:assert/strict";

import { scrapeJob, Target, targetGroups } from "../../../../commands/drill/local/scrapeConfig";
import { ofKind } from "../../../../lab/program/objects";
import { everyModeRun } from "../../../../lab/program/runs";

const NAMESPACE = "orders";
const target = (app: string, i: number): Target => ({
    namespace: NAMESPACE,
    pod: `${app}-${i}`,
    app,
    port: 9000 + i,
});

describe("the scrape jobs of a fire drill", () => {
    it("follow each ServiceMonitor to the pods of its own instance, each once", async () => {
        const run = await everyModeRun();
        const resources = ofKind(run, "Redis", "RedisReplication", "RedisSentinel", "RedisCluster");
        const pods = ["pair", "pair-b", "watched", "watched-sentinel"].map((app) => target(app, 0));
        const monitors = ofKind(run, "ServiceMonitor").filter((m) => m.namespace === NAMESPACE);
        const found = monitors.map((monitor) => [
            monitor.name,
            targetGroups(monitor, resources, pods).map(({ labels }) => labels.pod),
        ]);
        assert.deepEqual(Object.fromEntries(found), {
            pair: ["pair-0"],
            "pair-b": ["pair-b-0"],
            shards: [],
            single: [],
            watched: ["watched-0", "watched-sentinel-0"],
        });
    });

    it("give a target the labels that the alerts and their texts need", async () => {
        const run = await everyModeRun();
        const monitor = ofKind(run, "ServiceMonitor").find(({ name }) => name === "watched");
        assert.ok(monitor);
        const resources = ofKind(run, "RedisReplication", "RedisSentinel");
        const [group] = targetGroups(monitor, resources, [target("watched-sentinel", 2)]);
        assert.deepEqual(group, {
            targets: ["127.0.0.1:9002"],
            labels: {
                app: "watched-sentinel",
                container: "redis-exporter",
                endpoint: "redis-exporter",
                job: "watched-sentinel-metrics",
                namespace: NAMESPACE,
                pod: "watched-sentinel-2",
                redis_setup_type: "sentinel",
                service: "watched-sentinel-metrics",
            },
        });
    });

    it("scrape as often as the instance says, and add its environment", async () => {
        const run = await everyModeRun();
        const monitor = ofKind(run, "ServiceMonitor").find(({ name }) => name === "single");
        assert.ok(monitor);
        const job = scrapeJob(monitor, "targets.json");
        assert.equal(job.scrape_interval, "30s");
        assert.equal(job.scrape_timeout, "10s");
        assert.deepEqual(job.relabel_configs, [
            { target_label: "environment", replacement: "staging" },
        ]);
    });
});
