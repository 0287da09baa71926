import type { ReceiverSettings } from "../config/schema";
import { seconds } from "../common/duration";

type Receivers = Readonly<Record<string, ReceiverSettings>>;

/** Where the operator mounts a Secret of `alertmanagerSpec.secrets`. */
const SECRETS_FOLDER = "/etc/alertmanager/secrets";

/**
 * Alertmanager's configuration, https://prometheus.io/docs/alerting/latest/configuration/. Secrets are not in it:
 * it names the file of each receiver in the mounted Secret.
 */
export function alertmanagerConfig(
    receivers: Receivers,
    receiversSecret: string,
    environment: string,
): object {
    const file = (name: string) => `${SECRETS_FOLDER}/${receiversSecret}/${name}`;
    return {
        route: {
            receiver: "null",
            group_by: ["alertname", "namespace", "app"],
            group_wait: "30s",
            group_interval: "5m",
            repeat_interval: "4h",
            routes: [
                ...heartbeatRoutes(receivers),
                { receiver: "null", matchers: ['alertname=~"Watchdog|InfoInhibitor"'] },
                ...severityRoutes(receivers, environment),
            ],
        },
        inhibit_rules: [
            {
                source_matchers: ['severity="critical"'],
                target_matchers: ['severity=~"warning|info"'],
                equal: ["namespace", "alertname"],
            },
        ],
        receivers: [
            { name: "null" },
            ...Object.entries(receivers).map(([name, receiver]) => ({
                name,
                ...receiverConfig(receiver, file(name)),
            })),
        ],
    };
}

/** The Watchdog fires always: what matters is that it keeps coming, so it repeats at the heartbeat's interval. */
function heartbeatRoutes(receivers: Receivers): object[] {
    return Object.entries(receivers).flatMap(([name, receiver]) =>
        receiver.type === "heartbeat"
            ? [
                  {
                      receiver: name,
                      matchers: ['alertname="Watchdog"'],
                      group_wait: "0s",
                      group_interval: receiver.interval,
                      // A repeat is due only when a group interval has passed; a second less, and every one is sent.
                      repeat_interval: `${Math.max(1, seconds(receiver.interval) - 1)}s`,
                      continue: true,
                  },
              ]
            : [],
    );
}

function severityRoutes(receivers: Receivers, environment: string): object[] {
    return Object.entries(receivers).flatMap(([name, receiver]) =>
        receiver.type === "heartbeat"
            ? []
            : [
                  {
                      receiver: name,
                      matchers: [
                          `severity=~"${alternatives(receiver.severities)}"`,
                          // Every alert has one: a rule's own, or Prometheus' external label.
                          `environment=~"${alternatives(receiver.environments ?? [environment])}"`,
                      ],
                      // Every receiver of a severity gets it.
                      continue: true,
                  },
              ],
    );
}

function alternatives(values: readonly string[]): string {
    return [...new Set(values)].join("|");
}

const TITLE =
    '[{{ .Status | toUpper }}{{ if eq .Status "firing" }}: {{ .Alerts.Firing | len }}{{ end }}] {{ .CommonLabels.alertname }} ({{ .CommonLabels.environment }})';
const TEXT =
    "{{ range .Alerts }}{{ .Annotations.summary }}\n{{ .Annotations.description }}\nRunbook: {{ .Annotations.runbook_url }}\n{{ end }}";

function receiverConfig(receiver: ReceiverSettings, secretFile: string): object {
    switch (receiver.type) {
        case "slack":
            return {
                slack_configs: [
                    {
                        api_url_file: secretFile,
                        channel: receiver.channel,
                        send_resolved: true,
                        title: TITLE,
                        text: TEXT,
                    },
                ],
            };
        case "pagerduty":
            return {
                pagerduty_configs: [
                    {
                        routing_key_file: secretFile,
                        send_resolved: true,
                        severity: "{{ .CommonLabels.severity }}",
                        description: TITLE,
                    },
                ],
            };
        case "webhook":
            return { webhook_configs: [{ url_file: secretFile, send_resolved: true }] };
        case "email":
            return {
                email_configs: [
                    {
                        to: receiver.to,
                        from: receiver.from,
                        smarthost: receiver.smarthost,
                        auth_username: receiver.username,
                        auth_password_file: secretFile,
                        send_resolved: true,
                        headers: { subject: TITLE },
                    },
                ],
            };
        case "heartbeat":
            return { webhook_configs: [{ url_file: secretFile, send_resolved: false }] };
    }
}
