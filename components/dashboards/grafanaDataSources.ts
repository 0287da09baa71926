import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";

import { PART_OF } from "../kubernetes/labels";
import { allowIngress, clusterUrl, ServiceEndpoint } from "../kubernetes/wiring";
import type { Elasticsearch } from "../logging/elasticsearch";
import { DataSourceArgs, dataSources } from "./grafanaDataSourceSpecs";

export interface GrafanaDataSourcesArgs {
    /** Grafana's. */
    readonly namespace: pulumi.Input<string>;
    readonly grafana: ServiceEndpoint;
    readonly elasticsearch: Elasticsearch;
    /** Jaeger's API; undefined where it is off. */
    readonly jaeger: ServiceEndpoint | undefined;
    /** Where people reach Jaeger's own UI, when they can. */
    readonly jaegerExternalUrl: string | undefined;
    /** Where people reach Kibana, when they can. */
    readonly kibanaExternalUrl: string | undefined;
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
        const { namespace, grafana, elasticsearch, jaeger } = args;
        const child = { parent: this };
        const user = elasticsearch.users.grafana;
        const file = pulumi
            .all([
                clusterUrl(elasticsearch.endpoint),
                user.password,
                elasticsearch.caCertificate,
                jaeger && clusterUrl(jaeger),
            ])
            .apply(([url, password, caCertificate, jaegerUrl]) =>
                provisioningFile({
                    elasticsearch: { url, username: user.username, password, caCertificate },
                    jaegerUrl,
                    jaegerExternalUrl: args.jaegerExternalUrl,
                    kibanaExternalUrl: args.kibanaExternalUrl,
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
        if (jaeger) {
            allowIngress("grafana-to-jaeger", { from, to: [jaeger] }, child);
        }
        this.registerOutputs({});
    }
}

/** The file as Grafana reads it: `$` begins an environment variable of Grafana's, `$$` is a dollar. */
export function provisioningFile(args: DataSourceArgs): string {
    return stringify(dataSources(args)).replaceAll("$", "$$$$");
}
