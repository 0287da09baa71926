import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";

import { Labels, PART_OF } from "../kubernetes/labels";
import { allowIngress, clusterUrl, ServiceEndpoint, Workload } from "../kubernetes/wiring";
import type { ElasticsearchServer } from "../logging/elasticsearchServer";
import { LOGS_ENV } from "../metrics/grafanaAccess";
import { DataSourceArgs, dataSources, ElasticsearchSource } from "./grafanaDataSourceSpecs";

export interface GrafanaDataSourcesArgs {
    /** Grafana's. */
    readonly namespace: pulumi.Input<string>;
    /** Grafana's pods. */
    readonly grafana: Workload;
    /** Label by which Grafana's sidecar finds data sources. */
    readonly sidecarLabel: Labels;
    /** Undefined where the chart brings it, as its own Grafana's. */
    readonly prometheus: ServiceEndpoint | undefined;
    /** Undefined where the chart brings it, or there is none. */
    readonly alertmanager: ServiceEndpoint | undefined;
    /** Undefined where it is off. */
    readonly elasticsearch: ElasticsearchServer | undefined;
    /** Jaeger's API; undefined where it is off. */
    readonly jaeger: ServiceEndpoint | undefined;
    /** Where people reach Jaeger's own UI, when they can. */
    readonly jaegerExternalUrl: string | undefined;
    /** Where people reach Kibana, when they can. */
    readonly kibanaExternalUrl: string | undefined;
}

/**
 * The stack's parts as data sources of Grafana, with the links between metrics, logs and traces. Grafana's sidecar
 * reads the Secret and reloads Grafana when it changes; what is deleted here stays in Grafana's volume.
 */
export class GrafanaDataSources extends pulumi.ComponentResource {
    constructor(
        name: string,
        args: GrafanaDataSourcesArgs,
        opts?: pulumi.ComponentResourceOptions,
    ) {
        super("observability:index:GrafanaDataSources", name, {}, opts);
        const { namespace, grafana, elasticsearch, jaeger, prometheus, alertmanager } = args;
        const child = { parent: this };
        const file = pulumi
            .all([
                elasticsearch && elasticsearchSource(elasticsearch),
                jaeger && clusterUrl(jaeger),
                prometheus && clusterUrl(prometheus),
                alertmanager && clusterUrl(alertmanager),
            ])
            .apply(([source, jaegerUrl, prometheusUrl, alertmanagerUrl]) =>
                provisioningFile({
                    elasticsearch: source,
                    jaegerUrl,
                    prometheusUrl,
                    alertmanagerUrl,
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
                    labels: { ...PART_OF, ...args.sidecarLabel },
                },
                stringData: { "observability.yaml": file },
            },
            child,
        );
        const from = [grafana];
        const asked = {
            elasticsearch: elasticsearch?.endpoint,
            jaeger,
            prometheus,
            alertmanager,
        };
        for (const [part, endpoint] of Object.entries(asked)) {
            if (endpoint && !endpoint.workload.foreign) {
                allowIngress(`grafana-to-${part}`, { from, to: [endpoint] }, child);
            }
        }
        this.registerOutputs({});
    }
}

/** An account that a Secret alone knows is in variables of Grafana's container. */
function elasticsearchSource({
    url: at,
    users,
    caCertificate,
}: ElasticsearchServer): pulumi.Output<ElasticsearchSource> {
    const { username = variable(LOGS_ENV.username), password = variable(LOGS_ENV.password) } =
        users.grafana;
    return pulumi
        .all([at, password, caCertificate])
        .apply(([url, known, ca]) => ({ url, username, password: known, caCertificate: ca }));
}

/** https://grafana.com/docs/grafana/latest/setup-grafana/configure-grafana/#variable-expansion */
function variable(name: string): string {
    return `$__env{${name}}`;
}

/** The file as Grafana reads it: `$` begins an environment variable of Grafana's, `$$` is a dollar. */
export function provisioningFile(args: DataSourceArgs): string {
    const escaped = stringify(dataSources(args)).replaceAll("$", "$$$$");
    return Object.values(LOGS_ENV).reduce(
        (file, name) => file.replaceAll(`$${variable(name)}`, () => variable(name)),
        escaped,
    );
}
