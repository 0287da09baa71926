import type { AlertingSettings } from "../settings";
import { inhibitRules } from "./inhibitions";
import { receiverConfig } from "./receivers";
import { NOBODY, routeTree, timeIntervals } from "./routes";

/** Where the operator mounts a Secret of `alertmanagerSpec.secrets`. */
const SECRETS_FOLDER = "/etc/alertmanager/secrets";
/** Where it mounts the other keys of the Secret with `alertmanager.yaml`. */
const CONFIG_FOLDER = "/etc/alertmanager/config";

/** Key of that Secret with the private authority of a receiver's service; no receiver's name has a dot. */
export function caKey(receiver: string): string {
    return `${receiver}.crt`;
}

/** What of the settings says to whom an alert goes. */
export type RoutedAlerting = Pick<
    AlertingSettings,
    "receivers" | "routes" | "defaultReceiver" | "unroutedEnvironments" | "muteTimes" | "timeZone"
>;

export interface AlertmanagerConfigArgs {
    readonly alerting: RoutedAlerting;
    readonly environment: string;
    /** Name of the Secret with a key for each receiver. */
    readonly receiversSecret: string;
    /** URL of the relay, which takes the messages of a receiver below `/<its name>`. */
    readonly relayUrl: string;
    /** Whether Alertmanager has a URL that people can open. */
    readonly silenceLink: boolean;
}

/**
 * Alertmanager's configuration, https://prometheus.io/docs/alerting/latest/configuration/. Secrets are not in it:
 * it names the file of each receiver in the mounted Secret.
 */
export function alertmanagerConfig(args: AlertmanagerConfigArgs): object {
    const { alerting } = args;
    const intervals = timeIntervals(alerting.muteTimes);
    return {
        templates: [`${CONFIG_FOLDER}/*.tmpl`],
        route: routeTree(alerting, args.environment),
        inhibit_rules: inhibitRules(),
        ...(intervals.length > 0 ? { time_intervals: intervals } : {}),
        receivers: [
            { name: NOBODY },
            ...Object.entries(alerting.receivers).map(([name, receiver]) => ({
                name,
                ...receiverConfig(receiver, {
                    secretFile: `${SECRETS_FOLDER}/${args.receiversSecret}/${name}`,
                    relayUrl: `${args.relayUrl}/${name}`,
                    caFile: `${CONFIG_FOLDER}/${caKey(name)}`,
                    timeZone: alerting.timeZone,
                    silenceLink: args.silenceLink,
                }),
            })),
        ],
    };
}
