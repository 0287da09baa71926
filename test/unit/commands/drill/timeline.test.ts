import assert from "node:assert/strict";

import type { Floor } from "../../../../commands/drill/floor";
import {
    formatEvent,
    formatSummary,
    hasFailed,
    Outcome,
} from "../../../../commands/drill/timeline";

const FLOOR: Floor = [
    { name: "Sentinel's down-after", seconds: 0 },
    { name: "scrape interval", seconds: 3 },
    { name: "for", seconds: 6 },
    { name: "group_wait", seconds: 1 },
];

function outcome(change: Partial<Outcome> = {}): Outcome {
    return {
        drill: "redis-down",
        alert: "RedisMasterDown",
        expected: ["pager", "chat"],
        paged: ["chat", "pager"],
        notCleared: [],
        timeToPage: 9,
        floor: FLOOR,
        ...change,
    };
}

describe("the timeline of a fire drill", () => {
    it("shows when something happened after the fault, and the text of a page below it", () => {
        const event = { at: 12_345, kind: "page", text: ["at chat", "[FIRING: 1] X"] } as const;
        assert.deepEqual(formatEvent(event, 10_000), [
            "    +2.3 s  page       at chat",
            "                       | [FIRING: 1] X",
        ]);
    });

    it("keeps what was before the fault apart from what came after it", () => {
        const event = { at: 9_500, kind: "seen", text: ["the last heartbeat arrived"] } as const;
        assert.deepEqual(formatEvent(event, 10_000), [
            "    -0.5 s  seen       the last heartbeat arrived",
        ]);
    });
});

describe("the summary of fire drills", () => {
    it("compares the time to page with its floor and leaves out what takes no time", () => {
        assert.deepEqual(formatSummary([outcome()]), [
            "redis-down  RedisMasterDown: 9 s to the last of 2 pages (pager, chat), 0.90 of the longest that is configured, within 1.15",
            "            longest: scrape interval 3 + for 6 + group_wait 1 = 10 s",
        ]);
    });

    it("counts exactly the aim as met, and more as missed", () => {
        const [met = ""] = formatSummary([outcome({ timeToPage: 11.5 })]);
        const [missed = ""] = formatSummary([outcome({ timeToPage: 11.6 })]);
        assert.match(met, /1\.15 of the longest that is configured, within 1\.15$/);
        assert.match(missed, /1\.16 of the longest that is configured, ABOVE the aim of 1\.15$/);
    });

    it("names the receivers that got no page", () => {
        const failed = outcome({ paged: ["chat"], timeToPage: undefined });
        assert.ok(hasFailed(failed));
        assert.equal(formatSummary([failed])[0], "redis-down  RedisMasterDown: NO PAGE at pager");
    });

    it("names the receivers that were not told that it is over", () => {
        const failed = outcome({ notCleared: ["chat"] });
        assert.deepEqual([hasFailed(failed), hasFailed(outcome())], [true, false]);
        const [line = ""] = formatSummary([failed]);
        assert.match(line, /within 1\.15; no all-clear at chat$/);
    });
});
