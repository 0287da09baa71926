import assert from "node:assert/strict";

import { redisRules } from "../../../components/alerting/rules/redis";
import { alertSettings } from "../../../components/alerting/rules/settings";

/** How often an alert is evaluated: its group's interval, or Prometheus' own. */
function paceOf(alert: string, rules: object = {}): string {
    const groups = redisRules("prod", alertSettings.parse(rules));
    const found = groups.filter((group) =>
        group.rules.some((rule) => "alert" in rule && rule.alert === alert),
    );
    assert.equal(found.length, 1, alert);
    return found[0]?.interval ?? "own";
}

describe("Rules on Redis", () => {
    it("are evaluated the less often, the longer something has to last", () => {
        const paces = {
            RedisInstanceDown: "own",
            RedisMasterDown: "own",
            RedisKeysLost: "1m",
            RedisSplitBrain: "1m",
            RedisHighMemoryUsage: "2m",
            RedisPersistenceFailing: "2m",
            RedisMemoryForecast: "4m",
            // Where it is recorded what it reads.
            RedisHighLatency: "4m",
        };
        for (const [alert, pace] of Object.entries(paces)) {
            assert.equal(paceOf(alert), pace, alert);
        }
    });

    it("follow the time that the configuration gives them", () => {
        assert.equal(
            paceOf("RedisHighMemoryUsage", { RedisHighMemoryUsage: { for: "30s" } }),
            "1m",
        );
        assert.equal(paceOf("RedisKeysLost", { RedisKeysLost: { for: "10m" } }), "2m");
        assert.equal(paceOf("RedisMasterDown", { RedisMasterDown: { for: "10m" } }), "own");
    });
});
