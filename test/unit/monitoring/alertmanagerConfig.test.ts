import assert from "node:assert/strict";

import type { ReceiverSettings } from "../../../components/config/schema";
import { alertmanagerConfig } from "../../../components/monitoring/alertmanagerConfig";
import { listAt, textAt, valueAt } from "../../support/objects";

const SECRET = "alertmanager-receivers";
const EMAIL = {
    to: "ops@example.com",
    from: "alerts@example.com",
    smarthost: "smtp.example.com:587",
    username: "alerts",
};
const RECEIVERS: Readonly<Record<string, ReceiverSettings>> = {
    pager: { type: "pagerduty", severities: ["critical"] },
    chat: { type: "slack", channel: "#redis", severities: ["critical", "warning"] },
    mail: { type: "email", ...EMAIL, severities: ["info"] },
    hook: { type: "webhook", severities: ["warning"] },
    pulse: { type: "heartbeat", interval: "1m" },
};
const file = (name: string) => `/etc/alertmanager/secrets/${SECRET}/${name}`;

interface Route {
    readonly receiver: string;
    readonly matchers: readonly string[];
    readonly continue?: boolean;
}

function routes(receivers = RECEIVERS): Route[] {
    return listAt(alertmanagerConfig(receivers, SECRET, "prod"), "route", "routes") as Route[];
}

function routesTo(receiver: string): Route[] {
    return routes().filter((route) => route.receiver === receiver);
}

/** The one configuration of a receiver, by the name that Alertmanager gives its kind. */
function receiver(name: string, kind: string): unknown {
    const all = listAt(alertmanagerConfig(RECEIVERS, SECRET, "prod"), "receivers");
    const configs = all
        .filter((each) => valueAt(each, "name") === name)
        .flatMap((each) => listAt(each, kind));
    assert.equal(configs.length, 1);
    return configs.find(() => true);
}

describe("Routes of alerts", () => {
    for (const [name, matcher] of [
        ["pager", 'severity=~"critical"'],
        ["chat", 'severity=~"critical|warning"'],
        ["mail", 'severity=~"info"'],
        ["hook", 'severity=~"warning"'],
    ] as const) {
        it(`bring ${name} its severities and let other receivers have them too`, () => {
            assert.deepEqual(routesTo(name), [
                {
                    receiver: name,
                    matchers: [matcher, 'environment=~"prod"'],
                    continue: true,
                },
            ]);
        });
    }

    it("bring a receiver the environments that it asks for, such as tenants'", () => {
        const shared: typeof RECEIVERS = {
            hook: { type: "webhook", severities: ["info"], environments: ["prod", "qa"] },
        };
        const matchers = routes(shared).flatMap((route) => route.matchers);
        assert.ok(matchers.includes('environment=~"prod|qa"'), matchers.join(", "));
    });

    it("end at nobody when no receiver takes a severity", () => {
        assert.equal(
            valueAt(alertmanagerConfig(RECEIVERS, SECRET, "prod"), "route", "receiver"),
            "null",
        );
    });

    it("name a severity once when the configuration names it twice", () => {
        const twice: typeof RECEIVERS = {
            hook: { type: "webhook", severities: ["info", "info"] },
        };
        const matchers = routes(twice).flatMap((route) => route.matchers);
        assert.ok(matchers.includes('severity=~"info"'), matchers.join(", "));
    });

    it("keep the Watchdog from people, after the heartbeat has had it", () => {
        const order = routes().map((route) => route.receiver);
        const silenced = routes().findIndex(({ matchers }) =>
            matchers.includes('alertname=~"Watchdog|InfoInhibitor"'),
        );
        assert.equal(order[silenced], "null");
        assert.equal(routes()[silenced]?.continue, undefined);
        assert.ok(order.indexOf("pulse") < silenced);
        for (const person of ["pager", "chat", "mail", "hook"]) {
            assert.ok(order.indexOf(person) > silenced, person);
        }
    });

    it("repeat the heartbeat within its interval, so that every one is sent", () => {
        assert.deepEqual(routesTo("pulse"), [
            {
                receiver: "pulse",
                matchers: ['alertname="Watchdog"'],
                group_wait: "0s",
                group_interval: "1m",
                repeat_interval: "59s",
                continue: true,
            },
        ]);
    });

    it("group alerts of one workload, and do not mix environments' namespaces", () => {
        assert.deepEqual(
            listAt(alertmanagerConfig(RECEIVERS, SECRET, "prod"), "route", "group_by"),
            ["alertname", "namespace", "app"],
        );
    });

    it("lead to declared receivers only, and leave none without alerts", () => {
        const names = listAt(alertmanagerConfig(RECEIVERS, SECRET, "prod"), "receivers").map(
            (each) => textAt(each, "name"),
        );
        const used = ["null", ...routes().map((route) => route.receiver)];
        assert.deepEqual([...new Set(used)].sort(), [...names].sort());
    });

    it("silence a warning while the critical alert of the same name and namespace fires", () => {
        assert.deepEqual(valueAt(alertmanagerConfig({}, SECRET, "prod"), "inhibit_rules"), [
            {
                source_matchers: ['severity="critical"'],
                target_matchers: ['severity=~"warning|info"'],
                equal: ["namespace", "alertname"],
            },
        ]);
    });
});

describe("Receivers", () => {
    for (const [name, kind, key] of [
        ["pager", "pagerduty_configs", "routing_key_file"],
        ["chat", "slack_configs", "api_url_file"],
        ["mail", "email_configs", "auth_password_file"],
        ["hook", "webhook_configs", "url_file"],
        ["pulse", "webhook_configs", "url_file"],
    ] as const) {
        it(`take the secret of ${name} from its file`, () => {
            assert.equal(valueAt(receiver(name, kind), key), file(name));
        });
    }

    it("hear of the end of an alert, and a heartbeat only of its beat", () => {
        assert.equal(valueAt(receiver("pager", "pagerduty_configs"), "send_resolved"), true);
        assert.equal(valueAt(receiver("chat", "slack_configs"), "send_resolved"), true);
        assert.equal(valueAt(receiver("mail", "email_configs"), "send_resolved"), true);
        assert.equal(valueAt(receiver("hook", "webhook_configs"), "send_resolved"), true);
        assert.equal(valueAt(receiver("pulse", "webhook_configs"), "send_resolved"), false);
    });

    it("get a mail through the configured account", () => {
        const config = receiver("mail", "email_configs");
        const { to, from, smarthost, auth_username } = config as Record<string, unknown>;
        assert.deepEqual({ to, from, smarthost, username: auth_username }, EMAIL);
    });

    it("read the runbook and the environment in a chat message", () => {
        const message = receiver("chat", "slack_configs");
        assert.equal(valueAt(message, "channel"), "#redis");
        assert.match(textAt(message, "text"), /\.Annotations\.runbook_url/);
        assert.match(textAt(message, "title"), /\.CommonLabels\.environment/);
    });

    it("are none but nobody when none is declared", () => {
        const config = alertmanagerConfig({}, SECRET, "prod");
        assert.deepEqual(valueAt(config, "receivers"), [{ name: "null" }]);
    });
});
