import { DINGTALK_TOO_FAST, DingTalkMessage, startDingTalk } from "./dingTalk";
import { Beat, startHeartbeat } from "./heartbeat";
import type { HttpEndpoint } from "./httpEndpoint";
import { PagerDutyEvent, startPagerDuty } from "./pagerDuty";
import { SlackMessage, startSlack } from "./slack";
import { SmtpEndpoint } from "./smtp";
import { startTeams, TeamsMessage } from "./teams";
import { startWebhook, WebhookMessage } from "./webhook";
import {
    startWeComApp,
    startWeComRobot,
    WECOM_TOO_FAST,
    WeComAppMessage,
    WeComRobotMessage,
} from "./weCom";

const ROUTING_KEY = "0123456789abcdef0123456789abcdef";
const SIGNING_SECRET = "SEC0123456789abcdef";
const ACCOUNT = { username: "alerts", password: "mail-password" };
const APP = { corpId: "ww1", secret: "app-secret", agentId: 1000002 };

/** A stand-in for the service of each type of receiver, by the names of test/support/alerting.ts. */
export interface Services {
    readonly slack: HttpEndpoint<SlackMessage>;
    readonly pagerduty: HttpEndpoint<PagerDutyEvent>;
    readonly email: SmtpEndpoint;
    readonly wecom: HttpEndpoint<WeComAppMessage>;
    readonly robot: HttpEndpoint<WeComRobotMessage>;
    readonly dingtalk: HttpEndpoint<DingTalkMessage>;
    readonly teams: HttpEndpoint<TeamsMessage>;
    readonly webhook: HttpEndpoint<WebhookMessage>;
    readonly heartbeat: HttpEndpoint<Beat>;
}

export interface RunningServices {
    readonly inboxes: Services;
    /** Of each receiver that Alertmanager sends to itself, by the name of the file. */
    readonly secrets: Readonly<Record<string, string>>;
    /** Of each receiver that the relay sends to. */
    readonly relaySecrets: Readonly<Record<string, string>>;
    /** What a configuration must say beside, so that it reaches these and not the real services. */
    readonly addresses: Readonly<Record<string, object>>;
    /** Lets the next messages to each fail, with what such a service says when it cannot now. */
    failNext(times: number): void;
    close(): Promise<void>;
}

export async function startServices(): Promise<RunningServices> {
    const slack = await startSlack();
    const pagerduty = await startPagerDuty(ROUTING_KEY);
    const email = await SmtpEndpoint.start(ACCOUNT);
    const wecom = await startWeComApp(APP);
    const robot = await startWeComRobot();
    const dingtalk = await startDingTalk(SIGNING_SECRET);
    const teams = await startTeams();
    const webhook = await startWebhook();
    const heartbeat = await startHeartbeat();
    const inboxes: Services = {
        slack: slack.inbox,
        pagerduty: pagerduty.inbox,
        email,
        wecom: wecom.inbox,
        robot: robot.inbox,
        dingtalk: dingtalk.inbox,
        teams: teams.inbox,
        webhook: webhook.inbox,
        heartbeat: heartbeat.inbox,
    };
    return {
        inboxes,
        secrets: {
            slack: slack.url,
            pagerduty: ROUTING_KEY,
            email: ACCOUNT.password,
            wecom: APP.secret,
            teams: teams.url,
            webhook: webhook.url,
            heartbeat: heartbeat.url,
        },
        relaySecrets: {
            robot: robot.url,
            "dingtalk.url": dingtalk.url,
            "dingtalk.signingSecret": SIGNING_SECRET,
        },
        addresses: {
            pagerduty_configs: { url: pagerduty.url },
            email_configs: {
                smarthost: `127.0.0.1:${email.port}`,
                // The certificate of the server here is self-signed.
                tls_config: { insecure_skip_verify: true },
            },
            wechat_configs: { api_url: wecom.url },
        },
        failNext(times) {
            const { robot: chat, dingtalk: group, ...others } = inboxes;
            Object.values(others).forEach((inbox) => inbox.failNext(times));
            // These two say so with the status 200.
            chat.failNext(times, WECOM_TOO_FAST);
            group.failNext(times, DINGTALK_TOO_FAST);
        },
        async close() {
            const all: readonly { close(): Promise<void> }[] = Object.values(inboxes);
            await Promise.all(all.map((inbox) => inbox.close()));
        },
    };
}
