import assert from "node:assert/strict";

import { z } from "zod";

import { redisMetricPattern } from "../../../components/metrics/settings";
import { readSettings } from "../../../components/settings/read";
import { DIALECTS, Values } from "../../support/dialects";
import { PART_DIALECTS } from "../../support/partDialects";

/** What no text of any dialect is. */
const NO_TEXT = [undefined, null, 5, true, [], ["a"], {}, { a: "b" }];

describe("Values in the dialect of their reader", () => {
    for (const [dialect, { scalar, right, wrong }] of Object.entries<Values>({
        ...DIALECTS,
        ...PART_DIALECTS,
    })) {
        it(`${dialect}: takes what is right, and refuses what is wrong with what is allowed`, () => {
            assert.ok(right.length >= 10 && wrong.length >= 20, `${right.length}, ${wrong.length}`);
            const refused = right.filter((each) => !scalar.safeParse(each).success);
            assert.deepEqual(refused, [], "right values");
            const answers = [...wrong, ...(typeof right[0] === "string" ? NO_TEXT : [])].map(
                (each) => [each, scalar.safeParse(each)] as const,
            );
            const taken = answers.filter(([, { success }]) => success).map(([each]) => each);
            assert.deepEqual(taken, [], "wrong values");
            for (const [value] of answers) {
                const { problems } = readSettings(
                    z.strictObject({ it: scalar }),
                    { it: value },
                    [],
                );
                assert.ok(problems.length > 0);
                for (const { allowed } of problems) {
                    assert.match(allowed, /allowed: |no secret/, JSON.stringify(value));
                }
            }
        });
    }

    it("no pattern of a user's takes long", () => {
        const began = Date.now();
        for (const pattern of [
            "(a+)+$",
            "(redis_|redis_)*x",
            "((((r*)*)*)*)*_",
            "(.*)*(.*)*(.*)*y",
        ]) {
            redisMetricPattern.safeParse(pattern);
        }
        assert.ok(Date.now() - began < 5000);
    });
});
