import assert from "node:assert/strict";

import { days, parseDuration, seconds } from "../../../components/settings/duration";

describe("Duration", () => {
    const values: Readonly<Record<string, number>> = {
        "30s": 30,
        "5m": 300,
        "1h": 3600,
        "7d": 7 * 86400,
        "2w": 14 * 86400,
    };
    for (const [text, value] of Object.entries(values)) {
        it(`reads ${text} as Prometheus does`, () => assert.equal(seconds(text), value));
    }

    // `1h30m` and `1y` are Prometheus', and not Elasticsearch's or Jaeger's.
    for (const text of ["", "30", "d", "0s", "-1d", "1.5h", "1h30m", "1y", "30 s", "30S"]) {
        it(`does not take "${text}" for a duration that every system shares`, () =>
            assert.equal(parseDuration(text), undefined));
    }

    it("throws with the text where a checked duration is expected", () => {
        assert.throws(() => seconds("30"), /"30" is not a duration such as 30s, 5m or 7d/);
    });

    it("keeps for at least as long where only whole days can be set", () => {
        assert.equal(days("7d"), 7);
        assert.equal(days("36h"), 2);
        assert.equal(days("1w"), 7);
        assert.equal(days("30s"), 1);
    });
});
