import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { alertSettings } from "../../../components/alerting/rules/settings";
import { ROOT } from "../../../lab/program/stackFile";
import { changed, refuses } from "../../support/refusalTable";

const rules = (change: Record<string, unknown>) => changed("prod", "alerting", { rules: change });

describe("Settings of alerts", () => {
    refuses({
        "an alert that does not exist, and names the nearest one": {
            change: rules({ RedisMasterDwn: { enabled: false } }),
            says: `alerting.rules.RedisMasterDwn: got an unknown key; did you mean "RedisMasterDown"? allowed: one of 227 names, which docs/configuration.md lists`,
        },
        "a threshold of an alert that has none": {
            change: rules({ RedisMasterDown: { share: 0.5 } }),
            says: "alerting.rules.RedisMasterDown.share: got an unknown key; allowed: enabled, severity, for, keepFiringFor, team",
        },
        "a share in percent": {
            change: rules({ RedisHighMemoryUsage: { share: 90 } }),
            says: "alerting.rules.RedisHighMemoryUsage.share: got 90; allowed: a share above 0 and below 1, such as 0.9",
        },
        "a severity that nobody routes": {
            change: rules({ RedisMasterDown: { severity: "fatal" } }),
            says: 'alerting.rules.RedisMasterDown.severity: got "fatal"; allowed: critical, warning, info',
        },
        "a duration without a unit": {
            change: rules({ RedisMasterDown: { for: "60" } }),
            says: 'alerting.rules.RedisMasterDown.for: got "60"; allowed: a whole number and a unit of s, m, h, d or w, such as 30s or 7d, at most 36500d',
        },
    });

    it("are each in the reference, with the default of every threshold", () => {
        const reference = fs.readFileSync(path.join(ROOT, "docs/configuration.md"), "utf8");
        const missing = Object.entries(alertSettings.parse({})).flatMap(([alert, settings]) =>
            Object.entries(settings)
                .filter(
                    ([key]) =>
                        !["enabled", "severity", "for", "keepFiringFor", "team"].includes(key),
                )
                .filter(
                    ([key, value]) =>
                        !new RegExp(`\`${alert}\`[^\n]*\`${key}\` \\(\`${value}\`\\)`).test(
                            reference,
                        ),
                )
                .map(([key]) => `${alert}.${key}`),
        );
        assert.deepEqual(missing, []);
    });
});
