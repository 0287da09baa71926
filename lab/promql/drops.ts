import type { Registration } from "../program/program";

/** Series of an exposer that its monitor does not store. */
export interface Drop {
    readonly exposer: string;
    readonly pattern: RegExp;
}

interface Monitor {
    readonly kind?: string;
    readonly spec?: {
        readonly endpoints?: readonly {
            readonly port: string;
            readonly metricRelabelings?: readonly {
                readonly action: string;
                readonly sourceLabels: readonly string[];
                readonly regex: string;
            }[];
        }[];
    };
}

/** The drop lists in the ServiceMonitors that a program registers; their port is named like the exposer. */
export function dropsOf(registrations: readonly Registration[]): Drop[] {
    return registrations
        .map(({ inputs }) => inputs as Monitor)
        .filter(({ kind }) => kind === "ServiceMonitor")
        .flatMap(({ spec }) => spec?.endpoints ?? [])
        .flatMap(({ port, metricRelabelings = [] }) =>
            metricRelabelings
                .filter(
                    ({ action, sourceLabels }) =>
                        action === "drop" && sourceLabels.join() === "__name__",
                )
                .map(({ regex }) => ({ exposer: port, pattern: new RegExp(`^(?:${regex})$`) })),
        );
}
