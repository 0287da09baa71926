import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { AlertRules } from "../alerting/alertRules";
import type { AlertContext, Rule } from "../alerting/prometheusRule";
import { missing } from "../alerting/rules/targets";
import { foreignMonitor, ScrapeLimits } from "../kubernetes/foreignMonitors";
import type { Scraper } from "../kubernetes/monitors";
import type { GatewayService, Tool, ToolTarget } from "./toolTargets";

export interface DeliveryToolArgs {
    readonly tool: Tool;
    readonly targets: readonly ToolTarget[];
    /** Alerts on what its metrics say. */
    readonly rules: readonly Rule[];
    /** Where its monitors and rules stand. */
    readonly home: pulumi.Input<string>;
    readonly environment: string;
    readonly alerts: AlertContext;
    readonly scraper: Scraper;
}

/**
 * The monitors of a tool that is there already, and its alerts, of which there are none without them. Needs the operator's
 * CRDs, and the namespaces of gateways; leaves nothing.
 */
export class DeliveryTool extends pulumi.ComponentResource {
    constructor(name: string, args: DeliveryToolArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:DeliveryTool", name, {}, opts);
        const { tool, home, environment, scraper, alerts } = args;
        const child = { parent: this };
        for (const { job, target, pods, service } of args.targets) {
            if (service) {
                gatewayService(`${name}-${job}`, service, pods, child);
            }
            foreignMonitor(
                `${name}-${job}`,
                {
                    monitorName: job,
                    home,
                    scraper,
                    target: {
                        ...target,
                        interval: "30s",
                        labels: { job, environment },
                        ...(target.keepMetrics ? { limits: PROXY_LIMITS } : {}),
                    },
                },
                child,
            );
        }
        const gone = args.targets.map(({ target: { namespace }, job, knows }) =>
            missing({ namespace, job, knows }, alerts.settings),
        );
        new AlertRules(
            `${name}-alerts`,
            {
                namespace: home,
                ruleName: tool,
                groups: [{ name: tool, rules: [...gone, ...args.rules] }],
                alerts,
                scraper,
            },
            child,
        );
        this.registerOutputs({});
    }
}

/** A proxy's requests have labels of both sides: more than an application's, and as many series as there are pairs. */
const PROXY_LIMITS: ScrapeLimits = { sampleLimit: 50_000, labelLimit: 60 };

/** Headless: it is for its addresses alone. */
function gatewayService(
    name: string,
    { name: serviceName, labels, port, portName }: GatewayService,
    { namespace, podLabels }: ToolTarget["pods"],
    opts: pulumi.CustomResourceOptions,
): void {
    new k8s.core.v1.Service(
        `${name}-service`,
        {
            metadata: {
                name: serviceName,
                namespace,
                labels,
                // It has endpoints when the gateway has pods, which is the gateway's matter.
                annotations: { "pulumi.com/skipAwait": "true" },
            },
            spec: {
                clusterIP: "None",
                selector: podLabels,
                ports: [{ name: portName, port, targetPort: port }],
            },
        },
        opts,
    );
}
