import assert from "node:assert/strict";

import { sloProblems } from "../../../components/alerting/slos/sloProblems";
import { schema } from "../../../components/stack/config";
import { exampleSettings } from "../../support/exampleConfig";
import { refuses } from "../../support/refusalTable";

/** One objective, and nothing else. */
const slo = (settings: Record<string, unknown>, name = "redis-availability") => ({
    slos: { [name]: settings },
});

describe("Service level objectives", () => {
    refuses({
        "a promise that nothing ever fails": {
            change: slo({ objective: 100 }),
            says: "slos.redis-availability.objective: got 100; allowed: percent above 0 and below 100, such as 99.9: at 100 nothing may ever fail, and there is no error budget",
        },
        "a share instead of percent, at which no alert could fire": {
            change: slo({ objective: 0.999 }, "redis-commands"),
            says: `slos.redis-commands.objective: got 0.999; more: ErrorBudgetBurnFast and ErrorBudgetBurnSlow could never fire, even if everything failed; or lower their shares in alerting.rules, or shorten the window (30d)`,
        },
        "an objective at which nobody would be paged, whatever happens": {
            change: slo({ objective: 93 }, "log-delivery"),
            says: `slos.log-delivery.objective: got 93; more: ErrorBudgetBurnFast could never fire, even if everything failed; or lower their shares in alerting.rules, or shorten the window (30d)`,
        },
        "an availability at which a failed scrape would page": {
            change: slo({ objective: 99.95 }),
            says: "slos.redis-availability.objective: got 99.95; at most 99.942 over 30d with a scrapeInterval of 30s: one scrape that fails would page",
        },
        "a window that is longer than metrics are kept": {
            change: slo({ objective: 99, window: "31d" }),
            says: 'slos.redis-availability.window: got "31d"; at most retention.metrics (30d): what Prometheus has deleted cannot be counted',
        },
        "a window that the alerts' own do not fit in": {
            change: slo({ objective: 99, window: "3d" }),
            says: 'slos.redis-availability.window: got "3d"; longer than 3d, the longest window of its alerts',
        },
        "an unknown indicator, and names the known ones": {
            change: slo({ sli: "redis-speed", objective: 99 }),
            says: 'slos.redis-availability.sli: got "redis-speed"; allowed: redis-availability, redis-commands, redis-latency, elasticsearch-availability, log-delivery, trace-delivery',
        },
        "a name that says nothing of what is measured, and names the nearest": {
            change: slo({ objective: 99 }, "redis-comands"),
            says: 'slos.redis-comands.sli: got nothing; did you mean "redis-commands"? what the objective measures, where its name does not say it: redis-availability, redis-commands, redis-latency, elasticsearch-availability, log-delivery, trace-delivery',
        },
        "a namespace without Redis": {
            change: slo({ objective: 99, namespaces: ["prd"] }),
            says: 'slos.redis-availability.namespaces: got "prd"; did you mean "prod"? namespaces that redis declares: prod',
        },
        "a namespace for what the platform has once": {
            change: slo({ objective: 99, namespaces: ["prod"] }, "log-delivery"),
            says: 'slos.log-delivery.namespaces: got ["prod"]; nothing: log-delivery is measured for the whole platform',
        },
        "an objective on Redis where there is none": {
            change: { ...slo({ objective: 99 }), redis: {} },
            says: "slos.redis-availability: got a stack without Redis instances; remove it, or declare instances in redis",
        },
    });

    const problems = (
        settings: Record<string, unknown>,
        change: Parameters<typeof exampleSettings>[0] = {},
    ) =>
        sloProblems(
            exampleSettings({
                slos: schema.shape.slos.parse({ a: settings }),
                redis: schema.shape.redis.parse({
                    orders: {
                        instances: {
                            cache: {
                                mode: "standalone",
                                memory: "1Gi",
                                storageSize: "1Gi",
                                scrapeInterval: "15s",
                            },
                        },
                    },
                }),
                ...change,
            }),
        );

    it("may be higher where Redis is scraped more often", () => {
        assert.deepEqual(problems({ sli: "redis-availability", objective: 99.97 }), []);
        assert.equal(problems({ sli: "redis-availability", objective: 99.98 }).length, 1);
    });

    it("may be higher for what is counted event by event", () => {
        assert.deepEqual(problems({ sli: "redis-commands", objective: 99.999 }), []);
    });

    it("are fitted by their alerts' shares", () => {
        const { rules } = schema.shape.alerting.parse({
            runbookBaseUrl: "",
            receivers: {},
            rules: { ErrorBudgetBurnFast: { shareIn1h: 0.01 } },
        });
        const alerting = { ...exampleSettings().alerting, rules };
        const loose = { sli: "log-delivery", objective: 93 };
        assert.equal(problems(loose).length, 1);
        assert.deepEqual(problems(loose, { alerting }), []);
    });
});
