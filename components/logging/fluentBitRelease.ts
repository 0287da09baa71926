import * as pulumi from "@pulumi/pulumi";

import type { ChartSource } from "../kubernetes/chartSource";
import { helmRelease, HelmValues } from "../kubernetes/helmRelease";
import { monitorService, Scraper } from "../kubernetes/monitors";
import { allowIngress, Workload } from "../kubernetes/wiring";
import { CHARTS } from "../versions";
import type { LogStore } from "./elasticsearchServer";
import type { ElasticsearchSetup } from "./elasticsearchSetup";
import type { FluentBitReferences } from "./fluentBitValues";
import type { OutputTarget } from "./pipeline/output";
import { HTTP_PORT } from "./pipeline/service";

export interface FluentBitReleaseArgs {
    readonly charts: ChartSource;
    /** Label of its series. */
    readonly environment: string;
    readonly namespace: pulumi.Input<string>;
    readonly release: string;
    readonly elasticsearch: LogStore;
    /** Makes the streams, which Fluent Bit may not. */
    readonly setup: ElasticsearchSetup;
    readonly scraper: Scraper;
    readonly values: (
        references: FluentBitReferences,
        target: OutputTarget,
    ) => pulumi.Output<HelmValues>;
}

/** A release of Fluent Bit with its way to Elasticsearch and its metrics. */
export function fluentBitRelease(
    name: string,
    args: FluentBitReleaseArgs,
    opts: pulumi.CustomResourceOptions,
): void {
    const { namespace, release, elasticsearch, setup, scraper } = args;
    const { host, port, endpoint, users, caConfigMap, caFingerprint } = elasticsearch;
    const workload: Workload = {
        namespace,
        podLabels: {
            "app.kubernetes.io/name": "fluent-bit",
            "app.kubernetes.io/instance": release,
        },
    };
    helmRelease(
        `${name}-release`,
        {
            release,
            chart: CHARTS.fluentBit,
            source: args.charts,
            namespace,
            values: pulumi
                .all([host, users.fluentBit.secret, caConfigMap, caFingerprint])
                .apply(([to, userSecret, caName, fingerprint]) =>
                    args.values(
                        { userSecret, caConfigMap: caName, caFingerprint: fingerprint },
                        { host: to, port },
                    ),
                ),
        },
        // Its health is that of its output: it cannot get ready before Elasticsearch does.
        { ...opts, dependsOn: [...elasticsearch.ready, setup.job] },
    );
    if (endpoint) {
        allowIngress(`${name}-to-elasticsearch`, { from: [workload], to: [endpoint] }, opts);
    }
    monitorService(
        name,
        {
            scraper,
            target: { workload, port: HTTP_PORT },
            serviceSelector: { matchLabels: workload.podLabels ?? {} },
            jobLabel: "app.kubernetes.io/instance",
            portName: "http",
            path: "/api/v2/metrics/prometheus",
            interval: "30s",
            timeout: "10s",
            environment: args.environment,
        },
        opts,
    );
}
