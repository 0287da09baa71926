import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { ChartSource } from "../kubernetes/chartSource";
import { helmRelease } from "../kubernetes/helmRelease";
import { CHARTS } from "../versions";

export interface PrometheusOperatorCrdsArgs {
    readonly charts: ChartSource;
    readonly namespace: pulumi.Input<string>;
}

/**
 * The CRDs of the Prometheus Operator (ServiceMonitor, PrometheusRule and so on), upgraded with the chart's version.
 * They are a release of their own because kube-prometheus-stack never upgrades the ones that it brings.
 * Destroying the stack leaves them: deleting a CRD deletes every object of its kind in the cluster.
 */
export class PrometheusOperatorCrds extends pulumi.ComponentResource {
    /** What a monitor or a rule depends on. */
    public readonly release: k8s.helm.v3.Release;

    constructor(
        name: string,
        args: PrometheusOperatorCrdsArgs,
        opts?: pulumi.ComponentResourceOptions,
    ) {
        super("observability:index:PrometheusOperatorCrds", name, {}, opts);
        this.release = helmRelease(
            `${name}-release`,
            {
                release: "prometheus-operator-crds",
                chart: CHARTS.prometheusOperatorCrds,
                source: args.charts,
                namespace: args.namespace,
                values: prometheusOperatorCrdsValues(),
            },
            { parent: this },
        );
        this.registerOutputs({});
    }
}

export function prometheusOperatorCrdsValues(): { crds: { annotations: Record<string, string> } } {
    return { crds: { annotations: { "helm.sh/resource-policy": "keep" } } };
}
