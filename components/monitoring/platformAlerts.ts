import * as pulumi from "@pulumi/pulumi";

import { NAMESPACES } from "../common/namespaceNames";
import type { Scraper } from "../common/monitors";
import type { StackConfig } from "../config";
import { AlertRules } from "./alertRules";
import { fluxRules } from "./rules/flux";
import { redisOperatorRules } from "./rules/redisOperator";
import { workloadRules } from "./rules/workloads";

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
                groups: [
                    redisOperatorRules(NAMESPACES.redisOperator),
                    fluxRules(),
                    workloadRules(),
                ],
                environment: environmentOf(config),
                runbookBaseUrl: config.alerting.runbookBaseUrl,
                scraper,
            },
            { parent: this },
        );
        this.registerOutputs({});
    }
}
