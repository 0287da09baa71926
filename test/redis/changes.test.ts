import assert from "node:assert/strict";

import { changesOf, changesProblem, tryChanges } from "../../commands/bench/redisChanges";
import { skip } from "../support/skip";

/** `npm run bench:redis -- changes` has a million. */
const KEYS = 20_000;

/** What the operator does not end by itself, of 0.26: a slot stays open, and it gives up (docs/verified.md). */
const UNFINISHED = / killed meanwhile$/;

/** The real operator and Debian's Redis on real nodes; writers write all the time. */
describe("Redis under the real operator", function () {
    this.timeout(0);

    before(function () {
        const problem = changesProblem();
        if (problem) {
            skip(this, problem);
        }
    });

    for (const instance of ["sentinel", "cluster"] as const) {
        it(`is whole after each change, and loses no acknowledged key: ${instance}`, async () => {
            const outcomes = await tryChanges({
                instance,
                keys: KEYS,
                changes: changesOf(instance).filter((each) => !UNFINISHED.test(each)),
            });
            assert.deepEqual(
                outcomes.flatMap(({ change, lacked, lost }) =>
                    lacked || lost > 0 ? [{ change, lacked, lost }] : [],
                ),
                [],
            );
        });
    }
});
