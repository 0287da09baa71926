import assert from "node:assert/strict";

import { intervals, parseSchedule } from "../../../components/settings/schedule";

const HOUR = 3600;
const DAY = 24 * HOUR;

describe("A schedule", () => {
    const CASES: Readonly<Record<string, { shortest: number; longest: number }>> = {
        "*/5 * * * *": { shortest: 300, longest: 300 },
        "0 1 * * *": { shortest: DAY, longest: DAY },
        "0 2 * * 0": { shortest: 7 * DAY, longest: 7 * DAY },
        "0 4 1 * *": { shortest: 28 * DAY, longest: 31 * DAY },
        "*/10 9-17 * * 1-5": { shortest: 600, longest: 63 * HOUR + 600 },
        "0 9-17 * * 1-5": { shortest: HOUR, longest: 64 * HOUR },
    };
    for (const [text, expected] of Object.entries(CASES)) {
        it(`"${text}" has its shortest and its longest pause`, () => {
            assert.deepEqual(parseSchedule(text), expected);
        });
    }

    for (const text of ["", "daily", "0 1 * *", "0 0 1 * * *", "61 * * * *", "0 1 31 2 *"]) {
        it(`"${text}" is none: a CronJob would be refused, or never run`, () => {
            assert.equal(parseSchedule(text), undefined);
            assert.throws(() => intervals(text), /is not a cron schedule/);
        });
    }
});
