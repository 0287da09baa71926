import assert from "node:assert/strict";

import { valueAt } from "../../lab/program/objects";
import { EDGES } from "./edges";
import { networkDifferences, unusedEdges } from "./wiring/reachability";
import { World } from "./world";
import { CASES, worldOf } from "./worlds";

for (const each of CASES) {
    describe(`Cluster: the network of ${each.title}`, () => {
        let world: World;
        before(async function () {
            world = await worldOf(this, each);
        });

        it("opens what the wiring needs and closes everything else into our namespaces", () => {
            assert.deepEqual(networkDifferences(world.objects, EDGES), []);
        });

        it("leaves DNS and every other way out open: no policy limits what pods connect to", () => {
            const limiting = world.objects
                .ours("NetworkPolicy")
                .filter(({ spec }) => (valueAt(spec, "policyTypes") as string[]).includes("Egress"))
                .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
            assert.deepEqual(limiting, []);
        });
    });
}

describe("Cluster: the edges of test/cluster/edges.ts", () => {
    it("have both ends in one of the clusters, so that each is proved", async function () {
        const unused = await Promise.all(
            CASES.map(async (each) => unusedEdges((await worldOf(this, each)).objects, EDGES)),
        );
        const [first = [], ...others] = unused;
        assert.deepEqual(
            first.filter((edge) => others.every((list) => list.includes(edge))),
            [],
        );
    });
});
