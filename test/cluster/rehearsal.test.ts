import assert from "node:assert/strict";
import * as path from "node:path";

import { ControlPlane } from "../../lab/cluster/controlPlane";
import { startOperators } from "../../lab/cluster/operators";
import { skip } from "../support/skip";
import { destroy, Destroyed } from "./destroy";
import { previousProgram } from "./previous";
import { dropped, lostState, renamedState } from "./rehearsal";
import type { LiveObjects } from "./wiring/liveObjects";
import { CaseStacks, settled, StackInWorld } from "./world";
import { CASES } from "./worlds";

for (const { title, owner } of CASES) {
    describe(`Cluster: ${title} over the previous commit`, function () {
        this.timeout(0);
        let plane: ControlPlane;
        let stacks: CaseStacks;
        let old: { readonly up: readonly StackInWorld[]; readonly objects: LiveObjects };
        /** What the API server refuses of the previous commit already. */
        let refusedBefore: readonly string[];
        let today: { readonly up: readonly StackInWorld[]; readonly objects: LiveObjects };

        before(async function () {
            plane = await ControlPlane.start();
            const root = path.join(plane.processes.folder, "previous");
            const commit = await previousProgram(root);
            if (commit === undefined) {
                return skip(
                    this,
                    "there is no earlier commit here: `git fetch --deepen=1` gets one",
                );
            }
            stacks = new CaseStacks(plane, owner);
            const before = await stacks.up({ root });
            refusedBefore = before.flatMap(({ stack }) => stack.refused);
            await startOperators(plane);
            old = { up: before, objects: await settled(plane, before) };
            const after = await stacks.up();
            today = { up: after, objects: await settled(plane, after) };
        });

        after(() => plane?.stop());

        it("touches no immutable field", () => {
            const refused = today.up.flatMap(({ stack }) => stack.refused);
            assert.deepEqual(
                refused.filter((each) => !refusedBefore.includes(each)),
                [],
            );
        });

        it("replaces nothing that holds data: Redis, Elasticsearch, StatefulSets and volumes", () => {
            assert.deepEqual(lostState(old.objects, today.objects), []);
        });

        it("registers everything that holds data under the name that the engine knows", () => {
            const problems = today.up.flatMap(({ run }, i) =>
                renamedState(old.up[i]?.run.registrations ?? [], run.registrations),
            );
            assert.deepEqual(problems, []);
        });

        it("is deleted whole in any order that its dependencies allow, and every finalizer is released", async () => {
            const change = { dataProtection: { protect: false, keepVolumes: false } };
            const last = await stacks.up({ change });
            for (const [i, { run }] of last.entries()) {
                for (const { name } of dropped(
                    old.up[i]?.run.registrations ?? [],
                    run.registrations,
                )) {
                    const applied = last[i]?.stack.applied.get(name);
                    await (applied && plane.client.delete(applied.live));
                }
            }
            const destroyed: Destroyed[] = [];
            for (const { stack, run } of [...last].reverse()) {
                destroyed.push(await destroy(plane, stacks.releases, stack, run));
            }
            assert.deepEqual(
                destroyed.flatMap(({ stuck }) => stuck),
                [],
            );
            const namespaces = await plane.client.list("v1", "Namespace");
            const ours = namespaces.filter(
                ({ metadata }) =>
                    metadata.labels?.["app.kubernetes.io/part-of"] === "observability",
            );
            assert.deepEqual(
                ours.map(({ metadata }) => metadata.name),
                [],
            );
        });
    });
}
