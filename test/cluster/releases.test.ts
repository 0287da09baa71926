import assert from "node:assert/strict";

import { skip } from "../support/skip";
import { World } from "./world";
import { CASES, worldOf } from "./worlds";

for (const each of CASES) {
    describe(`Cluster: what runs for ${each.title}`, () => {
        let world: World;
        before(async function () {
            world = await worldOf(this, each);
        });

        it("is every chart, installed by Helm", async function () {
            const { releases, plane } = world;
            if (releases.replaced.size > 0) {
                const list = [...releases.replaced].sort().join("; ");
                skip(this, `CHARTS_DIR names no folder with the charts; replaced: ${list}`);
            }
            const revisions = await plane.client.list("v1", "Secret");
            const deployed = revisions
                .filter(({ metadata }) => metadata.labels?.owner === "helm")
                .filter(({ metadata }) => metadata.labels?.status === "deployed")
                .map(({ metadata }) => metadata.labels?.name);
            assert.deepEqual(deployed.sort(), [...releases.installed.keys()].sort());
        });

        it("is every object of the program", function () {
            const skipped = world.stacks.flatMap(({ stack }) => stack.skipped);
            if (skipped.length > 0) {
                skip(this, [...new Set(skipped)].sort().join("; "));
            }
        });

        it("is the Redis operator", function () {
            skip(
                this,
                "it is in no Go module; test/cluster/redisStandIn.ts makes the Services, StatefulSets and finalizers that it makes",
            );
        });

        it("are the webhooks of the operators", function () {
            const { webhooks } = world.releases;
            const list = [...webhooks].sort().join(", ") || "their charts are not installed";
            skip(
                this,
                `the pods behind them are simulated, and the operators make the same checks when they reconcile: ${list}`,
            );
        });

        it("are the containers of the pods", function () {
            skip(
                this,
                "on simulated nodes nothing runs; realNode.test.ts runs those whose images can be made, and `npm run drill` breaks them",
            );
        });
    });
}
