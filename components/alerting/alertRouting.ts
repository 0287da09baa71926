import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";

import { PART_OF } from "../kubernetes/labels";
import { alertmanagerConfig, caKey, RoutedAlerting } from "./routing/alertmanagerConfig";
import { MESSAGE_TEMPLATES } from "./routing/messages";
import { NotificationRelay } from "./routing/notificationRelay";
import { isRelayed } from "./routing/receivers";

const RECEIVERS_SECRET = "alertmanager-receivers";

export interface AlertRoutingArgs {
    readonly namespace: pulumi.Input<string>;
    readonly alerting: RoutedAlerting;
    /** The stack's own, of which routes that name none take the alerts. */
    readonly environment: string;
    /** A secret of each receiver, by the file in which it reads it; in a preview some may not be set yet. */
    readonly receiverSecrets: Readonly<Record<string, pulumi.Input<string>>>;
    /** Secret that is there already, with all of them by these names; undefined where the stack makes it. */
    readonly existingSecret: string | undefined;
    /** Whether Alertmanager has a URL that people can open. */
    readonly silenceLink: boolean;
    /** Pods of the relay, where a receiver needs it. */
    readonly relayReplicas: number;
    /** Wait in `pulumi up` until the relay is ready. */
    readonly waitForReady: boolean;
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
        const { namespace, alerting } = args;
        const { receivers } = alerting;
        const relayed = Object.keys(receivers).filter((each) => isRelayed(receivers[each]));
        const own = (file: string) => !relayed.includes(file.replace(/\..*$/, ""));
        const secrets = Object.entries(args.receiverSecrets);
        const authorities = Object.entries(receivers).flatMap(
            ([each, { ca }]): (readonly [string, string])[] => (ca ? [[each, ca]] : []),
        );
        if (relayed.length > 0) {
            this.relay = new NotificationRelay(
                "notification-relay",
                {
                    namespace,
                    replicas: args.relayReplicas,
                    waitForReady: args.waitForReady,
                    secrets:
                        args.existingSecret ??
                        Object.fromEntries(secrets.filter(([file]) => !own(file))),
                    ca: authorities
                        .filter(([each]) => !own(each))
                        .map(([, ca]) => ca)
                        .join("\n"),
                },
                { parent: this },
            );
        }
        const receiversSecret =
            args.existingSecret ??
            new k8s.core.v1.Secret(
                `${name}-receivers`,
                {
                    metadata: { name: RECEIVERS_SECRET, namespace, labels: PART_OF },
                    stringData: Object.fromEntries(secrets.filter(([file]) => own(file))),
                },
                { parent: this },
            ).metadata.name;
        const configSecret = new k8s.core.v1.Secret(
            `${name}-config`,
            {
                metadata: { name: "alertmanager-config", namespace, labels: PART_OF },
                stringData: {
                    "alertmanager.yaml": pulumi.output(this.relay?.url ?? "").apply((relayUrl) =>
                        stringify(
                            alertmanagerConfig({
                                alerting,
                                environment: args.environment,
                                receiversSecret: args.existingSecret ?? RECEIVERS_SECRET,
                                relayUrl,
                                silenceLink: args.silenceLink,
                            }),
                        ),
                    ),
                    "messages.tmpl": MESSAGE_TEMPLATES,
                    ...Object.fromEntries(
                        authorities
                            .filter(([each]) => own(each))
                            .map(([each, ca]) => [caKey(each), ca]),
                    ),
                },
            },
            { parent: this },
        );
        this.configSecret = configSecret.metadata.name;
        this.receiversSecret = pulumi.output(receiversSecret);
        this.registerOutputs({
            configSecret: this.configSecret,
            receiversSecret: this.receiversSecret,
        });
    }
}
