import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { AlertRules } from "../alerting/alertRules";
import type { AlertContext } from "../alerting/prometheusRule";
import { MeasuredQueue, queueQuery, queueRules } from "../alerting/rules/autoscaling";
import { PART_OF } from "../kubernetes/labels";
import type { Scraper } from "../kubernetes/monitors";
import { seconds } from "../settings/duration";
import { EXTERNAL_METRIC } from "./prometheusAdapter";
import type { ScalingSettings } from "./settings";

/** Who answers for the metrics of autoscalers. */
export interface Autoscaler {
    readonly kind: "keda" | "prometheus-adapter";
    /** Prometheus as KEDA reaches it. */
    readonly prometheusUrl: pulumi.Input<string>;
    /** What must be there before something is scaled; after it, nothing is. */
    readonly ready: readonly pulumi.Resource[];
}

export interface ScaledApplicationArgs {
    readonly namespaceName: string;
    readonly applicationName: string;
    readonly settings: ScalingSettings;
    readonly queues: readonly MeasuredQueue[];
    /** Whether Flagger copies the ScaledObject for the Deployment that serves. */
    readonly canary: boolean;
    readonly autoscaler: Autoscaler;
    /** The application's namespace, where its Deployment is. */
    readonly namespace: pulumi.Input<string>;
    /** Where its rules stand. */
    readonly home: pulumi.Input<string>;
    readonly alerts: AlertContext;
    readonly scraper: Scraper;
}

/**
 * How a Deployment that is not ours is scaled: KEDA's ScaledObject, of which KEDA makes the autoscaler, or the autoscaler
 * itself; what its queues hold, and alerts on them. Needs the namespace; the Deployment may come later. Leaves nothing, and
 * the pods as many as they are.
 */
export class ScaledApplication extends pulumi.ComponentResource {
    constructor(name: string, args: ScaledApplicationArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:ScaledApplication", name, {}, opts);
        const { namespaceName, applicationName, namespace, autoscaler, queues } = args;
        const metadata = { name: applicationName, namespace, labels: PART_OF };
        // KEDA takes its finalizer away, and its CRDs must be there.
        const child = { parent: this, dependsOn: [...autoscaler.ready] };
        if (autoscaler.kind === "keda") {
            new k8s.apiextensions.CustomResource(
                `${name}-scaledobject`,
                {
                    apiVersion: "keda.sh/v1alpha1",
                    kind: "ScaledObject",
                    metadata,
                    spec: scaledObjectSpec(args),
                },
                child,
            );
        } else {
            new k8s.autoscaling.v2.HorizontalPodAutoscaler(
                `${name}-autoscaler`,
                { metadata, spec: autoscalerSpec(args) },
                child,
            );
        }
        if (queues.length > 0) {
            new AlertRules(
                `${name}-rules`,
                {
                    namespace: args.home,
                    ruleName: `${namespaceName}.${applicationName}-autoscaling`,
                    groups: [queueRules(applicationName, queues, args.alerts.settings)],
                    alerts: args.alerts,
                    scraper: args.scraper,
                },
                { parent: this },
            );
        }
        this.registerOutputs({});
    }
}

type Scaling = Pick<
    ScaledApplicationArgs,
    "applicationName" | "settings" | "queues" | "canary" | "autoscaler"
>;

function behaviorOf({ scaleDownWindow }: ScalingSettings) {
    return { scaleDown: { stabilizationWindowSeconds: seconds(scaleDownWindow) } };
}

/** https://keda.sh/docs/2.20/reference/scaledobject-spec/ */
export function scaledObjectSpec({
    applicationName,
    settings,
    queues,
    canary,
    autoscaler: { prometheusUrl },
}: Scaling): object {
    return {
        scaleTargetRef: { name: settings.deployment ?? applicationName },
        minReplicaCount: settings.min,
        maxReplicaCount: settings.max,
        pollingInterval: 30,
        // Before the last pod goes, which is KEDA's to take.
        cooldownPeriod: seconds(settings.scaleDownWindow),
        advanced: {
            horizontalPodAutoscalerConfig: {
                // The copy would name the same autoscaler; without a name, each has its own.
                ...(canary ? {} : { name: applicationName }),
                behavior: behaviorOf(settings),
            },
        },
        triggers: [
            ...queues.map((queue) => ({
                type: "prometheus",
                name: queue.queue,
                metricType: "AverageValue",
                metadata: {
                    serverAddress: prometheusUrl,
                    query: queueQuery(queue),
                    threshold: String(settings.queues[queue.queue]?.perPod),
                    // By itself, KEDA takes no value for 0, and would take the pods away when Redis is down.
                    ignoreNullValues: "false",
                },
            })),
            ...resourceTargets(settings).map(([resource, percent]) => ({
                type: resource,
                metricType: "Utilization",
                metadata: { value: String(percent) },
            })),
        ],
    };
}

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/ */
export function autoscalerSpec({
    applicationName,
    settings,
    queues,
}: Omit<
    Scaling,
    "autoscaler" | "canary"
>): k8s.types.input.autoscaling.v2.HorizontalPodAutoscalerSpec {
    return {
        scaleTargetRef: {
            apiVersion: "apps/v1",
            kind: "Deployment",
            name: settings.deployment ?? applicationName,
        },
        minReplicas: settings.min,
        maxReplicas: settings.max,
        behavior: behaviorOf(settings),
        metrics: [
            ...queues.map(({ queue }) => ({
                type: "External",
                external: {
                    metric: {
                        name: EXTERNAL_METRIC,
                        selector: { matchLabels: { application: applicationName, queue } },
                    },
                    target: {
                        type: "AverageValue",
                        averageValue: String(settings.queues[queue]?.perPod),
                    },
                },
            })),
            ...resourceTargets(settings).map(([name, averageUtilization]) => ({
                type: "Resource",
                resource: { name, target: { type: "Utilization", averageUtilization } },
            })),
        ],
    };
}

function resourceTargets({ cpu, memory }: ScalingSettings): [string, number][] {
    return [
        ...(cpu === undefined ? [] : [["cpu", cpu] as [string, number]]),
        ...(memory === undefined ? [] : [["memory", memory] as [string, number]]),
    ];
}
