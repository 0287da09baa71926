import { MessageContext, messageHtml, messageText, STYLES, TITLE } from "./messages";
import type { ReceiverSettings } from "./receiverSettings";

/** Where a receiver finds what it does not say itself. */
export interface ReceiverContext extends MessageContext {
    /** The file with the receiver's secret. */
    readonly secretFile: string;
    /** URL at which the relay takes messages of this receiver. */
    readonly relayUrl: string;
    /** The file with the certificates of the receiver's `ca`. */
    readonly caFile: string;
}

/** Whether its messages go through the relay, which then has its secrets in place of Alertmanager. */
export function isRelayed(receiver: ReceiverSettings | undefined): boolean {
    return receiver?.type === "dingtalk" || receiver?.type === "wecomRobot";
}

/** PagerDuty knows four severities and refuses others. */
const PAGERDUTY_SEVERITY =
    '{{ if match "^(critical|warning|info)$" .CommonLabels.severity }}{{ .CommonLabels.severity }}{{ else }}error{{ end }}';

/**
 * A receiver of Alertmanager: https://prometheus.io/docs/alerting/latest/configuration/#receiver-integration-settings.
 * Secrets are read from files.
 */
export function receiverConfig(receiver: ReceiverSettings, context: ReceiverContext): object {
    const { secretFile, relayUrl } = context;
    const tls = receiver.ca ? { tls_config: { ca_file: context.caFile } } : undefined;
    const told = { send_resolved: true, ...(tls ? { http_config: tls } : {}) };
    switch (receiver.type) {
        case "slack":
            return {
                slack_configs: [
                    {
                        ...told,
                        api_url_file: secretFile,
                        channel: receiver.channel,
                        title: TITLE,
                        fallback: TITLE,
                        text: messageText(STYLES.slack, context),
                    },
                ],
            };
        case "pagerduty":
            return {
                pagerduty_configs: [
                    {
                        ...told,
                        routing_key_file: secretFile,
                        ...(receiver.url ? { url: receiver.url } : {}),
                        severity: PAGERDUTY_SEVERITY,
                        description: TITLE,
                        links: [
                            link("Runbook", "runbook_url"),
                            {
                                text: "Dashboard",
                                href: '{{ template "observability.dashboard" . }}',
                            },
                            ...(context.silenceLink
                                ? [
                                      {
                                          text: "Silence",
                                          href: '{{ template "observability.silence" . }}',
                                      },
                                  ]
                                : []),
                        ],
                        details: { message: messageText(STYLES.pagerduty, context) },
                    },
                ],
            };
        case "email":
            return {
                email_configs: [
                    {
                        send_resolved: true,
                        ...tls,
                        to: receiver.to,
                        from: receiver.from,
                        smarthost: receiver.smarthost,
                        auth_username: receiver.username,
                        auth_password_file: secretFile,
                        headers: { subject: TITLE },
                        text: messageText(STYLES.email, context),
                        html: messageHtml(context),
                    },
                ],
            };
        case "wecom":
            return {
                wechat_configs: [
                    {
                        ...told,
                        api_secret_file: secretFile,
                        corp_id: receiver.corpId,
                        agent_id: String(receiver.agentId),
                        ...(receiver.toUser ? { to_user: receiver.toUser } : {}),
                        ...(receiver.toParty ? { to_party: receiver.toParty } : {}),
                        ...(receiver.toTag ? { to_tag: receiver.toTag } : {}),
                        message_type: "text",
                        message: messageText(STYLES.wecom, context),
                    },
                ],
            };
        case "wecomRobot":
        case "dingtalk":
            return {
                webhook_configs: [
                    {
                        // The relay is ours, and has the authority in place of Alertmanager.
                        send_resolved: true,
                        url: relayUrl,
                        payload: messageText(STYLES[receiver.type], context),
                    },
                ],
            };
        case "teams":
            return {
                msteamsv2_configs: [
                    {
                        ...told,
                        webhook_url_file: secretFile,
                        title: TITLE,
                        text: messageText(STYLES.teams, context),
                    },
                ],
            };
        case "webhook":
            return { webhook_configs: [{ ...told, url_file: secretFile }] };
        case "heartbeat":
            return {
                webhook_configs: [{ ...told, send_resolved: false, url_file: secretFile }],
            };
    }
}

/** Alertmanager leaves out a link whose address is empty. */
function link(text: string, annotation: string): object {
    return { text, href: `{{ (index .Alerts 0).Annotations.${annotation} }}` };
}
