import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import type { Series } from "../../../commands/bench/ruleSeries";
import { comparison } from "../../../commands/pictures/comparison";
import {
    changedSince,
    Drawn,
    drawnDashboards,
    DRAWN_FILE,
    fingerprints,
} from "../../../commands/pictures/drawn";
import { lively } from "../../../commands/pictures/liveliness";
import { NOW } from "../../../commands/pictures/now";
import { target } from "../../../commands/pictures/redisTargets";
import { DASHBOARD_UIDS } from "../../../components/dashboards/uids";

const ROOT = path.resolve(__dirname, "../../..");
const FOLDER = path.join(ROOT, "docs/dashboards");
const MOST = 6 * 2 ** 20;
/** Width and height in pixels; the whole page is as high as it is. */
const SIZES: Readonly<Record<string, readonly [width: number, height?: number]>> = {
    light: [1440, 900],
    dark: [1440, 900],
    whole: [1440],
    phone: [412, 915],
};

describe("The pictures of dashboards", () => {
    const files = fs.readdirSync(FOLDER).filter((file) => file !== DRAWN_FILE);

    it("are of the dashboards as they are: `npm run pictures -- --changed` draws those that are not", async function () {
        this.timeout(60_000);
        const now = fingerprints(await drawnDashboards());
        const drawn = JSON.parse(fs.readFileSync(path.join(FOLDER, DRAWN_FILE), "utf8")) as Drawn;
        assert.deepEqual(changedSince(drawn, now), [], "draw them again, and look at them");
        assert.deepEqual(Object.keys(drawn), Object.keys(now));
    });

    it("are told to be old after a change of a title, of a query, or of another one's title where all are listed", () => {
        const panel = { type: "stat", title: "Up", targets: [{ expr: "redis_up" }] };
        const board = (uid: string, more: object = {}) => ({
            uid,
            title: uid,
            panels: [panel],
            ...more,
        });
        const list = board("home", { panels: [{ type: "dashlist" }] });
        const before = fingerprints([list, board("a"), board("b")]);
        const changed = (...now: Parameters<typeof fingerprints>[0]) =>
            changedSince(before, fingerprints(now));
        assert.deepEqual(changed(list, board("a"), board("b")), []);
        assert.deepEqual(changed(list, board("a"), board("b", { title: "B" })), ["home", "b"]);
        const other = [{ ...panel, targets: [{ expr: "redis_up == 0" }] }];
        assert.deepEqual(changed(list, board("a", { panels: other }), board("b")), ["a"]);
        assert.deepEqual(changed(list, board("a"), board("b"), board("c")), ["home", "c"]);
    });

    it("are shown beside what they were, each", () => {
        const page = comparison(["home"], ["light", "dark"]);
        assert.deepEqual(
            [...page.matchAll(/src="([^"]+)"/g)].map(([, source]) => source),
            ["before/home-light.png", "home-light.png", "before/home-dark.png", "home-dark.png"],
        );
    });

    it("are there of each dashboard, and of nothing else: `npm run pictures` draws them", () => {
        const expected = DASHBOARD_UIDS.flatMap((uid) =>
            Object.keys(SIZES).map((kind) => `${uid}-${kind}.png`),
        );
        assert.deepEqual(files.sort(), expected.sort());
    });

    it("are as large as a screen, a phone's, or the whole page", () => {
        for (const file of files) {
            const png = fs.readFileSync(path.join(FOLDER, file));
            // https://www.w3.org/TR/png/#11IHDR
            assert.equal(png.toString("latin1", 1, 4), "PNG", file);
            const [width, height] = SIZES[/-(\w+)\.png$/.exec(file)?.[1] ?? ""] ?? [];
            assert.equal(png.readUInt32BE(16), width, file);
            assert.equal(png.readUInt32BE(20), height ?? png.readUInt32BE(20), file);
        }
    });

    it("are small together", () => {
        const sizes = files.map((file) => fs.statSync(path.join(FOLDER, file)).size);
        const all = sizes.reduce((sum, size) => sum + size, 0);
        assert.ok(all <= MOST, `${all} bytes`);
    });

    it("are shown: two in the README, each in docs/dashboards.md", () => {
        const readme = fs.readFileSync(path.join(ROOT, "README.md"), "utf8");
        assert.equal(
            [...readme.matchAll(/!\[[^\]]+\]\(docs\/dashboards\/[\w-]+\.png\)/g)].length,
            2,
        );
        const page = fs.readFileSync(path.join(ROOT, "docs/dashboards.md"), "utf8");
        const missing = files.filter((file) => !page.includes(`(dashboards/${file})`));
        assert.deepEqual(missing, []);
    });

    it("have one clock, in the page as in what is asked", () => {
        const html = fs.readFileSync(path.join(ROOT, "commands/pictures/page/page.html"), "utf8");
        const [, year, month, day, hour] =
            /const NOW = Date\.UTC\((\d+), (\d+), (\d+), (\d+)\)/.exec(html) ?? [];
        assert.equal(Date.UTC(Number(year), Number(month), Number(day), Number(hour)) / 1000, NOW);
    });
});

describe("The values of the pictures", () => {
    const of = (name: string, labels = {}, value = 1, perSecond = 0.1): Series => ({
        name,
        labels: { ...target("orders", 0), ...labels },
        value,
        perSecond,
    });
    const valuesOf = (series: Series): number[] => {
        const times = Array.from({ length: 24 * 60 }, (_, i) => NOW - 86_400 + i * 60);
        return times.map((at) =>
            series.shape ? series.shape(at) : series.value + series.perSecond * at,
        );
    };

    it("let no counter fall", () => {
        const counters = lively([
            of("redis_commands_total", { cmd: "get" }),
            of("redis_evicted_keys_total"),
            of("otelcol_receiver_accepted_spans_total"),
            of("redis_anything_failed_total"),
        ]);
        for (const counter of counters.filter(({ name }) => name.endsWith("_total"))) {
            const values = valuesOf(counter);
            const falls = values.filter((value, i) => i > 0 && value < (values[i - 1] ?? 0));
            assert.deepEqual(falls, [], counter.name);
        }
    });

    it("fill one Redis in the last hour, and evict its keys only then", () => {
        const [memory, evicted] = lively([
            of("redis_memory_used_bytes", {}, 1, 0),
            of("redis_evicted_keys_total"),
        ]).map(valuesOf);
        const anHourAgo = 23 * 60;
        assert.ok((memory?.[anHourAgo] ?? 0) < 70 * 2 ** 20);
        assert.ok((memory?.at(-1) ?? 0) > 90 * 2 ** 20);
        assert.equal(evicted?.[anHourAgo], evicted?.[0]);
        assert.ok((evicted?.at(-1) ?? 0) > (evicted?.[anHourAgo] ?? 0));
    });
});
