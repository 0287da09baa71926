import type { Settings } from "../../lab/program/stackFile";
import type { AlertmanagerConfig } from "./generated";
import { Secret, StandIn, STAND_INS } from "./standIns";

/** A message that arrived at a receiver. */
export interface Delivery {
    /** One for each message. */
    readonly id: string;
    /** Milliseconds since the epoch. */
    readonly at: number;
    /** Name of the receiver in the configuration. */
    readonly receiver: string;
    readonly status: "firing" | "resolved";
    /** As a person reads it, line by line. */
    readonly text: readonly string[];
}

/** A receiver as in `alerting.receivers`. */
export type ReceiverSettings = Settings & {
    readonly type: string;
    readonly interval?: string;
};

/** Receivers whose services are servers of this machine. */
export class Endpoints {
    private constructor(
        /** As in `alerting.receivers`. */
        readonly receivers: Readonly<Record<string, ReceiverSettings>>,
        private readonly standIns: Readonly<Record<string, StandIn>>,
    ) {}

    /** Starts a stand-in for each receiver on an address of this machine. */
    static async start(
        receivers: Readonly<Record<string, ReceiverSettings>>,
        host: string,
    ): Promise<Endpoints> {
        const standIns: Record<string, StandIn> = {};
        for (const [name, { type }] of Object.entries(receivers)) {
            const start = STAND_INS[type];
            if (start === undefined) {
                throw new Error(
                    `the receiver "${name}" is of type ${type}, which has no stand-in; add one to commands/drill/standIns.ts`,
                );
            }
            standIns[name] = await start(host);
        }
        const reached = Object.entries(receivers).map(
            ([name, settings]) => [name, { ...settings, ...standIns[name]?.settings }] as const,
        );
        return new Endpoints(Object.fromEntries(reached), standIns);
    }

    /** As in `receiverSecrets`. */
    get secrets(): Record<string, Secret> {
        return Object.fromEntries(
            Object.entries(this.standIns).map(([name, { secret }]) => [name, secret]),
        );
    }

    /** Names of the dead man's switches. */
    get heartbeats(): string[] {
        return this.names(({ type }) => type === "heartbeat");
    }

    /** What has arrived so far at all receivers but the dead man's switches, or at one of them. */
    deliveries(at?: string): Delivery[] {
        const names = at === undefined ? this.names(({ type }) => type !== "heartbeat") : [at];
        return names
            .flatMap((receiver) =>
                (this.standIns[receiver]?.arrived() ?? []).map(({ at: time, reading }, i) => ({
                    id: `${receiver} ${i}`,
                    at: time,
                    receiver,
                    ...reading,
                })),
            )
            .sort((a, b) => a.at - b.at);
    }

    /** Messages that the services would have refused, a line each. */
    refusals(): string[] {
        return Object.entries(this.standIns).flatMap(([name, { refused }]) =>
            refused.map((why) => `${name}: ${why}`),
        );
    }

    /** Alertmanager's configuration with the addresses that the program leaves at their defaults. */
    reachedBy(config: AlertmanagerConfig): AlertmanagerConfig {
        return {
            ...config,
            receivers: config.receivers.map(({ name, ...integrations }) => {
                const { url } = this.standIns[name] ?? {};
                return {
                    name,
                    ...Object.fromEntries(
                        Object.entries(integrations).map(([key, configs]) => [
                            key,
                            configs.map((each) => ({ ...each, ...here(key, url) })),
                        ]),
                    ),
                };
            }),
        };
    }

    async stop(): Promise<void> {
        await Promise.all(Object.values(this.standIns).map((each) => each.close()));
    }

    private names(wanted: (receiver: ReceiverSettings) => boolean): string[] {
        return Object.entries(this.receivers).flatMap(([name, receiver]) =>
            wanted(receiver) ? [name] : [],
        );
    }
}

function here(integration: string, url: string | undefined): object {
    switch (integration) {
        case "pagerduty_configs":
            return { url };
        case "wechat_configs":
            return { api_url: url };
        case "email_configs":
            // The certificate of the server here is self-signed.
            return { tls_config: { insecure_skip_verify: true } };
        default:
            return {};
    }
}
