import assert from "node:assert/strict";

import { listAt, textAt, valueAt } from "../../../lab/program/objects";
import { configOf, EVERY_TYPE } from "../../support/alerting";

interface Route {
    readonly receiver: string;
    readonly matchers: readonly string[];
    readonly continue?: boolean;
    readonly mute_time_intervals?: readonly string[];
}

const CONFIG = configOf(EVERY_TYPE);
const ROUTES = listAt(CONFIG, "route", "routes") as Route[];

function routesTo(receiver: string): Route[] {
    return ROUTES.filter((route) => route.receiver === receiver);
}

/** The one configuration of a receiver, by the name that Alertmanager gives its kind. */
function receiver(name: string, kind: string, config = CONFIG): unknown {
    const configs = listAt(config, "receivers")
        .filter((each) => valueAt(each, "name") === name)
        .flatMap((each) => listAt(each, kind));
    assert.equal(configs.length, 1);
    return configs.find(() => true);
}

describe("Routes of alerts", () => {
    it("group alerts of one workload, and do not mix environments' namespaces", () => {
        assert.deepEqual(listAt(CONFIG, "route", "group_by"), [
            "alertname",
            "namespace",
            "app",
            "node",
        ]);
    });

    it("end at nobody when no route takes an alert", () => {
        assert.equal(valueAt(CONFIG, "route", "receiver"), "null");
    });

    it("bring a page sooner and more often than a message", () => {
        assert.deepEqual(routesTo("pagerduty"), [
            {
                receiver: "pagerduty",
                matchers: ['severity=~"critical"', 'environment=~"prod"'],
                group_wait: "10s",
                repeat_interval: "4h",
                continue: true,
            },
        ]);
    });

    it("tell the alerts of a digest together, once in its time and while they fire again", () => {
        const day = { severities: ["info" as const], receivers: ["slack"], digest: "1d" };
        const routes = listAt(
            configOf({ ...EVERY_TYPE, routes: { ...(EVERY_TYPE.routes as object), day } }),
            "route",
            "routes",
        ) as Route[];
        assert.deepEqual(
            routes.find(({ matchers }) => matchers.includes('severity=~"info"')),
            {
                receiver: "slack",
                matchers: ['severity=~"info"', 'environment=~"prod"'],
                group_by: ["environment"],
                group_wait: "1d",
                group_interval: "1d",
                repeat_interval: "86399s",
                continue: true,
            },
        );
    });

    it("take a team's and an environment's alerts alone where they are told to", () => {
        const matchers = (name: string) => routesTo(name).flatMap((route) => route.matchers);
        assert.ok(matchers("dingtalk").includes('team=~"storage|caches"'));
        assert.ok(matchers("webhook").includes('environment=~"qa"'));
    });

    it("are mute in the zone and at the times of the configuration, and at no other", () => {
        const muted = ROUTES.filter((route) => route.mute_time_intervals);
        assert.deepEqual(
            muted.map((route) => route.receiver),
            ["dingtalk"],
        );
        const times = (start_time: string, end_time: string) => [{ start_time, end_time }];
        const location = "Asia/Shanghai";
        assert.deepEqual(valueAt(CONFIG, "time_intervals"), [
            {
                name: "nights",
                time_intervals: [
                    { weekdays: ["saturday", "sunday"], times: times("00:00", "24:00"), location },
                    { times: times("00:00", "09:00"), location },
                    { times: times("18:00", "24:00"), location },
                ],
            },
        ]);
    });

    it("keep the Watchdog from people, after the heartbeats have had it", () => {
        const silenced = ROUTES.findIndex(({ matchers }) =>
            matchers.includes('alertname=~"Watchdog|InfoInhibitor"'),
        );
        assert.equal(ROUTES[silenced]?.receiver, "null");
        assert.equal(ROUTES[silenced]?.continue, undefined);
        const before = ROUTES.slice(0, silenced).map((route) => route.receiver);
        assert.deepEqual(before, ["heartbeat", "slowbeat"]);
    });

    it("repeat the heartbeat within its interval, so that every one is sent", () => {
        assert.deepEqual(routesTo("heartbeat"), [
            {
                receiver: "heartbeat",
                matchers: ['alertname="Watchdog"'],
                group_wait: "0s",
                group_interval: "1m",
                repeat_interval: "59s",
                continue: true,
            },
        ]);
    });

    it("lead to declared receivers only, and leave none without alerts", () => {
        const names = listAt(CONFIG, "receivers").map((each) => textAt(each, "name"));
        const used = new Set(["null", ...ROUTES.map((route) => route.receiver)]);
        assert.deepEqual([...used].sort(), [...names].sort());
    });
});

describe("Receivers", () => {
    const folder = "/etc/alertmanager/secrets/alertmanager-receivers";
    for (const [name, kind, key] of [
        ["pagerduty", "pagerduty_configs", "routing_key_file"],
        ["slack", "slack_configs", "api_url_file"],
        ["email", "email_configs", "auth_password_file"],
        ["wecom", "wechat_configs", "api_secret_file"],
        ["teams", "msteamsv2_configs", "webhook_url_file"],
        ["webhook", "webhook_configs", "url_file"],
        ["heartbeat", "webhook_configs", "url_file"],
    ] as const) {
        it(`of type ${name} take their secret from a file`, () => {
            assert.equal(valueAt(receiver(name, kind), key), `${folder}/${name}`);
        });
    }

    for (const name of ["robot", "dingtalk"]) {
        it(`of type ${name} are reached through the relay, which has their secrets`, () => {
            const url = `http://notification-relay.monitoring.svc:8080/${name}`;
            assert.equal(valueAt(receiver(name, "webhook_configs"), "url"), url);
        });
    }

    it("hear of the end of an alert, and a heartbeat only of its beat", () => {
        const told = listAt(CONFIG, "receivers").flatMap((each) =>
            Object.values(each as object)
                .filter(Array.isArray)
                .flat()
                .map((config) => [textAt(each, "name"), valueAt(config, "send_resolved")] as const),
        );
        for (const [name, resolved] of told) {
            assert.equal(resolved, !name.endsWith("beat"), name);
        }
    });

    it("get no link to an Alertmanager that nobody can open", () => {
        assert.match(JSON.stringify(receiver("slack", "slack_configs")), /silence\\" true/);
        const inside = configOf(EVERY_TYPE, { silenceLink: false });
        assert.match(
            JSON.stringify(receiver("slack", "slack_configs", inside)),
            /silence\\" false/,
        );
        const links = listAt(receiver("pagerduty", "pagerduty_configs", inside), "links");
        assert.deepEqual(
            links.map((link) => textAt(link, "text")),
            ["Runbook", "Dashboard"],
        );
    });
});
