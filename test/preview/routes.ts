import type { Registration } from "../support/program";

interface RuleSpec {
    readonly groups: readonly {
        readonly rules: readonly {
            /** None on a recording rule. */
            readonly alert?: string;
            readonly labels: { readonly severity: string };
        }[];
    }[];
}

type Receivers = Record<string, { readonly type: string; readonly severities?: readonly string[] }>;

/** Who gets which alert: a line for each alert of the stack, with its severity and its receivers. */
export function routingTable(
    registrations: readonly Registration[],
    settings: Readonly<Record<string, unknown>>,
): string[] {
    const { receivers } = settings.alerting as { receivers: Receivers };
    const severities = new Map<string, Set<string>>();
    for (const { inputs } of registrations.filter(
        ({ inputs: { kind } }) => kind === "PrometheusRule",
    )) {
        for (const rule of (inputs.spec as RuleSpec).groups.flatMap(({ rules }) => rules)) {
            if (rule.alert !== undefined) {
                const known = severities.get(rule.alert) ?? new Set();
                severities.set(rule.alert, known.add(rule.labels.severity));
            }
        }
    }
    const rows = [...severities]
        .sort(([a], [b]) => a.localeCompare(b))
        .flatMap(([alert, levels]) =>
            [...levels].map(
                (severity) => [alert, severity, receiversOf(receivers, severity)] as const,
            ),
        );
    const heartbeats = Object.keys(receivers).filter(
        (name) => receivers[name]?.type === "heartbeat",
    );
    const all = [...rows, ["Watchdog", "none", heartbeats.join(", ") || "nobody"] as const];
    const width = Math.max(...all.map(([alert]) => alert.length));
    return all.map(
        ([alert, severity, names]) => `${alert.padEnd(width)}  ${severity.padEnd(8)}  -> ${names}`,
    );
}

function receiversOf(receivers: Receivers, severity: string): string {
    const names = Object.keys(receivers).filter((name) =>
        receivers[name]?.severities?.includes(severity),
    );
    return names.join(", ") || "nobody";
}
