import assert from "node:assert/strict";

import { bulk, refusedAction } from "./calls";
import { asElastic, ElasticWorld, elasticWorld, setUp, userOf } from "./world";

interface Call {
    readonly does: string;
    readonly method: string;
    readonly path: string;
    readonly body?: object | string;
    /** By which name it is refused. */
    readonly action: string;
}

const DOCUMENT = {
    "@timestamp": "2026-11-28T12:00:00Z",
    msg: "Background saving terminated with success",
    namespace: "orders",
    cluster: "prod",
    environment: "prod",
};
/** An index of a log stream, and the id of a document in it. */
const STREAM = "redis-logs-instance";
const KNOWN = "a-document-of-the-test";

const readLogs: Call = {
    does: "read logs",
    method: "POST",
    path: `/${STREAM}/_search`,
    body: {},
    action: "indices:data/read/search",
};
const readTraces: Call = { ...readLogs, does: "read traces", path: "/jaeger-span-tried/_search" };
const readOthers: Call = { ...readLogs, does: "read another's index", path: "/payroll/_search" };
const changeTemplate: Call = {
    does: "change a template",
    method: "PUT",
    path: `/_index_template/${STREAM}`,
    body: { index_patterns: [STREAM], data_stream: {}, priority: 501 },
    action: "indices:admin/index_template/put",
};
const listUsers: Call = {
    does: "list users",
    method: "GET",
    path: "/_security/user",
    action: "cluster:admin/xpack/security/user/get",
};
const takeSnapshot: Call = {
    does: "take a snapshot",
    method: "PUT",
    path: "/_snapshot/observability/of-somebody",
    body: { indices: STREAM },
    action: "cluster:admin/snapshot/create",
};
const restore: Call = {
    does: "restore a snapshot",
    method: "POST",
    path: "/_snapshot/observability/tried-users/_restore",
    body: { indices: STREAM, rename_pattern: ".+", rename_replacement: "stolen" },
    action: "cluster:admin/snapshot/restore",
};
const deleteDocument: Call = {
    does: "delete a document",
    method: "DELETE",
    path: `/BACKING/_doc/${KNOWN}`,
    action: "indices:data/write/delete",
};
const deleteStream: Call = {
    does: "delete an index of logs",
    method: "DELETE",
    path: "/BACKING",
    action: "indices:admin/delete",
};
const writeLogs: Call = {
    does: "write to a log stream",
    method: "POST",
    path: "/_bulk",
    body: bulk("create", STREAM, DOCUMENT),
    action: "indices:data/write/bulk",
};
const writeElsewhere: Call = {
    ...writeLogs,
    does: "write to a stream that is not its own",
    body: bulk("create", "payroll", DOCUMENT),
    action: "indices:data/write/bulk[s]",
};
const changePolicy: Call = {
    does: "change the lifecycle",
    method: "PUT",
    path: "/_ilm/policy/observability-logs",
    body: { policy: { phases: {} } },
    action: "cluster:admin/ilm/put",
};
const changeSettings: Call = {
    does: "change the cluster's settings",
    method: "PUT",
    path: "/_cluster/settings",
    body: { persistent: { "cluster.max_shards_per_node": 1 } },
    action: "cluster:admin/settings/update",
};

/** What nobody of ours but the superuser may. */
const NOBODY = [readOthers, listUsers, deleteDocument, changeSettings];

const MAY: Readonly<Record<string, readonly Omit<Call, "action">[]>> = {
    "fluent-bit": [writeLogs],
    jaeger: [
        { does: "find traces", method: "POST", path: "/jaeger-span-tried/_search", body: {} },
        {
            does: "write a span",
            method: "POST",
            path: "/_bulk",
            body: bulk("index", "jaeger-span-tried", DOCUMENT),
        },
    ],
    exporter: [
        { does: "see the nodes", method: "GET", path: "/_nodes/stats" },
        { does: "see the indices", method: "GET", path: "/_all/_stats" },
        { does: "see the snapshots", method: "GET", path: "/_snapshot/observability/_all" },
        { does: "see the snapshot policies' counts", method: "GET", path: "/_slm/stats" },
        { does: "see whether lifecycles run", method: "GET", path: "/_ilm/status" },
        {
            does: "see where an index is in its lifecycle",
            method: "GET",
            path: "/_all/_ilm/explain",
        },
        { does: "see the streams", method: "GET", path: "/_data_stream/*/_stats" },
    ],
    grafana: [
        readLogs,
        readTraces,
        { does: "see fields", method: "GET", path: `/${STREAM}/_mapping` },
    ],
    "kibana-reader": [
        readLogs,
        readTraces,
        { does: "see fields", method: "POST", path: `/${STREAM}/_field_caps?fields=*` },
        { does: "search what was refused", method: "POST", path: `/${STREAM}::failures/_search` },
    ],
    "stack-setup": [changeTemplate, changePolicy],
    "restore-drill": [
        { does: "see the snapshots", method: "GET", path: "/_snapshot/observability/*" },
        { does: "count logs", method: "GET", path: `/${STREAM}/_count` },
    ],
};

const MUST_NOT: Readonly<Record<string, readonly Call[]>> = {
    "fluent-bit": [
        ...NOBODY,
        { ...readLogs, does: "read what it wrote" },
        readTraces,
        changeTemplate,
        changePolicy,
        takeSnapshot,
        restore,
        deleteStream,
        writeElsewhere,
        {
            ...writeLogs,
            does: "make an index",
            body: bulk("create", "redis-logs-other", DOCUMENT),
            action: "indices:admin/auto_create",
        },
        {
            ...writeLogs,
            does: "overwrite a document",
            body: bulk("index", "BACKING", DOCUMENT, {
                _id: KNOWN,
                if_seq_no: 0,
                if_primary_term: 1,
            }),
            action: "indices:data/write/index:op_type/index",
        },
    ],
    jaeger: [
        ...NOBODY,
        readLogs,
        { ...writeLogs, action: "indices:data/write/bulk[s]" },
        { ...writeElsewhere, does: "write to another's index" },
        deleteStream,
        changePolicy,
        takeSnapshot,
        restore,
    ],
    exporter: [
        ...NOBODY,
        readLogs,
        readTraces,
        writeLogs,
        changeTemplate,
        changePolicy,
        takeSnapshot,
        restore,
        deleteStream,
    ],
    grafana: [
        ...NOBODY,
        writeLogs,
        changeTemplate,
        changePolicy,
        takeSnapshot,
        restore,
        deleteStream,
    ],
    "kibana-reader": [
        ...NOBODY,
        writeLogs,
        changeTemplate,
        changePolicy,
        takeSnapshot,
        restore,
        deleteStream,
    ],
    "stack-setup": [
        ...NOBODY,
        readLogs,
        readTraces,
        writeLogs,
        { ...writeElsewhere, action: "indices:data/write/bulk" },
        restore,
    ],
    "restore-drill": [
        ...NOBODY,
        readTraces,
        writeLogs,
        changeTemplate,
        changePolicy,
        takeSnapshot,
        deleteStream,
    ],
};

describe("Elasticsearch: users", function () {
    this.timeout(120_000);
    let world: ElasticWorld;
    let backing: string;

    before(async function () {
        world = await elasticWorld(this);
        await setUp(world);
        await asElastic(world, "PUT", "/payroll");
        await asElastic(world, "PUT", "/jaeger-span-tried");
        await asElastic(
            world,
            "POST",
            "/_bulk?refresh=true",
            bulk("create", STREAM, DOCUMENT, { _id: KNOWN }),
        );
        const snapshot = "/_snapshot/observability/tried-users?wait_for_completion=true";
        await asElastic(world, "PUT", snapshot, { indices: STREAM });
        const found = await asElastic(world, "POST", `/${STREAM}/_search`, {
            query: { ids: { values: [KNOWN] } },
        });
        const { hits } = JSON.parse(found.text) as { hits: { hits: { _index: string }[] } };
        backing = hits.hits[0]?._index ?? "";
        assert.match(backing, /^\.ds-redis-logs-instance-/);
    });

    it("are all those of the program", () => {
        const names = world.realm.users.map(({ username }) => username).sort();
        assert.deepEqual(names, Object.keys(MAY).sort());
        assert.deepEqual(names, Object.keys(MUST_NOT).sort());
    });

    const sent = (username: string, { method, path, body }: Omit<Call, "action">) =>
        world.node.call(
            userOf(world, username),
            method,
            path.replace("BACKING", backing),
            typeof body === "string" ? body.replace("BACKING", backing) : body,
        );

    for (const [username, calls] of Object.entries(MUST_NOT)) {
        for (const call of calls) {
            it(`${username} must not ${call.does}`, async () => {
                const reply = await sent(username, call);
                assert.equal(refusedAction(reply), call.action, reply.text);
            });
        }
    }

    for (const [username, calls] of Object.entries(MAY)) {
        for (const call of calls) {
            it(`${username} may ${call.does}`, async () => {
                const reply = await sent(username, call);
                assert.equal(refusedAction(reply), undefined, reply.text);
                assert.ok(reply.status < 300, reply.text);
            });
        }
    }

    it("left what they must not touch as it was", async () => {
        const { text } = await asElastic(world, "GET", `/${backing}/_doc/${KNOWN}`);
        const { _version: version, found } = JSON.parse(text) as {
            _version: number;
            found: boolean;
        };
        assert.deepEqual({ version, found }, { version: 1, found: true });
        const stolen = await asElastic(
            world,
            "GET",
            "/stolen,payroll/_count?ignore_unavailable=true",
        );
        assert.equal((JSON.parse(stolen.text) as { count: number }).count, 0);
    });
});
