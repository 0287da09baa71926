import assert from "node:assert/strict";

import type { DrillPlan } from "../../../components/logging/programs/drillPlan";
import { drillPlan } from "../../../components/logging/snapshotDrill";
import { ACCOUNT, ElasticStack } from "../../../lab/endpoints/elasticStack";
import { HeldIndex, HeldSnapshot, STREAM_SETTINGS } from "../../../lab/endpoints/snapshotApi";
import { runProgram } from "../../support/elasticProgram";

const STREAMS = [
    "redis-logs-operator",
    "redis-logs-instance",
    "container-logs",
    "kubernetes-events",
];
const HOUR = 3_600_000;
const OPEN = ".ds-redis-logs-instance-2026.11.20-000012";
const CLOSED = ".ds-redis-logs-instance-2026.11.19-000011";
const LEFT = "restore-drill-.ds-container-logs-2026.10.01-000003";

const index = (documents: number): HeldIndex => ({
    documents,
    shards: 1,
    settings: STREAM_SETTINGS,
});

/** A snapshot of every stream: three indices of each with 40 documents, and what else a snapshot has. */
function snapshot(change: Partial<HeldSnapshot> = {}): HeldSnapshot {
    const names = STREAMS.flatMap((stream) => [
        `.ds-${stream}-2026.11.20-000012`,
        `.ds-${stream}-2026.11.18-000009`,
        `.ds-${stream}-2026.11.19-000011`,
        `.fs-${stream}-2026.11.19-000013`,
    ]);
    const others = ["jaeger-span-2026-11-20", ".kibana_9.5.3_001"];
    return {
        policy: "observability-daily",
        started: new Date(Date.now() - HOUR),
        state: "SUCCESS",
        indices: new Map([...names, ...others].map((name) => [name, index(40)])),
        ...change,
    };
}

describe("Restore drill of Elasticsearch", () => {
    let stack: ElasticStack;
    let newest: HeldSnapshot;
    beforeEach(async () => {
        stack = await ElasticStack.start();
        newest = snapshot();
        stack.held.snapshots.set("observability-2026.11.20-new", newest);
        const started = new Date(Date.now() - 25 * HOUR);
        stack.held.snapshots.set("observability-2026.11.19-old", snapshot({ started }));
        for (const [name, held] of newest.indices) {
            stack.held.indices.set(name, { ...held });
        }
    });
    afterEach(() => stack.close());

    const run = (change: Partial<DrillPlan> = {}) =>
        runProgram(
            "drill",
            { ...drillPlan(), deadlineSeconds: 20, pauseSeconds: 0.01, ...change },
            stack,
        );
    /** Nothing but what was there before is there, and nothing else was deleted. */
    const leavesNothing = () => {
        assert.deepEqual([...stack.held.indices.keys()], [...newest.indices.keys()]);
        const deleted = stack.changes.filter((line) => line.startsWith("DELETE"));
        assert.ok(deleted.every((line) => line.startsWith("DELETE /restore-drill-")));
    };
    const succeeds = async (change?: Partial<DrillPlan>) => {
        const { status, output } = await run(change);
        assert.equal(status, 0, output);
        assert.equal(stack.unmet, 0, "a failure that the drill never met");
        leavesNothing();
        return output;
    };
    const fails = async (reason: RegExp, change?: Partial<DrillPlan>) => {
        const { status, output } = await run(change);
        assert.equal(status, 1, output);
        assert.match(output, reason);
        assert.doesNotMatch(output, /^Done/m);
        assert.ok(!output.includes(ACCOUNT.password), "the password is in the log");
        leavesNothing();
        return output;
    };
    const restored = () => stack.changes.filter((line) => line.endsWith("/_restore"));
    const held = (name: string) => {
        const found = stack.held.indices.get(name);
        assert.ok(found, name);
        return found;
    };
    const saved = (name: string) => {
        const found = newest.indices.get(name);
        assert.ok(found, name);
        return found;
    };

    it("restores the two newest indices of every stream from the newest snapshot, and leaves nothing", async () => {
        const output = await succeeds();
        assert.match(output, /^Done: 8 indices with 320 documents came back$/m);
        assert.deepEqual(
            restored(),
            Array(8).fill("POST /_snapshot/observability/observability-2026.11.20-new/_restore"),
        );
        for (const stream of STREAMS) {
            assert.match(
                output,
                new RegExp(`^\\.ds-${stream}-2026.11.20-000012: 40 documents`, "m"),
            );
            assert.match(
                output,
                new RegExp(`^\\.ds-${stream}-2026.11.19-000011: 40 documents`, "m"),
            );
        }
    });

    it("restores without copies, which one node could not hold, and without the lifecycle", async () => {
        const settings: unknown[] = [];
        stack.tampered.set(`/restore-drill-${CLOSED}/_count`, (answer) => {
            settings.push(held(`restore-drill-${CLOSED}`).settings);
            return answer;
        });
        await succeeds();
        assert.deepEqual(settings, [
            { "index.number_of_replicas": 0, "index.auto_expand_replicas": false },
        ]);
    });

    it("takes an index that was written to since for good, and one that lifecycle deleted", async () => {
        held(OPEN).documents = 90;
        newest.indices.set(CLOSED, index(40));
        stack.held.indices.delete(CLOSED);
        const { status, output } = await run();
        assert.equal(status, 0, output);
        assert.match(output, /000011: 40 documents were restored; the index is deleted since/);
        assert.match(output, /000012: 40 documents were restored; the index has 90/);
    });

    it("tries a stream whose first index is the only one", async () => {
        for (const all of [newest.indices, stack.held.indices]) {
            all.delete(CLOSED);
            all.delete(".ds-redis-logs-instance-2026.11.18-000009");
        }
        assert.match(await succeeds(), /^Done: 7 indices/m);
    });

    it("looks past a snapshot that is being made", async () => {
        stack.held.snapshots.set("now", snapshot({ started: new Date(), state: "IN_PROGRESS" }));
        await succeeds();
    });

    it("deletes first what a killed run left", async () => {
        stack.held.indices.set(LEFT, index(3));
        assert.match(await succeeds(), /restore-drill-.*000003 of an earlier run: deleted/);
    });

    it("goes on through connections that break, whether or not Elasticsearch did what it was told", async () => {
        stack.held.indices.set(LEFT, index(3));
        stack.trouble(/^GET \/_snapshot/, 2, "hang up");
        stack.trouble(/_restore$/, 1, "lose");
        stack.trouble(/^DELETE/, 1, "lose");
        stack.trouble(/_count$/, 2, { status: 503, body: "no master" });
        await succeeds();
    });

    it("fails without a snapshot of the policy: one by hand does not count", async () => {
        stack.held.snapshots.clear();
        stack.held.snapshots.set("by-hand", snapshot({ policy: "" }));
        await fails(/repository observability holds no snapshot of policy observability-daily/);
    });

    it("fails when the newest snapshot is not complete, though an older one is", async () => {
        stack.held.snapshots.set("newer", snapshot({ started: new Date(), state: "PARTIAL" }));
        await fails(/newest snapshot, newer of .*, is PARTIAL: 1 of \d+ shards failed: .*shutdown/);
        assert.deepEqual(restored(), []);
    });

    it("fails when snapshots have stopped", async () => {
        stack.held.snapshots.delete("observability-2026.11.20-new");
        await succeeds();
        stack.held.snapshots.set(
            "observability-2026.11.19-old",
            snapshot({ started: new Date(Date.now() - 27 * HOUR) }),
        );
        await fails(/newest snapshot, .*, is 97\d\d\d s old; allowed: 93600 s/);
    });

    it("fails when a stream is not in the snapshot", async () => {
        for (const name of [...newest.indices.keys()].filter((each) => each.includes("-events-"))) {
            newest.indices.delete(name);
        }
        const { status, output } = await run();
        assert.equal(status, 1, output);
        assert.match(output, /snapshot .*-new has no index of stream kubernetes-events/);
        assert.deepEqual(restored(), []);
    });

    it("fails with Elasticsearch's reason when a shard is damaged, long before its deadline", async () => {
        saved(CLOSED).damaged = true;
        await fails(
            /^\.ds-redis-logs-instance.*000011: shard 0 is not restored: Caused by: CorruptIndexException: verification failed \(hardware problem\?\)$/m,
        );
    });

    it("fails when a shard is empty instead of restored", async () => {
        saved(OPEN).emptied = 1;
        await fails(/000012: 0 of 1 shards came from the snapshot/);
    });

    it("fails when an index that nothing is written to has another number of documents", async () => {
        held(CLOSED).documents = 41;
        await fails(/000011: 40 documents were restored, and the index has 41/);
    });

    it("fails when more comes back than was ever there", async () => {
        held(OPEN).documents = 39;
        await fails(/000012: 40 documents were restored, and the index has 39/);
    });

    it("fails when not one document comes back", async () => {
        for (const each of [...newest.indices.values(), ...stack.held.indices.values()]) {
            each.documents = 0;
        }
        await fails(/not one document came back of 8 indices/);
    });

    it("fails at once when Elasticsearch refuses the restore", async () => {
        const error = { type: "corrupt_state_exception", reason: "checksums do not match" };
        stack.trouble(/_restore$/, 1, { status: 500, body: { error } });
        await fails(/_restore: .*corrupt_state_exception.*checksums do not match/);
        assert.equal(stack.unmet, 0);
    });

    it("fails without its repository", async () => {
        await fails(/status 404: .*repository_missing_exception/, { repository: "other" });
    });

    it("says both when it fails and cannot clean up", async () => {
        saved(OPEN).damaged = true;
        const body = { error: { type: "illegal_state", reason: "not now" } };
        stack.trouble(/^DELETE .*instance.*000012$/, 1, { status: 500, body });
        const { status, output } = await run();
        assert.equal(status, 1);
        assert.match(output, /CorruptIndexException/);
        assert.match(output, /DELETE .*not now/);
        assert.ok(held(`restore-drill-${OPEN}`));
    });

    it("fails when what it restored cannot be deleted", async () => {
        stack.trouble(/^DELETE \/restore-drill/, 2, { status: 500, body: { error: "not now" } });
        const { status, output } = await run();
        assert.equal(status, 1, output);
        assert.match(output, /DELETE .*not now/);
    });

    it("gives up at its deadline when an index does not get green", async () => {
        stack.trouble(/^GET \/_cluster\/health/, 10_000, {
            status: 408,
            body: { status: "yellow", initializing_shards: 1, unassigned_shards: 0 },
        });
        await fails(/is not green in time: .*yellow/, { deadlineSeconds: 0.5 });
    });
});
