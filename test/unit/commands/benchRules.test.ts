import assert from "node:assert/strict";

import { redisPopulation, redisSettings } from "../../../commands/bench/redisPopulation";
import { identity, seriesFor } from "../../../commands/bench/ruleSeries";
import { previewOf } from "../../../lab/program/runs";
import { expressionsOf } from "../../../lab/promql/expressions";
import { parsePromql, Selector, selectorsOf } from "../../../lab/promql/syntax";

describe("the series of the rules' benchmark", () => {
    const redis = redisSettings(10);
    let selectors: Selector[];

    before(async () => {
        const { registrations } = await previewOf("staging", { redis });
        const texts = expressionsOf(registrations)
            .filter(({ dashboard }) => !dashboard)
            .map(({ text }) => text);
        selectors = texts.flatMap((text) => selectorsOf(parsePromql(text)));
    });

    it("are of every mode: 18 pods of replication and sentinel, 3 standalone, 3 Sentinels, 6 of a cluster", () => {
        const modes: Record<string, number> = {};
        for (const { setupType } of redisPopulation(redis)) {
            modes[setupType] = (modes[setupType] ?? 0) + 1;
        }
        assert.deepEqual(modes, { replication: 18, standalone: 3, sentinel: 3, cluster: 6 });
    });

    it("are each there once", () => {
        const series = seriesFor(redisPopulation(redis), selectors);
        assert.equal(new Set(series.map(identity)).size, series.length);
    });

    it("have every metric of redis_exporter that a rule reads: a missing one would cost nothing", () => {
        const series = seriesFor(redisPopulation(redis), selectors);
        const names = new Set(series.map(({ name }) => name));
        const read = selectors.map(({ name }) => name ?? "");
        const missing = read.filter((name) => /^redis_/.test(name) && !names.has(name));
        assert.deepEqual([...new Set(missing)], []);
    });
});
