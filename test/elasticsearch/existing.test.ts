import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";

import { ROLES } from "../../components/logging/elasticsearchRoles";
import { STREAMS } from "../../components/logging/logSchema";
import { previewOf } from "../../lab/program/runs";
import { eventually } from "../../lab/tools/commands";
import { ElasticNode } from "../support/elasticNode/elasticNode";
import type { FileRealm } from "../support/elasticNode/fileRealm";
import { elasticHome } from "../support/elasticNode/home";
import { HOST } from "../support/elasticNode/names";
import { goTool } from "../support/goTool";
import { bulk } from "./calls";
import { healthy, JaegerAccount, Listening, sendSpan, startCleaner, startJaeger } from "./clients";
import { asElastic, ElasticWorld, elasticWorld, JobChanges, runSetup, userOf } from "./world";

const ADDRESS = "search.example.com:9243";
const STREAM = STREAMS.instance;
const { log_writer: writer, jaeger, log_reader: reader } = ROLES;

/** Accounts that the owner of an Elasticsearch made, with the rights of docs/components/elasticsearch.md and no others. */
const OWNERS: FileRealm = {
    users: [
        { username: "shipper", password: "password-of-shipper", roles: ["ships"] },
        { username: "tracer", password: "password-of-tracer", roles: ["traces"] },
        { username: "viewer", password: "password-of-viewer", roles: ["views"] },
        { username: "installer", password: "password-of-installer", roles: ["installs"] },
    ],
    roles: {
        ships: writer,
        traces: jaeger,
        views: reader,
        installs: {
            cluster: ["monitor", "manage_ilm", "manage_index_templates"],
            indices: [{ names: Object.values(STREAMS), privileges: ["manage"] }],
        },
    },
};

describe("Elasticsearch: one that was there already, by accounts of its owner", function () {
    this.timeout(180_000);
    let world: ElasticWorld;
    let changes: JobChanges;
    before(async function () {
        const base = await elasticWorld(this);
        const { authority, identity } = base;
        const node = await ElasticNode.start({
            home: await elasticHome(this),
            realm: OWNERS,
            identity,
            authority: authority.certificate,
            settings: { "node.store.allow_mmap": false },
        });
        const run = await previewOf("prod", {
            elasticsearch: undefined,
            slos: {},
            components: { elasticsearch: "existing", kibana: "off" },
            existing: {
                elasticsearch: {
                    url: `https://${ADDRESS}`,
                    ca: authority.certificate,
                    secret: "elastic-account",
                    setupSecret: "elastic-setup",
                    nodes: 1,
                },
            },
        });
        world = { ...base, run, node, realm: OWNERS };
        const { username, password } = userOf(world, "installer");
        changes = {
            here: { [ADDRESS]: `${HOST}:${node.port}` },
            env: { USERNAME: username, PASSWORD: password },
        };
    });

    it("takes streams, templates and the lifecycle of the setup Job, with no right beyond these", async () => {
        const { status, output } = await runSetup(world, changes, "installer");
        assert.equal(status, 0, output);
        assert.match(output, /^Lifecycle policy observability-logs: created$/m);
        const { text } = await asElastic(world, "GET", "/_data_stream/*");
        const { data_streams: made } = JSON.parse(text) as { data_streams: { name: string }[] };
        assert.deepEqual(made.map(({ name }) => name).sort(), Object.values(STREAMS).sort());
        const again = await runSetup(world, changes, "installer");
        assert.equal(again.status, 0, again.output);
        assert.doesNotMatch(again.output, /: (created|changed|removed)$/m);
    });

    it("takes documents as Fluent Bit creates them, and shows them to Grafana's account", async () => {
        const document = {
            "@timestamp": new Date().toISOString(),
            msg: "Ready to accept connections",
            namespace: "orders",
        };
        const body = bulk("create", STREAM, document);
        const sent = await world.node.call(userOf(world, "shipper"), "POST", "/_bulk", body);
        assert.equal(sent.status, 200, sent.text);
        assert.equal((JSON.parse(sent.text) as { errors: boolean }).errors, false, sent.text);
        await asElastic(world, "POST", `/${STREAM}/_refresh`);
        const viewer = userOf(world, "viewer");
        const found = await world.node.call(viewer, "POST", `/${STREAM}*/_search`, {
            query: { match: { msg: "connections" } },
        });
        assert.match(found.text, /Ready to accept connections/);
    });

    describe("and Jaeger", () => {
        let cleaner: string;
        let account: JaegerAccount;
        let collector: Listening;
        let query: Listening;
        before(async function () {
            this.timeout(0);
            const binary = await goTool(this, "jaeger");
            cleaner = await goTool(this, "es-index-cleaner");
            const { username, password } = userOf(world, "tracer");
            const env = { ES_USERNAME: username, ES_PASSWORD: password };
            account = { password, env, ...(changes.here ? { here: changes.here } : {}) };
            collector = await startJaeger(world, binary, "jaeger-collector", account);
            query = await startJaeger(world, binary, "jaeger-query", account);
            await healthy(collector);
            await healthy(query);
        });
        after(() => Promise.all([collector?.stop(), query?.stop()]));

        it("stores a span and finds its trace, by the account that the Secret alone knows", async () => {
            const id = randomBytes(16).toString("hex");
            assert.equal(await sendSpan(collector, id), 200);
            const trace = `http://127.0.0.1:${query.ports.get(16686)}/api/traces/${id}`;
            await eventually("the trace is found", 60, async () =>
                (await fetch(trace)).ok ? true : undefined,
            ).catch((error: unknown) => {
                throw new Error(`${String(error)}\n${collector.output()}\n${query.output()}`);
            });
            assert.doesNotMatch(
                `${collector.output()}${query.output()}`,
                /security_exception|\b403\b/,
            );
        });

        it("deletes its old indices by the same account", async () => {
            const { status, output } = await startCleaner(world, cleaner, 0, account).ended;
            assert.equal(status, 0, output);
            const { text } = await asElastic(world, "GET", "/_resolve/index/jaeger-*");
            assert.deepEqual((JSON.parse(text) as { indices: unknown[] }).indices, []);
        });
    });
});
