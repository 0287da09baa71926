import assert from "node:assert/strict";

import { asElastic, ElasticWorld, elasticWorld, runDrill, runSetup, setUp } from "./world";

const STREAMS = ["redis-logs-operator", "redis-logs-instance", "container-logs", "kubernetes-events"];

describe("Elasticsearch: the program of the setup Job", () => {
    let world: ElasticWorld;
    before(async function () {
        world = await elasticWorld(this);
    });

    it("makes all of its plan as its user", async () => {
        const { status, output } = await setUp(world);
        console.log(output);
        assert.equal(status, 0, output);
    });

    it("changes nothing the second time", async () => {
        const { status, output } = await runSetup(world);
        console.log(output);
        assert.equal(status, 0, output);
    });
});
