import type * as pulumi from "@pulumi/pulumi";

import type { AlertContext, Rule } from "../alerting/prometheusRule";
import { argocdRules, flaggerRules, istioRules } from "../alerting/rules/delivery";
import { fluxOverdueRules } from "../alerting/rules/flux";
import { DeliveryTool } from "../delivery/deliveryTool";
import { Delivered, metricTemplates } from "../delivery/metricTemplates";
import { Tool, ToolTarget, toolTargets } from "../delivery/toolTargets";
import type { Scraper } from "../kubernetes/monitors";
import { allowIngress, clusterUrl, ServiceEndpoint, Workload } from "../kubernetes/wiring";
import type { StackConfig } from "./config";

/** Tools that are there already: their monitors and alerts, and who of them and others may ask Prometheus. */
export function installDelivery(
    config: StackConfig,
    alerts: AlertContext,
    {
        scraper,
        prometheus,
        ours,
    }: {
        readonly scraper: Scraper;
        readonly prometheus: ServiceEndpoint;
        readonly ours: boolean;
    },
    opts: pulumi.ComponentResourceOptions,
): void {
    const targets = toolTargets(config);
    for (const tool of new Set(targets.map((each) => each.tool))) {
        new DeliveryTool(
            tool,
            {
                tool,
                targets: targets.filter((each) => each.tool === tool),
                rules: rulesOf(tool, config, alerts),
                home: scraper.workload.namespace,
                environment: config.environment,
                alerts,
                scraper,
            },
            opts,
        );
    }
    if (ours) {
        for (const [client, workload] of promClients(config, targets)) {
            allowIngress(`${client}-to-prometheus`, { from: [workload], to: [prometheus] }, opts);
        }
    }
    const { flagger } = config.delivery;
    if (flagger) {
        metricTemplates(
            delivered(config),
            { namespace: flagger.namespace, address: clusterUrl(prometheus) },
            opts,
        );
    }
}

function delivered({ applications }: Pick<StackConfig, "applications">): Delivered[] {
    return Object.entries(applications).flatMap(([namespaceName, byName]) =>
        Object.entries(byName)
            .filter(([, { canary }]) => canary)
            .map(([applicationName, { slo }]) => ({ namespaceName, applicationName, slo })),
    );
}

function rulesOf(
    tool: Tool,
    { delivery, mesh, components }: Pick<StackConfig, "delivery" | "mesh" | "components">,
    { settings }: AlertContext,
): Rule[] {
    switch (tool) {
        case "flux":
            // It asks kube-state-metrics what is there, and what is suspended.
            return components.kubeStateMetrics === "on"
                ? fluxOverdueRules(delivery.flux?.reconcileWithin ?? "1h", settings)
                : [];
        case "argocd":
            return argocdRules(settings);
        case "flagger":
            return flaggerRules(settings, components.kubeStateMetrics === "on");
        case "istio":
            return istioRules(
                mesh.istio?.mode ?? "sidecar",
                settings,
                components.kubeStateMetrics === "on",
            );
    }
}

/** Flagger's analysis asks Prometheus; the others are named. */
function promClients(
    { clients }: Pick<StackConfig, "clients">,
    targets: readonly ToolTarget[],
): (readonly [string, Workload])[] {
    const flagger = targets.filter(({ tool }) => tool === "flagger");
    return [
        ...flagger.map(({ job, pods }) => [job, pods] as const),
        ...Object.entries(clients.prometheus).map(
            ([client, { namespace, podLabels }]): readonly [string, Workload] => [
                `client-${client}`,
                { namespace, ...(podLabels ? { podLabels } : {}) },
            ],
        ),
    ];
}
