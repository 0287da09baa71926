import * as pulumi from "@pulumi/pulumi";

import type { AlertContext } from "../alerting/prometheusRule";
import { Keda } from "../autoscaling/keda";
import { PrometheusAdapter } from "../autoscaling/prometheusAdapter";
import { measuredQueues } from "../autoscaling/queues";
import { Autoscaler, ScaledApplication } from "../autoscaling/scaledApplication";
import { worstCaseWarnings } from "../autoscaling/worstCase";
import type { Scraper } from "../kubernetes/monitors";
import { allowIngress, clusterUrl, ServiceEndpoint } from "../kubernetes/wiring";
import type { StackConfig } from "./config";
import type { PlatformNamespaces } from "./namespaces";

/** Installs who answers for the metrics of autoscalers, or lets the one that is there ask Prometheus. */
export function installAutoscaler(
    config: StackConfig,
    alerts: AlertContext,
    namespaces: PlatformNamespaces,
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
): Autoscaler | undefined {
    const { autoscaling: settings, charts, environment } = config;
    const { provider, existing } = settings;
    const prometheusUrl = clusterUrl(prometheus);
    if (provider === "none") {
        return undefined;
    }
    if (provider === "existing") {
        if (ours && existing && existing.prometheus === undefined) {
            const { namespace, podLabels } = existing;
            allowIngress(
                "keda-to-prometheus",
                { from: [{ namespace, podLabels }], to: [prometheus] },
                opts,
            );
        }
        return { kind: "keda", prometheusUrl: existing?.prometheus ?? prometheusUrl, ready: [] };
    }
    const args = {
        settings,
        charts,
        environment,
        namespaceName: config.namespaces.autoscaling,
        namespace: namespaces("autoscaling").name,
        prometheus,
        ours,
        apiServerRanges: config.cluster.apiServerRanges,
        alerts,
        scraper,
    };
    const { ready } =
        provider === "keda"
            ? new Keda("keda", args, opts)
            : new PrometheusAdapter("prometheus-adapter", args, opts);
    return { kind: provider, prometheusUrl, ready };
}

/** Of a tenant, the KEDA that its owner has. */
export function tenantAutoscaler({
    autoscaling,
}: Pick<StackConfig, "autoscaling">): Autoscaler | undefined {
    const prometheusUrl = autoscaling.existing?.prometheus;
    return prometheusUrl === undefined ? undefined : { kind: "keda", prometheusUrl, ready: [] };
}

/** What of applications is scaled; `home` is where the rules of each namespace stand. */
export function scaleApplications(
    config: StackConfig,
    autoscaler: Autoscaler | undefined,
    own: Readonly<Record<string, pulumi.Input<string>>>,
    home: (namespace: string) => pulumi.Input<string>,
    alerts: AlertContext,
    scraper: Scraper,
    opts: pulumi.ComponentResourceOptions,
): void {
    const scaled = Object.entries(config.applications).flatMap(([namespace, byName]) =>
        Object.entries(byName).flatMap(([name, { autoscaling, team, canary }]) =>
            autoscaling ? [{ namespace, name, scaling: autoscaling, team, canary }] : [],
        ),
    );
    for (const { namespace, name, scaling, team, canary } of autoscaler ? scaled : []) {
        new ScaledApplication(
            `autoscaling-${namespace}.${name}`,
            {
                namespaceName: namespace,
                applicationName: name,
                settings: scaling,
                queues: measuredQueues({ namespace, name }, scaling, config.redis),
                canary,
                autoscaler: autoscaler as Autoscaler,
                namespace: own[namespace] ?? namespace,
                home: home(namespace),
                alerts: team === undefined ? alerts : { ...alerts, team },
                scraper,
            },
            opts,
        );
    }
    for (const warning of worstCaseWarnings(scaled, config.autoscaling)) {
        void pulumi.log.warn(warning);
    }
}
