import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";

import type { StackConfig } from "../stack/config";
import { externalUrl } from "../stack/externalUrl";
import { PART_OF } from "../kubernetes/labels";
import { alertmanagerConfig } from "./routing/alertmanagerConfig";
import { MESSAGE_TEMPLATES } from "./routing/messages";
import { NotificationRelay } from "./routing/notificationRelay";
import { isRelayed } from "./routing/receivers";

const RECEIVERS_SECRET = "alertmanager-receivers";

export interface AlertRoutingArgs {
    /** Its `alerting`, and a secret of each receiver by its file; in a preview some may not be set yet. */
    readonly config: StackConfig;
    readonly namespace: pulumi.Input<string>;
}

/**
 * Alertmanager's configuration and the receivers' secrets, each in a Secret of its own, and the relay when a receiver
 * needs it.
 */
export class AlertRouting extends pulumi.ComponentResource {
    /** Secret with `alertmanager.yaml` and the templates of messages. */
    public readonly configSecret: pulumi.Output<string>;
    /** Secret with one key per receiver, mounted as files. */
    public readonly receiversSecret: pulumi.Output<string>;
    /** What Alertmanager sends robots' messages to. */
    public readonly relay?: NotificationRelay;

    constructor(name: string, args: AlertRoutingArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:AlertRouting", name, {}, opts);
        const { config, namespace } = args;
        const { receivers } = config.alerting;
        const relayed = Object.keys(receivers).filter((each) => isRelayed(receivers[each]));
        const own = (file: string) => !relayed.includes(file.replace(/\..*$/, ""));
        const secrets = Object.entries(config.receiverSecrets);
        if (relayed.length > 0) {
            this.relay = new NotificationRelay(
                "notification-relay",
                {
                    config,
                    namespace,
                    secrets: Object.fromEntries(secrets.filter(([file]) => !own(file))),
                },
                { parent: this },
            );
        }
        const receiverSecret = new k8s.core.v1.Secret(
            `${name}-receivers`,
            {
                metadata: { name: RECEIVERS_SECRET, namespace, labels: PART_OF },
                stringData: Object.fromEntries(secrets.filter(([file]) => own(file))),
            },
            { parent: this },
        );
        const configSecret = new k8s.core.v1.Secret(
            `${name}-config`,
            {
                metadata: { name: "alertmanager-config", namespace, labels: PART_OF },
                stringData: {
                    "alertmanager.yaml": pulumi.output(this.relay?.url ?? "").apply((relayUrl) =>
                        stringify(
                            alertmanagerConfig({
                                alerting: config.alerting,
                                environment: config.environment,
                                receiversSecret: RECEIVERS_SECRET,
                                relayUrl,
                                silenceLink:
                                    externalUrl(config.ingress, "alertmanager") !== undefined,
                            }),
                        ),
                    ),
                    "messages.tmpl": MESSAGE_TEMPLATES,
                },
            },
            { parent: this },
        );
        this.configSecret = configSecret.metadata.name;
        this.receiversSecret = receiverSecret.metadata.name;
        this.registerOutputs({
            configSecret: this.configSecret,
            receiversSecret: this.receiversSecret,
        });
    }
}
