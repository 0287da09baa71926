import assert from "node:assert/strict";

import { asElastic, ElasticWorld, elasticWorld, runDrill, runSetup, setUp, userOf } from "./world";

const STREAMS = [
    "redis-logs-operator",
    "redis-logs-instance",
    "container-logs",
    "kubernetes-events",
];
const DOCUMENTS = 10;
/** What is there once, in the order of the plan. */
const MADE = [
    "Snapshot repository observability",
    "Snapshot policy observability-daily",
    "Lifecycle policy observability-logs",
    "Component template observability-logs-settings",
    "Component template observability-logs-mappings",
    ...STREAMS.map((stream) => `Index template ${stream}`),
    ...STREAMS.map((stream) => `Data stream ${stream}`),
    "Dashboards of Kibana",
];

describe("Elasticsearch: the program of the setup Job, as its user", function () {
    this.timeout(180_000);
    let world: ElasticWorld;
    before(async function () {
        world = await elasticWorld(this);
    });

    it("makes all of its plan", async () => {
        const { status, output } = await setUp(world);
        assert.equal(status, 0, output);
        const lines = output.split("\n");
        const created = lines.filter((line) => line.endsWith(": created"));
        assert.deepEqual(
            created.map((line) => line.replace(/: created$/, "")),
            MADE,
        );
        const { text } = await asElastic(world, "GET", "/_resolve/index/*");
        const { data_streams: streams } = JSON.parse(text) as { data_streams: { name: string }[] };
        assert.deepEqual(streams.map(({ name }) => name).sort(), [...STREAMS].sort());
    });

    it("changes nothing the second time", async () => {
        const { status, output } = await runSetup(world);
        assert.equal(status, 0, output);
        assert.doesNotMatch(output, /: (created|changed|removed)$/m);
    });

    it("writes a change, and lets the streams begin a new index with their next document", async () => {
        const before = await backing(world, "redis-logs-instance");
        const changed = { '"limit": 200': '"limit": 201' };
        const { status, output } = await runSetup(world, { here: changed });
        assert.equal(status, 0, output);
        assert.match(output, /^Component template observability-logs-settings: changed$/m);
        await write(world, "redis-logs-instance");
        const indices = await backing(world, "redis-logs-instance");
        assert.equal(indices.length, before.length + 1, indices.join(", "));
        const back = await runSetup(world);
        assert.match(back.output, /^Component template observability-logs-settings: changed$/m);
    });
});

describe("Elasticsearch: the program of the restore drill, as its user", function () {
    this.timeout(180_000);
    let world: ElasticWorld;
    before(async function () {
        world = await elasticWorld(this);
        await setUp(world);
    });

    it("brings documents of every stream back from a snapshot, and leaves nothing", async () => {
        for (const stream of STREAMS) {
            await write(world, stream);
        }
        // As the policy does at night, with the rights of who wrote it.
        const snapshot = "/_snapshot/observability/nightly?wait_for_completion=true";
        const body = {
            indices: STREAMS,
            include_global_state: false,
            metadata: { policy: "observability-daily" },
        };
        const taken = await world.node.call(userOf(world, "stack-setup"), "PUT", snapshot, body);
        assert.equal(taken.status, 200, taken.text);
        const { snapshot: made } = JSON.parse(taken.text) as { snapshot: { state: string } };
        assert.equal(made.state, "SUCCESS");

        const { status, output } = await runDrill(world);
        assert.equal(status, 0, output);
        const [, indices, documents] =
            /^Done: (\d+) indices with (\d+) documents came back$/m.exec(output) ?? [];
        assert.ok(Number(indices) >= STREAMS.length, output);
        assert.ok(Number(documents) >= STREAMS.length * DOCUMENTS, output);
        const { text } = await asElastic(world, "GET", "/restore-drill-*?expand_wildcards=all");
        assert.deepEqual(JSON.parse(text), {});
    });

    it("deletes what a run left that was killed", async () => {
        await asElastic(world, "PUT", "/restore-drill-left");
        const { status, output } = await runDrill(world);
        assert.equal(status, 0, output);
        assert.match(output, /^restore-drill-left of an earlier run: deleted$/m);
    });
});

/** Documents as Fluent Bit creates them. */
async function write(world: ElasticWorld, stream: string): Promise<void> {
    const lines = Array.from({ length: DOCUMENTS }, (_, at) => [
        JSON.stringify({ create: { _index: stream } }),
        JSON.stringify({
            "@timestamp": new Date().toISOString(),
            msg: `line ${at}`,
            namespace: "orders",
            cluster: "prod",
            environment: "prod",
        }),
    ]);
    const body = `${lines.flat().join("\n")}\n`;
    const reply = await world.node.call(userOf(world, "fluent-bit"), "POST", "/_bulk", body);
    assert.equal(reply.status, 200, reply.text);
    const { items } = JSON.parse(reply.text) as { items: { create: { status: number } }[] };
    assert.deepEqual(
        items.map(({ create }) => create.status),
        Array(DOCUMENTS).fill(201),
        reply.text,
    );
    await asElastic(world, "POST", `/${stream}/_refresh`);
}

/** Names of the indices of a stream. */
async function backing(world: ElasticWorld, stream: string): Promise<string[]> {
    const { text } = await asElastic(world, "GET", `/_resolve/index/${stream}`);
    const { data_streams: streams } = JSON.parse(text) as {
        data_streams: { backing_indices: string[] | string }[];
    };
    return streams.flatMap((each) => each.backing_indices);
}
