import {
    AlertmanagerConfigArgs,
    alertmanagerConfig,
} from "../../components/alerting/routing/alertmanagerConfig";
import { schema, Settings } from "../../components/stack/config";

type Input = Record<string, unknown>;

/** Receivers of every type by their type's name, two heartbeats, and routes with teams, tenants and a mute time. */
export const EVERY_TYPE: Input = {
    timeZone: "Asia/Shanghai",
    receivers: {
        pagerduty: { type: "pagerduty" },
        slack: { type: "slack", channel: "#redis" },
        email: {
            type: "email",
            to: "team@example.org",
            from: "alerts@example.org",
            smarthost: "mail.example.org:587",
            username: "alerts",
        },
        wecom: { type: "wecom", corpId: "ww1", agentId: 1000002, toUser: "@all" },
        robot: { type: "wecomRobot" },
        dingtalk: { type: "dingtalk" },
        teams: { type: "teams" },
        webhook: { type: "webhook" },
        heartbeat: { type: "heartbeat" },
        slowbeat: { type: "heartbeat", interval: "1h" },
    },
    routes: {
        pages: { severities: ["critical"], receivers: ["pagerduty", "slack"], groupWait: "10s" },
        messages: { severities: ["warning"], receivers: ["slack", "email", "wecom", "robot"] },
        storage: {
            severities: ["warning", "info"],
            receivers: ["dingtalk"],
            teams: ["storage", "caches"],
            muteTimes: ["nights"],
        },
        tenants: {
            severities: ["critical", "warning"],
            receivers: ["teams", "webhook"],
            environments: ["qa"],
        },
    },
    muteTimes: {
        nights: {
            timeZone: "Asia/Shanghai",
            periods: [
                { weekdays: ["saturday", "sunday"] },
                { from: "00:00", to: "09:00" },
                { from: "18:00", to: "24:00" },
            ],
        },
    },
};

/** `alerting` as the configuration gives it, with the schema's defaults. */
export function alertingSettings(input: Input): Settings["alerting"] {
    return schema.shape.alerting.parse({ runbookBaseUrl: "", receivers: {}, ...input });
}

/** Alertmanager's configuration of such an `alerting`, in the environment `prod` when not told otherwise. */
export function configOf(input: Input, change: Partial<AlertmanagerConfigArgs> = {}): object {
    return alertmanagerConfig({
        alerting: alertingSettings(input),
        environment: "prod",
        receiversSecret: "alertmanager-receivers",
        relayUrl: "http://notification-relay.monitoring.svc:8080",
        silenceLink: true,
        ...change,
    });
}
