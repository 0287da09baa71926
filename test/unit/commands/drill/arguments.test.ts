import assert from "node:assert/strict";

import { parseArguments } from "../../../../commands/drill/arguments";

const KNOWN = ["redis-down", "redis-stopped", "memory-full"];

describe("the command line of the fire drill", () => {
    it("runs every drill when none is named", () => {
        assert.deepEqual(parseArguments([], KNOWN), {
            drills: KNOWN,
            list: false,
            realTime: false,
            local: false,
            verbose: false,
        });
    });

    it("runs the named drills alone, in the order of the catalogue", () => {
        const { drills } = parseArguments(["memory-full", "--local", "redis-down"], KNOWN);
        assert.deepEqual(drills, ["redis-down", "memory-full"]);
    });

    it("knows its options", () => {
        const { list, realTime, local } = parseArguments(
            ["--list", "--real-time", "--local"],
            KNOWN,
        );
        assert.deepEqual({ list, realTime, local }, { list: true, realTime: true, local: true });
    });

    it("refuses everything that it does not know at once, with the nearest name", () => {
        assert.throws(() => parseArguments(["redis-dwn", "memory-full", "--lst"], KNOWN), {
            message: [
                '"redis-dwn" is not a drill; did you mean "redis-down"? allowed: redis-down, redis-stopped, memory-full',
                '"--lst" is not an option; did you mean "--list"? allowed: --list, --local, --real-time, --verbose',
                "Nothing was broken. `npm run drill -- --list` names the drills.",
            ].join("\n"),
        });
    });
});
