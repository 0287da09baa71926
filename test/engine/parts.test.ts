import * as assert from "node:assert/strict";
import * as path from "node:path";

import { CHARTS } from "../../components/versions";
import { Cluster } from "../../lab/cluster";
import { EngineProject, engineSetup, EngineStack } from "../../lab/engine";
import { withFolder } from "../../lab/program/runs";
import { readStackFile } from "../../lab/program/stackFile";
import { run } from "../../lab/tools/commands";
import { privateAuthority } from "../support/authority";
import { skip } from "../support/skip";

const OFF = ["grafana", "nodeExporter", "logging", "kibana", "tracing"];

describe("engine: a stack with five parts off, and the smallest one beside its Prometheus and operator", function () {
    this.timeout(1_200_000);
    let project: EngineProject;
    let five: EngineStack;
    let smallest: EngineStack;
    let cluster: Cluster;
    let others: string[];

    before(async function () {
        const setup = engineSetup();
        if (typeof setup === "string") {
            return skip(this, setup);
        }
        project = new EngineProject(setup);
        cluster = new Cluster(setup.kubeContext);
        others = await cluster.namespaces();
        five = await project.stack("staging", ["chat"]);
        for (const part of OFF) {
            await five.set(`components.${part}`, "off");
        }
        const objectives = Object.keys(readStackFile("staging").slos as object);
        for (const objective of objectives.filter((each) => !each.startsWith("redis"))) {
            await five.remove(`slos.${objective}`);
        }
        project.example("dev", "smallest.yaml");
        smallest = await project.stack("dev", []);
        await smallest.set("existing.redisOperator.namespace", "redis-operator-system");
    });

    after(async function () {
        if (smallest) {
            await smallest.destroy();
            await five.destroy();
            project.remove();
        }
    });

    /** Namespaces that these stacks made. */
    async function made(): Promise<string[]> {
        return (await cluster.namespaces()).filter((each) => !others.includes(each)).sort();
    }

    it("previews the first, and makes it with no namespace of what is off", async () => {
        const changes = await five.changes();
        assert.deepEqual([...new Set(changes.map(({ op }) => op))], ["create"]);
        await five.up();
        assert.deepEqual(await made(), ["monitoring", "redis-operator-system", "staging"]);
    });

    it("has nothing to change in it when it runs again", async () => {
        await five.up("--expect-no-changes");
    });

    it("previews the smallest with fewer than 20 objects, and makes it", async () => {
        const changes = await smallest.changes();
        assert.deepEqual([...new Set(changes.map(({ op }) => op))], ["create"]);
        const types = changes.map(({ urn }) => urn.split("::")[2]?.split("$").at(-1) ?? "");
        const objects = types.filter((type) => type.startsWith("kubernetes:"));
        assert.ok(objects.length >= 10 && objects.length < 20, objects.join("\n"));
        await smallest.up();
        assert.deepEqual(await made(), ["dev", "monitoring", "redis-operator-system", "staging"]);
        const { redis } = (await smallest.outputs()) as {
            redis: Record<string, Record<string, { host: string }>>;
        };
        assert.equal(redis.dev?.cache?.host, "cache.dev.svc");
    });

    it("has nothing to change in it when it runs again, and nothing drifts", async () => {
        await smallest.up("--expect-no-changes");
        await smallest.refresh("--expect-no-changes");
    });

    it("leaves the first as it is when the smallest goes, and nothing of both in the end", async () => {
        await smallest.destroy();
        assert.deepEqual(await made(), ["monitoring", "redis-operator-system", "staging"]);
        await five.up("--expect-no-changes");
        await five.destroy();
        assert.deepEqual(await made(), []);
    });
});

/** Namespaces of somebody else, and what stands there for this stack. */
const THEIRS = ["alerts", "dashboards", "redis-operator"];

/** Brings the Redis operator's CRDs, where no stack before has left them. */
async function redisCrds(cluster: Cluster, charts: string): Promise<void> {
    const all = await cluster.get("customresourcedefinitions", "default");
    if (all.some(({ metadata }) => metadata.name.startsWith("redisreplications."))) {
        return;
    }
    const { chart, version } = CHARTS.redisOperator;
    await withFolder(async (folder) => {
        const archive = path.join(charts, `${chart}-${version}.tgz`);
        await run("tar", ["-xzf", archive, "-C", folder, `${chart}/crds`]);
        await cluster.kubectl("create", "--filename", path.join(folder, chart, "crds"));
    });
}

describe("engine: what can be somebody else's is, and what is left is off", function () {
    this.timeout(1_200_000);
    let project: EngineProject;
    let stack: EngineStack;
    let cluster: Cluster;
    let others: string[];

    before(async function () {
        const setup = engineSetup();
        if (typeof setup === "string") {
            return skip(this, setup);
        }
        project = new EngineProject(setup);
        cluster = new Cluster(setup.kubeContext);
        for (const namespace of THEIRS) {
            await cluster.kubectl("create", "namespace", namespace);
        }
        await redisCrds(cluster, setup.chartsFolder);
        others = await cluster.namespaces();
        stack = await project.stack("staging", []);
        const { ca } = await privateAuthority("company");
        const settings = {
            "components.alertmanager": "existing",
            "existing.alertmanager.namespace": "alerts",
            "existing.alertmanager.podLabels.app": "alertmanager",
            "existing.alertmanager.service": "alertmanager",
            "existing.alertmanager.takesRouting": "true",
            "components.grafana": "existing",
            "existing.grafana.namespace": "dashboards",
            "existing.grafana.podLabels.app": "grafana",
            "components.redisOperator": "existing",
            "existing.redisOperator.namespace": "redis-operator",
            "components.elasticsearch": "existing",
            "existing.elasticsearch.url": "https://search.example.com:9200",
            "existing.elasticsearch.secret": "elastic-account",
            // A value that begins with a dash is an option.
            "existing.elasticsearch.ca": `Company\n${ca}`,
            "components.kibana": "off",
            "components.kubeStateMetrics": "off",
            "components.backup": "off",
        };
        for (const [key, value] of Object.entries(settings)) {
            await stack.set(key, value);
        }
        const { slos } = readStackFile("staging");
        for (const objective of Object.keys(slos as object)) {
            if (objective.startsWith("elasticsearch")) {
                await stack.remove(`slos.${objective}`);
            }
        }
        await stack.setSecret("receiverSecrets.chat", "https://receiver.example.com");
    });

    after(async function () {
        if (stack) {
            await stack.destroy();
            project.remove();
            await cluster.kubectl("delete", "namespace", ...THEIRS);
        }
    });

    it("previews, comes up, and has nothing to change when it runs again", async () => {
        const changes = await stack.changes();
        assert.deepEqual([...new Set(changes.map(({ op }) => op))], ["create"]);
        await stack.up();
        await stack.up("--expect-no-changes");
        const made = (await cluster.namespaces()).filter((each) => !others.includes(each));
        assert.deepEqual(made.sort(), [
            "logging",
            "monitoring",
            "node-exporter",
            "staging",
            "tracing",
        ]);
    });

    it("has given each what it takes, and nothing else", async () => {
        const names = async (kind: string, namespace: string) =>
            (await cluster.get(kind, namespace)).map(({ metadata }) => metadata.name);
        assert.deepEqual(await names("deployments", "alerts"), []);
        const secrets = await names("secrets", "alerts");
        assert.ok(secrets.includes("alertmanager-config"), secrets.join(", "));
        const shown = await names("configmaps", "dashboards");
        assert.ok(shown.includes("dashboard-redis-instance"), shown.join(", "));
        assert.ok(!shown.includes("dashboard-backups"), shown.join(", "));
    });

    it("goes, and leaves what is somebody else's", async () => {
        await stack.destroy();
        assert.deepEqual((await cluster.namespaces()).sort(), [...others].sort());
    });
});
