import assert from "node:assert/strict";

import { inTurn } from "../../../components/backup/turns";

describe("Drills that share a volume", () => {
    const cases: readonly (readonly [string, string, number, number, string])[] = [
        ["the first, at the time of the schedule", "0 4 1 * *", 0, 12, "0 4 1 * *"],
        ["the last of twelve, eleven hours later", "0 4 1 * *", 11, 12, "0 15 1 * *"],
        ["past midnight, on the same day", "30 22 * * 0", 2, 3, "30 0 * * 0"],
        ["of more than fit into a day, closer", "0 0 1 * *", 47, 48, "30 23 1 * *"],
        ["in several hours, within each", "0 */6 * * *", 3, 4, "45 */6 * * *"],
        ["at several minutes, as they are", "*/30 4 * * *", 3, 4, "*/30 4 * * *"],
    ];
    for (const [name, schedule, index, count, expected] of cases) {
        it(`start ${name}`, () => assert.equal(inTurn(schedule, index, count), expected));
    }
});
