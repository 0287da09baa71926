import * as pulumi from "@pulumi/pulumi";

import { NAMESPACES } from "../stack/namespaceNames";
import type { Scraper } from "../kubernetes/monitors";
import type { RuleGroup } from "./prometheusRule";
import type { StackConfig } from "../stack/config";
import { AlertRules } from "./alertRules";
import { deliveryRules } from "./rules/delivery";
import { elasticsearchRules } from "./rules/elasticsearch";
import { fluentBitRules } from "./rules/fluentBit";
import { fluxRules } from "./rules/flux";
import { jaegerRules } from "./rules/jaeger";
import { redisOperatorRules } from "./rules/redisOperator";
import { targetRules } from "./rules/targets";
import { workloadRules } from "./rules/workloads";
import { platformSlos } from "./slos/declaredSlos";
import { errorRatioRules, sloRules } from "./slos/sloRules";

/**
 * The environment that an alert of the platform is about, as a label's template: the tenant's for one of its
 * namespaces, otherwise the owner's.
 */
export function environmentOf({
    environment,
    cluster,
}: Pick<StackConfig, "environment" | "cluster">): string {
    return Object.entries(cluster.tenantNamespaces).reduce(
        (otherwise, [namespace, tenant]) =>
            `{{ if eq $labels.namespace "${namespace}" }}${tenant}{{ else }}${otherwise}{{ end }}`,
        environment,
    );
}

/** Rules that a cluster has once. */
export function platformRules(
    config: Pick<StackConfig, "alerting" | "slos" | "prometheus">,
): RuleGroup[] {
    const settings = config.alerting.rules;
    return [
        // First: others read what it records.
        workloadRules(settings),
        redisOperatorRules(NAMESPACES.redisOperator, settings),
        fluxRules(settings),
        elasticsearchRules(NAMESPACES.logging, settings),
        fluentBitRules(NAMESPACES.logging, settings),
        jaegerRules(NAMESPACES.tracing, settings),
        deliveryRules(settings),
        targetRules(settings),
        ...errorRatioRules(),
        ...sloRules("platform", platformSlos(config), settings),
    ];
}

export interface PlatformAlertsArgs {
    readonly config: StackConfig;
    readonly namespace: pulumi.Input<string>;
    readonly scraper: Scraper;
}

/** The alerts that a cluster has once; those on Redis instances belong to their namespaces. */
export class PlatformAlerts extends pulumi.ComponentResource {
    constructor(name: string, args: PlatformAlertsArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:PlatformAlerts", name, {}, opts);
        const { config, namespace, scraper } = args;
        new AlertRules(
            name,
            {
                namespace,
                ruleName: "platform",
                config,
                groups: platformRules(config),
                environment: environmentOf(config),
                scraper,
            },
            { parent: this },
        );
        this.registerOutputs({});
    }
}
