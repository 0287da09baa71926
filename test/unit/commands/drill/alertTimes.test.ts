import assert from "node:assert/strict";

import { alertTimes } from "../../../../commands/drill/alertTimes";
import { floorSeconds } from "../../../../commands/drill/floor";
import type { Generated } from "../../../../commands/drill/generated";

type Source = Parameters<typeof alertTimes>[0];

const SOURCE: Source = {
    prometheus: { scrapeInterval: "30s", evaluationInterval: "20s", externalLabels: {} },
    ruleGroups: [
        { name: "redis", rules: [{ alert: "Down", for: "1m", labels: { severity: "critical" } }] },
    ],
    alertmanager: {
        route: {
            receiver: "null",
            group_wait: "30s",
            group_interval: "5m",
            routes: [
                { receiver: "pager", group_wait: "10s" },
                { receiver: "chat", routes: [{ receiver: "nested" }] },
            ],
        },
        receivers: [],
    },
};

const seconds = (receivers: string[], factor = 1, seenBySentinel = false, source = SOURCE) =>
    floorSeconds(alertTimes(source, { alert: "Down", seenBySentinel }, receivers, factor).floor);

describe("the floor of a page", () => {
    it("is scrape interval, for, evaluation interval and the receiver's group_wait", () => {
        assert.equal(seconds(["pager"]), 30 + 60 + 20 + 10);
    });

    it("has the interval of the rule's group, where that has its own", () => {
        const ruleGroups = SOURCE.ruleGroups.map((group) => ({ ...group, interval: "1m" }));
        assert.equal(seconds(["pager"], 1, false, { ...SOURCE, ruleGroups }), 30 + 60 + 60 + 10);
    });

    it("is not longer for an alert that goes on, whose end comes later", () => {
        const rule = { alert: "Down", for: "1m", keep_firing_for: "15m", labels: {} };
        const source = { ...SOURCE, ruleGroups: [{ name: "redis", rules: [rule] }] };
        const times = alertTimes(source, { alert: "Down" }, ["pager"], 10);
        assert.equal(floorSeconds(times.floor), 12);
        assert.equal(times.keepFiring, 90);
    });

    it("counts the slowest receiver, whose route has its parent's times", () => {
        assert.equal(seconds(["pager", "chat"]), 30 + 60 + 20 + 30);
        assert.equal(seconds(["nested"]), 30 + 60 + 20 + 30);
    });

    it("counts the route that takes the alert, not another one to the same receiver", () => {
        const { alertmanager } = SOURCE;
        const matchers = (severity: string) => [`severity=~"${severity}"`, 'environment!="qa"'];
        const routes = [
            { receiver: "chat", group_wait: "1m", matchers: matchers("warning|info") },
            { receiver: "chat", group_wait: "10s", matchers: matchers("critical") },
        ];
        const source = {
            ...SOURCE,
            alertmanager: { ...alertmanager, route: { ...alertmanager.route, routes } },
        };
        assert.equal(seconds(["chat"], 1, false, source), 30 + 60 + 20 + 10);
    });

    it("has Alertmanager's own defaults where the configuration has no times", () => {
        const route: Generated["alertmanager"]["route"] = { receiver: "pager" };
        const source = { ...SOURCE, alertmanager: { route, receivers: [] } };
        const { floor, groupInterval } = alertTimes(source, { alert: "Down" }, ["pager"], 1);
        assert.equal(floorSeconds(floor), 30 + 60 + 20 + 30);
        assert.equal(groupInterval, 300);
    });

    it("counts what Sentinel waits before it calls another one down", () => {
        assert.equal(seconds(["pager"], 1, true), 30 + 120);
    });

    it("counts how long Prometheus keeps the series of a pod that is gone", () => {
        const { floor } = alertTimes(SOURCE, { alert: "Down", losesTarget: true }, ["pager"], 1);
        assert.equal(floorSeconds(floor), 120 + 33);
    });

    it("shrinks with the intervals", () => {
        assert.equal(seconds(["pager"], 10), 12);
    });

    it("is refused for an alert that no rule makes, with those that there are", () => {
        assert.throws(
            () => alertTimes(SOURCE, { alert: "Up" }, ["pager"], 1),
            /no rule makes Up; there are Down/,
        );
    });

    it("is refused for a receiver that no route leads to", () => {
        assert.throws(() => seconds(["nobody"]), /no route leads to the receiver "nobody"/);
    });
});
