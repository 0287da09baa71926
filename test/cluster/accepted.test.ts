import assert from "node:assert/strict";

import { World } from "./world";
import { CASES, worldOf } from "./worlds";

for (const each of CASES) {
    describe(`Cluster: the API server and ${each.title}`, () => {
        let world: World;
        before(async function () {
            world = await worldOf(this, each);
        });

        it("accepts every object, with no unknown field and no value out of its schema", () => {
            for (const { stack, run } of world.stacks) {
                assert.deepEqual(stack.refused, []);
                const objects = run.registrations.filter(({ type }) =>
                    /^kubernetes:(?!helm)/.test(type),
                );
                assert.equal(stack.applied.size + stack.skipped.length, objects.length);
            }
        });

        it("changes nothing when the same is applied again", () => {
            assert.deepEqual(
                world.stacks.flatMap(({ stack }) => stack.changedAgain),
                [],
            );
        });

        it("warns of nothing: no deprecated version, no pod below its Pod Security level", () => {
            assert.deepEqual(
                world.stacks.flatMap(({ stack }) => stack.warnings),
                [],
            );
        });
    });
}
