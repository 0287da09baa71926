import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";

import { eventually } from "../../lab/tools/commands";
import { goTool } from "../support/goTool";
import { healthy, Listening, sendSpan, startCleaner, startJaeger } from "./clients";
import { asElastic, ElasticWorld, elasticWorld, setUp } from "./world";

describe("Elasticsearch: Jaeger, as its user", function () {
    this.timeout(180_000);
    let world: ElasticWorld;
    let cleaner: string;
    let collector: Listening;
    let query: Listening;

    before(async function () {
        world = await elasticWorld(this);
        const jaeger = await goTool(this, "jaeger");
        cleaner = await goTool(this, "es-index-cleaner");
        await setUp(world);
        collector = await startJaeger(world, jaeger, "jaeger-collector");
        query = await startJaeger(world, jaeger, "jaeger-query");
        await healthy(collector);
        await healthy(query);
    });
    after(() => Promise.all([collector?.stop(), query?.stop()]));

    it("stores a span in indices of the day, and finds its trace and its service", async () => {
        const id = randomBytes(16).toString("hex");
        assert.equal(await sendSpan(collector, id), 200);
        const api = `http://127.0.0.1:${query.ports.get(16686)}/api`;
        const found = await eventually("the trace is found", 60, async () => {
            const answer = await fetch(`${api}/traces/${id}`);
            return answer.ok ? ((await answer.json()) as { data: unknown[] }) : undefined;
        }).catch((error: unknown) => {
            throw new Error(`${String(error)}\n${collector.output()}\n${query.output()}`);
        });
        assert.equal(found.data.length, 1);
        const services = (await (await fetch(`${api}/services`)).json()) as { data: string[] };
        assert.ok(services.data.includes("checkout"), JSON.stringify(services));
        const today = new Date().toISOString().slice(0, 10);
        const names = await indices(world);
        assert.ok(names.includes(`jaeger-span-${today}`), names.join(", "));
        assert.ok(names.includes(`jaeger-service-${today}`), names.join(", "));
    });

    it("makes its templates", async () => {
        const { text } = await asElastic(world, "GET", "/_index_template/jaeger-*");
        const { index_templates: made } = JSON.parse(text) as {
            index_templates: { name: string }[];
        };
        const names = made.map(({ name }) => name);
        assert.ok(names.includes("jaeger-span"), names.join(", "));
        assert.ok(names.includes("jaeger-service"), names.join(", "));
    });

    it("is refused nothing", () => {
        assert.doesNotMatch(`${collector.output()}${query.output()}`, /security_exception|\b403\b/);
    });

    it("has its old indices deleted by the cleaner, and no others", async () => {
        await asElastic(world, "PUT", "/another-span-2001-02-03");
        const old = (names: string[]) => names.filter((name) => name.startsWith("jaeger-"));
        const before = await indices(world);
        assert.ok(old(before).length >= 2, before.join(", "));
        // By the age of an index, and all are of today.
        const first = await startCleaner(world, cleaner).ended;
        assert.equal(first.status, 0, first.output);
        assert.deepEqual(await indices(world), before);
        const { status, output } = await startCleaner(world, cleaner, 0).ended;
        assert.equal(status, 0, output);
        const after = await indices(world);
        assert.deepEqual(old(after), []);
        assert.deepEqual(
            after,
            before.filter((name) => !name.startsWith("jaeger-")),
        );
        await asElastic(world, "DELETE", "/another-span-2001-02-03");
    });
});

async function indices(world: ElasticWorld): Promise<string[]> {
    const { text } = await asElastic(world, "GET", "/_resolve/index/*");
    return (JSON.parse(text) as { indices: { name: string }[] }).indices.map(({ name }) => name);
}
