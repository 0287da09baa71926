import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { ChartSource } from "../kubernetes/chartSource";
import { helmRelease } from "../kubernetes/helmRelease";
import { LINUX_NODES } from "../kubernetes/scheduling";
import { allowIngress, fromRanges, Workload } from "../kubernetes/wiring";
import { CHARTS } from "../versions";

export interface EckOperatorArgs {
    readonly charts: ChartSource;
    readonly namespace: pulumi.Input<string>;
    /** Where the API server calls from; empty where that is not known. */
    readonly apiServerRanges: readonly string[];
}

/**
 * The Elastic operator (ECK), once per cluster, and its CRDs as a release of their own, which the chart keeps when it
 * is uninstalled. It must outlive Elasticsearch and Kibana.
 */
export class EckOperator extends pulumi.ComponentResource {
    /** The operator's pods, which connect to Elasticsearch. */
    public readonly workload: Workload;
    /** What an Elasticsearch or Kibana depends on. */
    public readonly release: k8s.helm.v3.Release;

    constructor(name: string, args: EckOperatorArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:EckOperator", name, {}, opts);
        const { charts: source, namespace } = args;
        this.workload = {
            namespace,
            podLabels: { "app.kubernetes.io/name": "elastic-operator" },
        };
        const crds = helmRelease(
            `${name}-crds`,
            {
                release: "elastic-operator-crds",
                chart: CHARTS.eckOperatorCrds,
                source,
                namespace,
                values: {},
            },
            { parent: this },
        );
        this.release = helmRelease(
            `${name}-release`,
            {
                release: "elastic-operator",
                chart: CHARTS.eckOperator,
                source,
                namespace,
                values: eckOperatorValues(),
            },
            // No value flows from the CRDs, and the operator ends without them.
            { parent: this, dependsOn: [crds] },
        );
        // The API server calls the validating webhook, from an address that no selector can name.
        allowIngress(
            "api-server-to-elastic-operator",
            {
                from: fromRanges(args.apiServerRanges),
                to: [{ workload: this.workload, port: 9443 }],
            },
            { parent: this },
        );
        this.registerOutputs({});
    }
}

/** How long before their end the operator renews the certificates of Elasticsearch, which are valid for a year. */
const ROTATE_BEFORE = "720h";

/** https://github.com/elastic/cloud-on-k8s/blob/main/deploy/eck-operator/values.yaml */
export function eckOperatorValues(): Readonly<Record<string, unknown>> {
    return {
        installCRDs: false,
        config: {
            // Its default, a day before the end, is later than what CertificateExpiring calls too late.
            certificatesRotateBefore: ROTATE_BEFORE,
        },
        nodeSelector: LINUX_NODES,
        telemetry: { disabled: true },
        podSecurityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    };
}
