import assert from "node:assert/strict";

import { eventually, isOnPath } from "../../lab/tools/commands";
import { skip } from "../support/skip";
import { FLUENT_BIT_STREAM, startFluentBit } from "./clients";
import { asElastic, ElasticWorld, elasticWorld, setUp } from "./world";

describe("Elasticsearch: Fluent Bit, as its user", function () {
    this.timeout(120_000);
    let world: ElasticWorld;
    before(async function () {
        if (!isOnPath("fluent-bit")) {
            skip(this, "no fluent-bit on the PATH");
        }
        world = await elasticWorld(this);
        await setUp(world);
    });

    it("creates documents in its stream", async () => {
        const msg = "a line of the real Fluent Bit";
        const document = { msg, namespace: "orders", cluster: "prod", environment: "prod" };
        const fluentBit = startFluentBit(world, document);
        try {
            const query = { query: { match_phrase: { msg } } };
            await eventually("a document is there", 30, async () => {
                await asElastic(world, "POST", `/${FLUENT_BIT_STREAM}/_refresh`);
                const path = `/${FLUENT_BIT_STREAM}/_count`;
                const { text } = await asElastic(world, "POST", path, query);
                return (JSON.parse(text) as { count: number }).count > 0 ? true : undefined;
            });
            assert.doesNotMatch(fluentBit.output(), /security_exception/);
        } finally {
            await fluentBit.stop();
        }
    });
});
