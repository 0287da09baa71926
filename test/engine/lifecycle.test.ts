import * as assert from "node:assert/strict";

import { Cluster } from "../../lab/cluster";
import { EngineProject, engineSetup, EngineStack } from "../../lab/engine";
import { skip } from "../support/skip";

/** Namespaces that the platform makes, beside the one of the environment. */
const PLATFORM = [
    "elastic-system",
    "logging",
    "monitoring",
    "node-exporter",
    "redis-operator-system",
    "tracing",
];

for (const { name, receivers, memory } of [
    { name: "staging", receivers: ["chat"], memory: "384Mi" },
    { name: "prod", receivers: ["pager", "chat", "heartbeat"], memory: "1536Mi" },
]) {
    describe(`engine: the life of ${name}`, function () {
        this.timeout(1_200_000);
        let project: EngineProject;
        let stack: EngineStack;
        let cluster: Cluster;

        before(async function () {
            const setup = engineSetup();
            if (typeof setup === "string") {
                return skip(this, setup);
            }
            project = new EngineProject(setup);
            cluster = new Cluster(setup.kubeContext);
            stack = await project.stack(name, receivers);
        });

        after(async function () {
            if (stack) {
                await stack.set("dataProtection.protect", "false");
                await stack.up("--continue-on-error").catch(() => undefined);
                await stack.destroy();
                project.remove();
            }
        });

        /** What of ours is in the cluster, by kind and name. */
        async function objects(): Promise<string[]> {
            const kinds =
                "namespaces,networkpolicies,deployments,statefulsets,daemonsets,cronjobs,services,secrets,configmaps,persistentvolumeclaims,redisreplications,elasticsearches,kibanas";
            const list = await cluster.kubectl("get", kinds, "-A", "-o", "json");
            const { items } = JSON.parse(list) as {
                items: { kind: string; metadata: { name: string; namespace?: string } }[];
            };
            return items
                .map(({ kind, metadata }) => `${kind} ${metadata.namespace ?? ""}/${metadata.name}`)
                .sort();
        }

        /** The hooks that the state has of each resource, by its URN: their order is that of the last update. */
        async function bindings(): Promise<Record<string, unknown>> {
            const text = await stack.pulumi("stack", "export", "--stack", name);
            const { deployment } = JSON.parse(text) as {
                deployment: { resources: { urn: string; resourceHooks?: unknown }[] };
            };
            return Object.fromEntries(
                deployment.resources.map(({ urn, resourceHooks }) => [urn, resourceHooks]),
            );
        }

        it("previews", async () => {
            const changes = await stack.changes();
            assert.deepEqual([...new Set(changes.map(({ op }) => op))], ["create"]);
        });

        it("comes up", async () => {
            await stack.up();
            const namespaces = await cluster.namespaces();
            for (const namespace of [...PLATFORM, name]) {
                assert.ok(namespaces.includes(namespace), `namespace ${namespace} is missing`);
            }
        });

        it("gives every endpoint as an output", async () => {
            const { endpoints, redis } = (await stack.outputs()) as {
                endpoints: Record<string, { url: string; portForward: string }>;
                redis: Record<string, Record<string, { host: string }>>;
            };
            assert.deepEqual(Object.keys(endpoints).sort(), [
                "alertmanager",
                "elasticsearch",
                "grafana",
                "jaeger",
                "kibana",
                "otlpGrpc",
                "otlpHttp",
                "prometheus",
                "sampling",
            ]);
            assert.equal(
                redis[name]?.["redis-replication"]?.host,
                `redis-replication-master.${name}.svc`,
            );
        });

        it("has nothing to change when it runs again, of what is kept of a resource neither", async () => {
            const before = await bindings();
            await stack.up("--expect-no-changes");
            // For each that is not as before, the engine writes the whole state.
            assert.deepEqual(await bindings(), before);
        });

        it("finds no drift", async () => {
            await stack.refresh("--expect-no-changes");
        });

        it("changes one Redis instance only when its memory changes", async () => {
            await stack.set(`redis.${name}.instances.redis-replication.memory`, memory);
            const changes = await stack.changes();
            const changed = changes.map(({ op, urn }) => `${op} ${urn.split("::").at(-1)}`);
            const prefix = `update redis-${name}`;
            const resource = `${prefix}.redis-replication-redisreplication`;
            // Its backup needs as much memory.
            const jobs = changed.filter((each) =>
                each.startsWith(`${prefix}-backups.redis-replication-`),
            );
            assert.deepEqual(changed.sort(), [...jobs, resource].sort());
            await stack.up();
        });

        it("refuses to be destroyed while protected", async function () {
            if (name !== "prod") {
                skip(this, "only prod is protected");
            }
            const before = await objects();
            assert.ok(before.length > 100, `only ${before.length} objects`);
            await assert.rejects(stack.destroy(), /protected/);
            assert.deepEqual(await objects(), before);
        });

        it("is destroyed whole, but for what is kept on purpose", async () => {
            await stack.set("dataProtection.protect", "false");
            await stack.up();
            await stack.destroy();
            const kept = name === "prod" ? ["logging", "monitoring", "prod"] : [];
            const left = (await cluster.namespaces()).filter((each) =>
                [...PLATFORM, name].includes(each),
            );
            assert.deepEqual(left.sort(), kept);
        });

        it("comes up again over what was kept, and goes", async () => {
            await stack.set("dataProtection.adoptExisting", "true");
            await stack.up();
            await stack.set("dataProtection.keepVolumes", "false");
            await stack.up();
            await stack.destroy();
            const left = (await cluster.namespaces()).filter((each) =>
                [...PLATFORM, name].includes(each),
            );
            assert.deepEqual(left, []);
        });
    });
}
