import assert from "node:assert/strict";

import { survivors } from "./breaks/break";
import { accepted, wrongFields } from "./breaks/fields";
import { PROOFS } from "./breaks/proofs";
import { PublishedSchemas } from "./breaks/schema";
import { World } from "./world";
import { CASES, worldOf } from "./worlds";

for (const each of CASES) {
    describe(`Cluster: a break in ${each.title}`, function () {
        this.timeout(120_000);
        let world: World;
        before(async function () {
            world = await worldOf(this, each);
        });

        for (const { what, breaks, check } of PROOFS) {
            it(`names its place: ${what}`, function () {
                const all = breaks(world.objects);
                this.test!.title += ` (${all.length} tried)`;
                assert.ok(all.length > 0);
                assert.deepEqual(survivors(world.objects, all, check), []);
            });
        }

        it("is refused by the API server with its place: a field of an unknown name or of a wrong type", async function () {
            const { client } = world.plane;
            const schemas = new PublishedSchemas(client);
            const objects = world.stacks.flatMap(({ stack }) => [...stack.applied.values()]);
            const fields = await Promise.all(objects.map(({ live }) => wrongFields(schemas, live)));
            this.test!.title += ` (${fields.flat().length} tried, of ${objects.length} objects)`;
            assert.deepEqual(await accepted(client, fields.flat()), []);
        });
    });
}
