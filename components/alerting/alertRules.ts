import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { PART_OF } from "../kubernetes/labels";
import type { Scraper } from "../kubernetes/monitors";
import { AlertContext, prometheusRuleSpec, RuleGroup } from "./prometheusRule";

export interface AlertRulesArgs {
    readonly namespace: pulumi.Input<string>;
    /** Name of the PrometheusRule. */
    readonly ruleName: string;
    readonly groups: readonly RuleGroup[];
    /** What all its alerts share. */
    readonly alerts: AlertContext;
    readonly scraper: Scraper;
}

/** A PrometheusRule with alerts of one domain. */
export class AlertRules extends pulumi.ComponentResource {
    constructor(name: string, args: AlertRulesArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:AlertRules", name, {}, opts);
        new k8s.apiextensions.CustomResource(
            `${name}-prometheusrule`,
            {
                apiVersion: "monitoring.coreos.com/v1",
                kind: "PrometheusRule",
                metadata: { name: args.ruleName, namespace: args.namespace, labels: PART_OF },
                spec: prometheusRuleSpec(args.groups, args.alerts),
            },
            { parent: this, dependsOn: [...args.scraper.monitorCrds] },
        );
        this.registerOutputs({});
    }
}
