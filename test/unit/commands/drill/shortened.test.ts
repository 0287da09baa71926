import assert from "node:assert/strict";

import { milliseconds, shorten } from "../../../../commands/drill/shortened";

describe("the shortened intervals of a fire drill", () => {
    it("are the shipped ones divided by one factor, at every depth", () => {
        const shipped = {
            global: { scrape_interval: "30s", evaluation_interval: "30s" },
            route: { group_wait: "30s", routes: [{ repeat_interval: "59s", group_wait: "0s" }] },
        };
        assert.deepEqual(shorten(shipped, 10), {
            global: { scrape_interval: "3000ms", evaluation_interval: "3000ms" },
            route: {
                group_wait: "3000ms",
                routes: [{ repeat_interval: "5900ms", group_wait: "0ms" }],
            },
        });
    });

    it("leave expressions, thresholds and texts as they are", () => {
        const rule = {
            alert: "A",
            expr: "rate(x[5m]) > 3",
            labels: { severity: "critical" },
            annotations: { description: "for 5m" },
        };
        assert.deepEqual(shorten({ ...rule, for: "5m" }, 10), { ...rule, for: "30000ms" });
    });

    for (const [text, expected] of Object.entries({
        "300ms": 300,
        "1m30s": 90_000,
        "2h": 7_200_000,
    })) {
        it(`read ${text}`, () => assert.equal(milliseconds(text), expected));
    }

    for (const text of ["", "5", "five minutes", "5m!"]) {
        it(`refuse ${JSON.stringify(text)}`, () =>
            assert.throws(
                () => milliseconds(text),
                /is not a duration such as 300ms, 30s or 1m30s/,
            ));
    }
});
