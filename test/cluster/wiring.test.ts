import assert from "node:assert/strict";

import { brokenMonitors } from "./wiring/monitors";
import { brokenReferences } from "./wiring/secrets";
import { brokenSelectors } from "./wiring/selectors";
import { World } from "./world";
import { CASES, worldOf } from "./worlds";

for (const each of CASES) {
    describe(`Cluster: the wiring of ${each.title}`, () => {
        let world: World;
        before(async function () {
            world = await worldOf(this, each);
        });

        it("leads from every monitor over Service and port to pods that let Prometheus in", () => {
            assert.deepEqual(brokenMonitors(world.objects), []);
        });

        it("leads from every reference to a Secret or ConfigMap that has the key", () => {
            assert.deepEqual(brokenReferences(world.objects), []);
        });

        it("leads from every Service, policy, budget and autoscaler to pods, ports and metrics", () => {
            assert.deepEqual(brokenSelectors(world.objects), []);
        });
    });
}
