import * as pulumi from "@pulumi/pulumi";

import type { Scraper } from "../kubernetes/monitors";
import { AlertRules } from "./alertRules";
import type { AlertContext, RuleGroup } from "./prometheusRule";
import { elasticsearchRules, snapshotRules } from "./rules/elasticsearch";
import { fluentBitRules } from "./rules/fluentBit";
import { fluxRules } from "./rules/flux";
import { jaegerRules } from "./rules/jaeger";
import { redisOperatorRules } from "./rules/redisOperator";
import type { AlertSettings } from "./rules/settings";
import { targetRules } from "./rules/targets";
import { nodeRules, usageRules, workloadRules } from "./rules/workloads";
import { platformSlos } from "./slos/declaredSlos";
import type { SloSettings } from "./slos/settings";
import { errorRatioRules, sloRules } from "./slos/sloRules";

/** Names of the namespaces that the platform's alerts are about. */
export interface WatchedNamespaces {
    readonly monitoring: string;
    readonly redisOperator: string;
    readonly logging: string;
    readonly tracing: string;
}

/** Which parts are this stack's: without one there is nothing to alert on. */
export interface WatchedParts {
    readonly kubeStateMetrics: boolean;
    readonly redisOperator: boolean;
    /** Fluent Bit. */
    readonly logging: boolean;
    /** This stack's, with its exporter. */
    readonly elasticsearch: boolean;
    readonly tracing: boolean;
}

/** What the platform's rules are made of. */
export interface PlatformRulesArgs {
    readonly parts: WatchedParts;
    readonly namespaces: WatchedNamespaces;
    readonly slos: Readonly<Record<string, SloSettings>>;
    /** Of targets that name none. */
    readonly scrapeInterval: string;
}

/**
 * The environment that an alert of the platform is about, as a label's template: the tenant's for one of its
 * namespaces, otherwise the owner's.
 */
export function environmentOf(
    environment: string,
    tenantNamespaces: Readonly<Record<string, string>>,
): string {
    return Object.entries(tenantNamespaces).reduce(
        (otherwise, [namespace, tenant]) =>
            `{{ if eq $labels.namespace "${namespace}" }}${tenant}{{ else }}${otherwise}{{ end }}`,
        environment,
    );
}

/** Rules that a cluster has once. */
export function platformRules(
    { parts, namespaces, slos, scrapeInterval }: PlatformRulesArgs,
    settings: AlertSettings,
): RuleGroup[] {
    const { redisOperator, logging, tracing } = namespaces;
    return [
        // First: others read what it records.
        ...(parts.kubeStateMetrics
            ? [nodeRules(settings), workloadRules(settings), usageRules()]
            : []),
        ...(parts.redisOperator
            ? [redisOperatorRules(redisOperator, parts.kubeStateMetrics, settings)]
            : []),
        ...(parts.kubeStateMetrics ? [fluxRules(settings)] : []),
        ...(parts.elasticsearch
            ? [elasticsearchRules(logging, settings), snapshotRules(logging, settings)]
            : []),
        ...(parts.logging ? [fluentBitRules(logging, settings)] : []),
        ...(parts.tracing ? [jaegerRules(tracing, settings)] : []),
        targetRules(namespaces, parts, settings),
        ...errorRatioRules(),
        ...sloRules("platform", platformSlos(slos, namespaces, scrapeInterval), settings),
    ];
}

export interface PlatformAlertsArgs extends PlatformRulesArgs {
    readonly namespace: pulumi.Input<string>;
    readonly alerts: AlertContext;
    readonly scraper: Scraper;
}

/** The alerts that a cluster has once; those on Redis instances belong to their namespaces. */
export class PlatformAlerts extends pulumi.ComponentResource {
    constructor(name: string, args: PlatformAlertsArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:PlatformAlerts", name, {}, opts);
        const { namespace, alerts, scraper } = args;
        const groups = platformRules(args, alerts.settings);
        new AlertRules(
            name,
            { namespace, ruleName: "platform", groups, alerts, scraper },
            { parent: this },
        );
        this.registerOutputs({});
    }
}
