import * as pulumi from "@pulumi/pulumi";

import type { ChartSource } from "../kubernetes/chartSource";
import { helmRelease, HelmValues } from "../kubernetes/helmRelease";
import { monitorService, Scraper } from "../kubernetes/monitors";
import { LINUX_NODES } from "../kubernetes/scheduling";
import { allowIngress, clusterUrl, Workload } from "../kubernetes/wiring";
import { CHARTS } from "../versions";
import type { Elasticsearch } from "./elasticsearch";

const RELEASE = "elasticsearch-exporter";
const PORT = 9108;

export interface ElasticsearchExporterArgs {
    readonly charts: ChartSource;
    /** Label of its series. */
    readonly environment: string;
    readonly namespace: pulumi.Input<string>;
    readonly elasticsearch: Elasticsearch;
    readonly scraper: Scraper;
}

/** Metrics of Elasticsearch: ECK exposes its own only. */
export class ElasticsearchExporter extends pulumi.ComponentResource {
    constructor(
        name: string,
        args: ElasticsearchExporterArgs,
        opts?: pulumi.ComponentResourceOptions,
    ) {
        super("observability:index:ElasticsearchExporter", name, {}, opts);
        const { namespace, elasticsearch, scraper } = args;
        const { username, secret } = elasticsearch.users.exporter;
        const workload: Workload = {
            namespace,
            podLabels: {
                "app.kubernetes.io/name": "prometheus-elasticsearch-exporter",
                "app.kubernetes.io/instance": RELEASE,
            },
        };
        helmRelease(
            `${name}-release`,
            {
                release: RELEASE,
                chart: CHARTS.elasticsearchExporter,
                source: args.charts,
                namespace,
                values: pulumi
                    .all([
                        clusterUrl(elasticsearch.endpoint),
                        secret,
                        elasticsearch.caConfigMap,
                        elasticsearch.caFingerprint,
                    ])
                    .apply(([url, userSecret, caConfigMap, caFingerprint]) =>
                        elasticsearchExporterValues({
                            url,
                            username,
                            userSecret,
                            caConfigMap,
                            caFingerprint,
                        }),
                    ),
            },
            // It cannot get ready before Elasticsearch does.
            { parent: this, dependsOn: [elasticsearch.resource] },
        );
        allowIngress(
            `${name}-to-elasticsearch`,
            { from: [workload], to: [elasticsearch.endpoint] },
            { parent: this },
        );
        monitorService(
            name,
            {
                scraper,
                target: { workload, port: PORT },
                serviceSelector: { matchLabels: workload.podLabels ?? {} },
                jobLabel: "app.kubernetes.io/instance",
                portName: "http",
                interval: "60s",
                timeout: "30s",
                environment: args.environment,
            },
            { parent: this },
        );
        this.registerOutputs({});
    }
}

interface ExporterReferences {
    readonly url: string;
    readonly username: string;
    readonly userSecret: string;
    readonly caConfigMap: string;
    readonly caFingerprint: string;
}

/** https://github.com/prometheus-community/helm-charts/blob/main/charts/prometheus-elasticsearch-exporter/values.yaml */
export function elasticsearchExporterValues(references: ExporterReferences): HelmValues {
    return {
        nodeSelector: LINUX_NODES,
        es: {
            uri: references.url,
            // ILM, SLM and data streams are what retention and backups show in; per-shard series are many and unused.
            ilm: true,
            slm: true,
            data_stream: true,
            shards: false,
            indices_mappings: false,
            ssl: {
                enabled: true,
                useExistingSecrets: true,
                ca: { path: "/elasticsearch-ca/ca.crt" },
                client: { enabled: false },
            },
        },
        podAnnotations: { "observability/ca": references.caFingerprint },
        env: { ES_USERNAME: references.username },
        extraEnvSecrets: { ES_PASSWORD: { secret: references.userSecret, key: "password" } },
        extraVolumes: [{ name: "elasticsearch-ca", configMap: { name: references.caConfigMap } }],
        extraVolumeMounts: [
            { name: "elasticsearch-ca", mountPath: "/elasticsearch-ca", readOnly: true },
        ],
        resources: { requests: { cpu: "20m", memory: "64Mi" }, limits: { memory: "128Mi" } },
    };
}
