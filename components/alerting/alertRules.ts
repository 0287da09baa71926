import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { externalUrl } from "../stack/externalUrl";
import type { StackConfig } from "../stack/config";
import { PART_OF } from "../kubernetes/labels";
import type { Scraper } from "../kubernetes/monitors";
import { AlertContext, prometheusRuleSpec, RuleGroup } from "./prometheusRule";
import { GRAFANA_CLUSTER_URL } from "../metrics/kubePrometheusStack";

export interface AlertRulesArgs {
    readonly config: StackConfig;
    readonly namespace: pulumi.Input<string>;
    /** Name of the PrometheusRule. */
    readonly ruleName: string;
    readonly groups: readonly RuleGroup[];
    /** On every alert: one Prometheus may serve several environments. */
    readonly environment: string;
    /** Owner of the alerts; `alerting.team` when not given. */
    readonly team?: string;
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
                spec: prometheusRuleSpec(args.groups, alertContext(args)),
            },
            { parent: this, dependsOn: [...args.scraper.monitorCrds] },
        );
        this.registerOutputs({});
    }
}

/** What the configuration says about every alert of a PrometheusRule. */
export function alertContext({
    config,
    environment,
    team,
}: {
    readonly config: Pick<StackConfig, "alerting" | "ingress">;
    readonly environment: string;
    readonly team?: string;
}): AlertContext {
    const { alerting, ingress } = config;
    return {
        settings: alerting.rules,
        labels: { environment },
        team: team ?? alerting.team,
        runbookBaseUrl: alerting.runbookBaseUrl || "docs/runbooks",
        grafanaUrl: externalUrl(ingress, "grafana") ?? GRAFANA_CLUSTER_URL,
    };
}
