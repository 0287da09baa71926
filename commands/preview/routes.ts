import { parse } from "yaml";

import { listAt, ofKind, textAt, valueAt } from "../../lab/program/objects";
import type { Registration } from "../../lab/program/program";

/** Labels of an alert that routes look at. */
export type AlertLabels = Readonly<Record<string, string>>;

interface Route {
    readonly receiver: string;
    readonly matchers?: readonly string[];
    readonly routes?: readonly Route[];
    readonly continue?: boolean;
    readonly mute_time_intervals?: readonly string[];
}

interface InhibitRule {
    readonly source_matchers: readonly string[];
    readonly target_matchers: readonly string[];
}

export interface AlertmanagerConfig {
    readonly route: Route;
    readonly inhibit_rules: readonly InhibitRule[];
}

interface Rule {
    readonly alert?: string;
    readonly labels?: Readonly<Record<string, string>>;
}

/** Alertmanager's configuration as a stack's Secret holds it; a tenant has none. */
export function configText(registrations: readonly Registration[]): string | undefined {
    const run = { registrations, outputs: {}, log: [] };
    const secret = ofKind(run, "Secret").find(({ name }) => name === "alertmanager-config");
    return secret && textAt(secret.manifest, "stringData", "secret", "alertmanager.yaml");
}

/** Every alert of the stack with the labels that it will have, and the Watchdog; sorted by name. */
export function alertsOf(
    registrations: readonly Registration[],
    settings: Readonly<Record<string, unknown>>,
): AlertLabels[] {
    const tenants = (valueAt(settings, "cluster", "tenantNamespaces") ?? {}) as AlertLabels;
    const environments = [String(settings.environment), ...Object.values(tenants)];
    const rules = registrations
        .filter(({ inputs: { kind } }) => kind === "PrometheusRule")
        .flatMap(({ inputs }) => listAt(inputs, "spec", "groups"))
        .flatMap((group) => listAt(group, "rules") as Rule[]);
    const alerts = rules.flatMap(({ alert, labels = {} }) =>
        // A template gives the alerts of each namespace their own environment.
        (labels.environment?.includes("{{") ? environments : [labels.environment ?? ""]).map(
            (environment) => ({
                alertname: alert ?? "",
                severity: labels.severity ?? "",
                environment,
                team: labels.team ?? "",
            }),
        ),
    );
    // The chart's, which is always firing.
    const watchdog = { alertname: "Watchdog", severity: "none", environment: "", team: "" };
    const own = { ...watchdog, environment: String(settings.environment) };
    const distinct = new Map(
        [...alerts.filter(({ alertname }) => alertname), own].map((labels) => [
            Object.values(labels).join(" "),
            labels,
        ]),
    );
    return [...distinct.keys()].sort().map((key) => distinct.get(key) as AlertLabels);
}

/** Names of the alerts that no receiver is told of, with the environment where it is not the stack's own; undefined for a tenant. */
export function unheardAlerts(
    registrations: readonly Registration[],
    settings: Readonly<Record<string, unknown>>,
): { readonly alerts: number; readonly unheard: readonly string[] } | undefined {
    const text = configText(registrations);
    if (text === undefined) {
        return undefined;
    }
    const config = parse(text) as AlertmanagerConfig;
    const alerts = alertsOf(registrations, settings);
    const unheard = alerts
        .filter((labels) => told(config, labels).length === 0)
        .map(({ alertname = "", environment = "" }) =>
            environment === settings.environment ? alertname : `${alertname} (${environment})`,
        );
    return { alerts: alerts.length, unheard: [...new Set(unheard)] };
}

/** Who gets which alert: a line for each, whose columns stay where they are when another alert comes. */
export function routingTable(
    registrations: readonly Registration[],
    settings: Readonly<Record<string, unknown>>,
): string[] {
    const text = configText(registrations);
    if (text === undefined) {
        return ["The stack that owns the cluster routes them."];
    }
    const config = parse(text) as AlertmanagerConfig;
    const row = (cells: readonly string[]): string =>
        cells
            .map((cell, index) => cell.padEnd(WIDTHS[index] ?? 0))
            .join(" ")
            .trimEnd();
    return [
        row(["ALERT", "SEVERITY", "ENVIRONMENT", "TEAM", "RECEIVERS"]),
        ...alertsOf(registrations, settings).map((labels) =>
            row([
                labels.alertname ?? "",
                labels.severity ?? "",
                labels.environment ?? "",
                labels.team || "-",
                receiversOf(config, labels) + silencedBy(config, labels),
            ]),
        ),
    ];
}

const WIDTHS = [36, 8, 11, 12];

function receiversOf(config: AlertmanagerConfig, labels: AlertLabels): string {
    return told(config, labels).join(", ") || "nobody";
}

function told(config: AlertmanagerConfig, labels: AlertLabels): string[] {
    return routesTaken(config.route, labels)
        .filter(({ receiver }) => receiver !== "null")
        .map(({ receiver, mute_time_intervals: mutes }) =>
            mutes ? `${receiver} (not in ${mutes.join(", ")})` : receiver,
        );
}

/** Alerts of other names that keep it from everyone while they fire. */
function silencedBy({ inhibit_rules: rules }: AlertmanagerConfig, labels: AlertLabels): string {
    const sources = rules
        .filter((rule) => rule.target_matchers.every((matcher) => matches(matcher, labels)))
        .flatMap((rule) => rule.source_matchers)
        .flatMap((matcher) => /^alertname="(.*)"$/.exec(matcher)?.[1] ?? []);
    return sources.length > 0 ? `; silent during ${sources.join(", ")}` : "";
}

/** The routes that take an alert, in their order: https://prometheus.io/docs/alerting/latest/configuration/#route. */
export function routesTaken(route: Route, labels: AlertLabels): Route[] {
    const taken: Route[] = [];
    for (const child of route.routes ?? []) {
        if ((child.matchers ?? []).every((matcher) => matches(matcher, labels))) {
            taken.push(...routesTaken(child, labels));
            if (!child.continue) {
                break;
            }
        }
    }
    return taken.length > 0 ? taken : [route];
}

/** Throws on a form of matcher that our configuration does not have. */
function matches(matcher: string, labels: AlertLabels): boolean {
    const [, label = "", operator, pattern = ""] =
        /^(\w+)(=~|=)"(.*)"$/.exec(matcher) ?? unknownMatcher(matcher);
    const value = labels[label] ?? "";
    return operator === "=" ? value === pattern : new RegExp(`^(?:${pattern})$`).test(value);
}

function unknownMatcher(matcher: string): never {
    throw new Error(`the routing table cannot read the matcher ${matcher}`);
}
