import assert from "node:assert/strict";

import { ScrapeSettings, serviceMonitorSpec } from "../../../components/kubernetes/monitors";
import { listAt, valueAt } from "../../../lab/program/objects";

const SETTINGS: ScrapeSettings = {
    portName: "http",
    interval: "30s",
    timeout: "10s",
    environment: "prod",
};
const SELECTOR = { matchLabels: { app: "exporter" } };

describe("ServiceMonitor", () => {
    it("scrapes the named port of the selected Services, and labels series with the environment", () => {
        assert.deepEqual(serviceMonitorSpec(SELECTOR, SETTINGS), {
            selector: SELECTOR,
            endpoints: [
                {
                    port: "http",
                    path: "/metrics",
                    interval: "30s",
                    scrapeTimeout: "10s",
                    // With the action, which the API server adds: a refresh would call it drift.
                    relabelings: [
                        { action: "replace", targetLabel: "environment", replacement: "prod" },
                    ],
                },
            ],
        });
    });

    it("scrapes another path when the exporter has one", () => {
        const spec = serviceMonitorSpec(SELECTOR, { ...SETTINGS, path: "/api/v2/metrics" });
        assert.deepEqual(
            listAt(spec, "endpoints").map((endpoint) => valueAt(endpoint, "path")),
            ["/api/v2/metrics"],
        );
    });

    it("keeps the exporter's own labels only when asked to", () => {
        const honored = (honorLabels?: boolean) =>
            listAt(
                serviceMonitorSpec(SELECTOR, {
                    ...SETTINGS,
                    ...(honorLabels === undefined ? {} : { honorLabels }),
                }),
                "endpoints",
            ).map((endpoint) => valueAt(endpoint, "honorLabels"));
        assert.deepEqual(honored(true), [true]);
        assert.deepEqual(honored(false), [undefined]);
        assert.deepEqual(honored(), [undefined]);
    });

    it("copies labels of the Service onto the series", () => {
        const labels = { jobLabel: "app", targetLabels: ["app", "redis_setup_type"] };
        const spec = serviceMonitorSpec(SELECTOR, SETTINGS, labels);
        assert.equal(valueAt(spec, "jobLabel"), "app");
        assert.deepEqual(valueAt(spec, "targetLabels"), ["app", "redis_setup_type"]);
    });
});
