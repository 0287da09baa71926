import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";

import { PART_OF } from "../kubernetes/labels";
import { allowIngress, clusterUrl, ServiceEndpoint } from "../kubernetes/wiring";
import type { StackConfig } from "../stack/config";
import { externalUrl } from "../stack/externalUrl";
import type { Elasticsearch } from "../logging/elasticsearch";
import { DataSourceArgs, dataSources } from "./grafanaDataSourceSpecs";

export interface GrafanaDataSourcesArgs {
    readonly config: StackConfig;
    /** Grafana's. */
    readonly namespace: pulumi.Input<string>;
    readonly grafana: ServiceEndpoint;
    readonly elasticsearch: Elasticsearch;
    /** Jaeger's API. */
    readonly jaeger: ServiceEndpoint;
}

/**
 * Elasticsearch and Jaeger as data sources of Grafana, with the links between metrics, logs and traces. Grafana's
 * sidecar reads the Secret and reloads Grafana when it changes; what is deleted here stays in Grafana's volume.
 */
export class GrafanaDataSources extends pulumi.ComponentResource {
    constructor(
        name: string,
        args: GrafanaDataSourcesArgs,
        opts?: pulumi.ComponentResourceOptions,
    ) {
        super("observability:index:GrafanaDataSources", name, {}, opts);
        const { config, namespace, grafana, elasticsearch, jaeger } = args;
        const child = { parent: this };
        const user = elasticsearch.users.grafana;
        const file = pulumi
            .all([
                clusterUrl(elasticsearch.endpoint),
                user.password,
                elasticsearch.caCertificate,
                clusterUrl(jaeger),
            ])
            .apply(([url, password, caCertificate, jaegerUrl]) =>
                provisioningFile({
                    elasticsearch: { url, username: user.username, password, caCertificate },
                    jaegerUrl,
                    jaegerExternalUrl: externalUrl(config.ingress, "jaeger"),
                    kibanaExternalUrl: externalUrl(config.ingress, "kibana"),
                }),
            );
        new k8s.core.v1.Secret(
            `${name}-secret`,
            {
                metadata: {
                    name: "grafana-data-sources",
                    namespace,
                    // The label that the chart's sidecar looks for.
                    labels: { ...PART_OF, grafana_datasource: "1" },
                },
                stringData: { "observability.yaml": file },
            },
            child,
        );
        const from = [grafana.workload];
        allowIngress("grafana-to-elasticsearch", { from, to: [elasticsearch.endpoint] }, child);
        allowIngress("grafana-to-jaeger", { from, to: [jaeger] }, child);
        this.registerOutputs({});
    }
}

/** The file as Grafana reads it: `$` begins an environment variable of Grafana's, `$$` is a dollar. */
export function provisioningFile(args: DataSourceArgs): string {
    return stringify(dataSources(args)).replaceAll("$", "$$$$");
}
