import assert from "node:assert/strict";
import * as fs from "node:fs";

import { buildCatalogue } from "../../../../commands/catalogue/build";
import { parseExposition } from "../../../../commands/catalogue/exposition";
import { catalogueFile, DUMPS } from "../../../../commands/catalogue/files";
import {
    catalogueExposers,
    exposerMetrics,
    METRIC_TYPES,
    seriesOf,
} from "../../../../components/metrics/catalogue/catalogue";
import { MetricIndex } from "../../../../components/metrics/catalogue/metricIndex";
import { SCRAPE_TARGETS, storedLabels } from "../../../../components/metrics/catalogue/targets";

describe("the metric catalogue", () => {
    it("is what `npm run catalogue` makes of the recorded answers of redis_exporter, byte by byte", async () => {
        const { file, content } = await catalogueFile(DUMPS, "redis-exporter");
        assert.equal(fs.readFileSync(file, "utf8"), content);
    });

    it("has types that Prometheus knows, for every metric of every exposer", () => {
        const wrong = catalogueExposers().flatMap((exposer) =>
            Object.entries(exposerMetrics(exposer).metrics)
                .filter(([, { type }]) => !METRIC_TYPES.includes(type))
                .map(([name]) => `${exposer}: ${name}`),
        );
        assert.deepEqual(wrong, []);
    });

    it("says what scraping adds to the series of every exposer, and of none that it lacks", () => {
        const scraped = catalogueExposers().filter((name) => !exposerMetrics(name).recorded);
        assert.deepEqual(Object.keys(SCRAPE_TARGETS).sort(), scraped);
    });

    it("knows from which version on the exporter has the metrics that an alert on Sentinels needs", () => {
        const { metrics } = exposerMetrics("redis-exporter");
        assert.equal(metrics.redis_sentinel_master_setting_ckquorum?.since, "1.56.0");
        assert.equal(metrics.redis_up?.since, undefined);
    });

    it("finds a series under the name and with the labels that Prometheus stores", () => {
        const [found] = MetricIndex.ofCatalogue().find("redis_commands_latencies_usec_bucket");
        assert.equal(found?.exposer, "redis-exporter");
        assert.deepEqual(
            ["le", "cmd", "app", "environment"].filter((label) => !found.labels.has(label)),
            [],
        );
    });
});

describe("a recorded answer of /metrics", () => {
    const TEXT = `# HELP a_total Things.
# TYPE a_total counter
a_total{kind="x",empty=""} 1
# TYPE b histogram
b_bucket{le="+Inf",kind="say \\"hi\\", {all}"} 3 1700000000000
b_sum 2
b_count 3
# TYPE "http.duration" gauge
{"http.duration","http.method"="GET"} 1
`;

    it("is read with quotes, braces and commas in values, timestamps and quoted names", () => {
        const { samples } = parseExposition(TEXT);
        assert.deepEqual(
            samples.map(({ name, labels }) => [name, labels]),
            [
                ["a_total", { kind: "x", empty: "" }],
                ["b_bucket", { le: "+Inf", kind: 'say "hi", {all}' }],
                ["b_sum", {}],
                ["b_count", {}],
                ["http.duration", { "http.method": "GET" }],
            ],
        );
    });

    it("becomes families with their own labels, without those of the type and empty ones", () => {
        const { metrics, version } = buildCatalogue("x", [{ version: "1.10.0", text: TEXT }]);
        assert.equal(version, "1.10.0");
        assert.deepEqual(metrics, {
            a_total: { type: "counter", labels: ["kind"] },
            b: { type: "histogram", labels: ["kind"] },
            "http.duration": { type: "gauge", labels: ["http.method"] },
        });
    });

    it("is completed by names of the sources, and by the version that first had a name", () => {
        const list = {
            source: "docs",
            version: "1.10.0",
            metrics: { a_total: "counter reason", c: "gauge" },
            since: { c: "1.9.0" },
        };
        const { metrics, evidence } = buildCatalogue(
            "x",
            [{ version: "1.10.0", text: TEXT }],
            list,
        );
        assert.deepEqual(metrics.a_total?.labels, ["kind", "reason"]);
        assert.deepEqual(metrics.c, { type: "gauge", since: "1.9.0" });
        assert.deepEqual(evidence, ["/metrics of 1.10.0", "docs"]);
    });

    it("is refused when a line is no sample, and a list when a type is unknown", () => {
        assert.throws(() => parseExposition("a_total{"), /not a sample/);
        assert.throws(
            () => buildCatalogue("x", [], { source: "", version: "1", metrics: { a: "timer" } }),
            /x: a has the type "timer"; allowed: counter/,
        );
    });
});

describe("the labels of a series", () => {
    it("are three series for a histogram, and two names more for a summary", () => {
        const names = (type: "histogram" | "summary") => [...seriesOf("m", { type }).keys()];
        assert.deepEqual(names("histogram"), ["m_bucket", "m_sum", "m_count"]);
        assert.deepEqual(names("summary"), ["m", "m_sum", "m_count"]);
    });

    it("keep a label that the target has too only where the monitor honours it", () => {
        const target = { job: /x/, labels: ["job", "namespace"], honorLabels: false };
        assert.deepEqual(storedLabels(["namespace", "a"], target), [
            "job",
            "namespace",
            "exported_namespace",
            "a",
        ]);
        assert.deepEqual(storedLabels(["namespace"], { ...target, honorLabels: true }), [
            "job",
            "namespace",
        ]);
    });
});
