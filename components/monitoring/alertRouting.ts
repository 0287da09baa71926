import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";

import type { StackConfig } from "../config";
import { PART_OF } from "../common/labels";
import { alertmanagerConfig } from "./alertmanagerConfig";

const RECEIVERS_SECRET = "alertmanager-receivers";

export interface AlertRoutingArgs {
    /** Its `alerting.receivers`, and a secret of each by its name; in a preview some may not be set yet. */
    readonly config: StackConfig;
    readonly namespace: pulumi.Input<string>;
}

/** Alertmanager's configuration and the receivers' secrets, each in a Secret of its own. */
export class AlertRouting extends pulumi.ComponentResource {
    /** Secret with `alertmanager.yaml`. */
    public readonly configSecret: pulumi.Output<string>;
    /** Secret with one key per receiver, mounted as files. */
    public readonly receiversSecret: pulumi.Output<string>;

    constructor(name: string, args: AlertRoutingArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:AlertRouting", name, {}, opts);
        const receivers = new k8s.core.v1.Secret(
            `${name}-receivers`,
            {
                metadata: { name: RECEIVERS_SECRET, namespace: args.namespace, labels: PART_OF },
                stringData: { ...args.config.receiverSecrets },
            },
            { parent: this },
        );
        const config = new k8s.core.v1.Secret(
            `${name}-config`,
            {
                metadata: {
                    name: "alertmanager-config",
                    namespace: args.namespace,
                    labels: PART_OF,
                },
                stringData: {
                    "alertmanager.yaml": stringify(
                        alertmanagerConfig(
                            args.config.alerting.receivers,
                            RECEIVERS_SECRET,
                            args.config.environment,
                        ),
                    ),
                },
            },
            { parent: this },
        );
        this.configSecret = config.metadata.name;
        this.receiversSecret = receivers.metadata.name;
        this.registerOutputs({
            configSecret: this.configSecret,
            receiversSecret: this.receiversSecret,
        });
    }
}
