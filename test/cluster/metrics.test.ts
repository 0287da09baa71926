import assert from "node:assert/strict";

import { warningEvents } from "../../lab/cluster/operators";
import { expectedJobs } from "./expectedJobs";
import { DiscoveredTarget, GeneratedConfig, rulesOf } from "./prometheus";
import { containersOf } from "./wiring/liveObjects";
import { CHARTS, World } from "./world";
import { CASES, worldOf } from "./worlds";

/** What the operator calls a job by. */
const JOB_PREFIX = { ServiceMonitor: "serviceMonitor", PodMonitor: "podMonitor" };

for (const each of CASES) {
    describe(`Cluster: the Prometheus Operator and ${each.title}`, function () {
        this.timeout(180_000);
        let world: World;
        let config: GeneratedConfig;
        let targets: DiscoveredTarget[];

        before(async function () {
            world = await worldOf(this, each);
            this.timeout(0);
            config = await GeneratedConfig.withJobs(world.plane, monitored());
            targets = await config.targets(exporterPods().length, ofExporter);
        });

        function exporterPods(): string[] {
            return world.objects
                .ours("Pod")
                .filter((pod) => containersOf(pod).some(({ name }) => name === "redis-exporter"))
                .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)
                .sort();
        }

        /** The first job of each monitor that the program registers. */
        function monitored(): string[] {
            return world.stacks
                .flatMap(({ stack }) => [...stack.applied.values()])
                .map(({ live }) => live)
                .filter(({ kind }) => kind in JOB_PREFIX)
                .map(({ kind, metadata: { namespace, name } }) => {
                    const prefix = JOB_PREFIX[kind as keyof typeof JOB_PREFIX];
                    return `${prefix}/${namespace}/${name}/0`;
                });
        }

        it("makes a scrape job of every monitor that the program registers, and no other job", () => {
            const settings = world.stacks.map((stack) => stack.settings);
            assert.deepEqual([...config.jobs].sort(), expectedJobs(settings, CHARTS !== undefined));
        });

        it("makes a configuration that promtool takes without a warning", async () => {
            const output = await config.check();
            assert.match(
                output,
                /SUCCESS: .*prometheus.yml is valid prometheus config file syntax/,
            );
            assert.doesNotMatch(output, /WARNING|FAILED/);
        });

        it("loads every rule of every PrometheusRule", () => {
            const written = world.objects
                .kind("PrometheusRule")
                .flatMap(({ spec }) => rulesOf(spec as never));
            assert.ok(written.length > 10);
            assert.deepEqual([...config.rules].sort(), written.sort());
        });

        it("makes Prometheus discover every Redis exporter once, and none twice", () => {
            const scraped = targets
                .filter(ofExporter)
                .map(({ labels }) => `${labels.namespace}/${labels.pod}`)
                .sort();
            assert.deepEqual(scraped, exporterPods());
        });

        it("gives every series of ours its environment", () => {
            const without = targets
                .filter(({ scrapePool }) =>
                    world.stacks.some(({ stack }) => owns(stack.applied, scrapePool)),
                )
                .filter(({ labels }) => !labels.environment);
            assert.deepEqual(
                without.map(({ scrapePool }) => scrapePool),
                [],
            );
        });

        it("refuses no object of ours", async () => {
            const kinds = /^(ServiceMonitor|PodMonitor|PrometheusRule|Prometheus|Alertmanager) /;
            const events = (await warningEvents(world.plane)).filter((line) => kinds.test(line));
            assert.deepEqual(events, []);
        });
    });
}

function ofExporter({ labels }: DiscoveredTarget): boolean {
    return labels.container === "redis-exporter";
}

type AppliedObjects = World["stacks"][number]["stack"]["applied"];

function owns(applied: AppliedObjects, scrapePool: string): boolean {
    const [, namespace, name] = scrapePool.split("/");
    return [...applied.values()].some(
        ({ live: { kind, metadata } }) =>
            kind in JOB_PREFIX && metadata.namespace === namespace && metadata.name === name,
    );
}
