import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";

import type { StackConfig } from "../stack/config";
import { PART_OF } from "../kubernetes/labels";
import type { Scraper } from "../kubernetes/monitors";
import { allowIngress, clusterUrl, ServiceEndpoint } from "../kubernetes/wiring";
import { trustBundle } from "../logging/certificateAuthority";
import type { Elasticsearch } from "../logging/elasticsearch";
import { collectorConfig, SAMPLING_FILE, samplingStrategies } from "./collectorConfig";
import { PORTS, StorageArgs } from "./jaegerConfig";
import {
    cleanerTemplate,
    cronJob,
    JobReferences,
    PodTemplate,
    serviceGraphTemplate,
} from "./jaegerJobs";
import { CONFIG_FILE, NAME, PodReferences, PodSettings } from "./jaegerSpecs";
import { kibanaLinks, queryConfig, UI_FILE, uiConfig } from "./queryConfig";
import { JaegerWorkload } from "./jaegerWorkload";

export interface JaegerArgs {
    readonly config: StackConfig;
    readonly namespace: pulumi.Input<string>;
    readonly elasticsearch: Elasticsearch;
    /** Holds the span metrics that Jaeger's Monitor tab shows. */
    readonly prometheus: ServiceEndpoint;
    readonly scraper: Scraper;
}

/**
 * Jaeger v2: collectors that scale with their load, the query service with the UI, and the daily deletion of old
 * indices, all on Elasticsearch. The chart is one all-in-one Deployment, hence Deployments of our own
 * (docs/adr/0003-jaeger-without-its-chart.md). Leaves its indices in Elasticsearch.
 */
export class Jaeger extends pulumi.ComponentResource {
    public readonly otlpGrpc: ServiceEndpoint;
    public readonly otlpHttp: ServiceEndpoint;
    /** Where SDKs with a remote sampler ask what to sample. */
    public readonly sampling: ServiceEndpoint;
    public readonly query: ServiceEndpoint;
    private readonly args: JaegerArgs;

    constructor(name: string, args: JaegerArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:Jaeger", name, {}, opts);
        this.args = args;
        const { config, namespace, elasticsearch, prometheus, scraper } = args;
        const references = this.credentials(name);
        const storage = clusterUrl(elasticsearch.endpoint).apply((url): StorageArgs => ({
            url,
            username: elasticsearch.users.jaeger.username,
            nodes: config.elasticsearch.nodes,
            dailyVolume: config.elasticsearch.dailyTraceVolume,
            retention: config.retention.traces,
        }));
        const common = {
            config,
            namespace,
            references,
            scraper,
            storage: elasticsearch.resource,
        };
        const collector = new JaegerWorkload(
            `${name}-collector`,
            { role: "collector", pods: this.collectorPods(name, storage), ...common },
            { parent: this },
        );
        collector.monitor(`${NAME}-spans`, "span-metrics", PORTS.spanMetrics);
        const query = new JaegerWorkload(
            `${name}-query`,
            {
                role: "query",
                pods: this.queryPods(storage),
                replicas: config.jaeger.query.replicas,
                ...common,
            },
            { parent: this },
        );
        collector.scale(config.jaeger.collector);
        this.daily(name, references);

        const scheme = config.jaeger.otlpTls ? "https" : "http";
        this.otlpGrpc = collector.endpoint(PORTS.otlpGrpc, scheme);
        this.otlpHttp = collector.endpoint(PORTS.otlpHttp, scheme);
        this.sampling = collector.endpoint(PORTS.samplingHttp);
        this.query = query.endpoint(PORTS.queryHttp);
        allowIngress(
            "jaeger-to-elasticsearch",
            {
                from: [{ namespace, podLabels: { "app.kubernetes.io/name": NAME } }],
                to: [elasticsearch.endpoint],
            },
            { parent: this },
        );
        allowIngress(
            "jaeger-query-to-prometheus",
            { from: [query.workload], to: [prometheus] },
            { parent: this },
        );
        // Applications of every namespace send spans.
        allowIngress(
            "applications-to-jaeger-collector",
            {
                from: ["anywhere"],
                to: [
                    this.otlpGrpc,
                    this.otlpHttp,
                    this.sampling,
                    collector.endpoint(PORTS.samplingGrpc),
                ],
            },
            { parent: this },
        );
        this.registerOutputs({});
    }

    private collectorPods(name: string, storage: pulumi.Output<StorageArgs>): PodSettings {
        const { config, namespace, elasticsearch } = this.args;
        const { jaeger, cluster, environment } = config;
        const attributes = { cluster: cluster.name, environment };
        const certificate = jaeger.otlpTls
            ? elasticsearch.authority.issue(
                  `${name}-otlp`,
                  { namespace, secretName: `${NAME}-otlp-tls`, service: `${NAME}-collector` },
                  { parent: this },
              )
            : undefined;
        return {
            files: {
                [CONFIG_FILE]: storage.apply((each) =>
                    stringify(collectorConfig(each, attributes, jaeger)),
                ),
                [SAMPLING_FILE]: JSON.stringify(samplingStrategies(jaeger.sampling), undefined, 2),
            },
            memory: jaeger.collector.memory,
            ...(certificate ? { tlsSecret: certificate.secret } : {}),
        };
    }

    private queryPods(storage: pulumi.Output<StorageArgs>): PodSettings {
        const { config, prometheus } = this.args;
        return {
            files: {
                [CONFIG_FILE]: pulumi
                    .all([storage, clusterUrl(prometheus)])
                    .apply(([each, url]) => stringify(queryConfig(each, url))),
                [UI_FILE]: JSON.stringify(uiConfig(kibanaLinks(config.ingress)), undefined, 2),
            },
            memory: "256Mi",
        };
    }

    /** Elasticsearch's password and CA, in the namespace of the pods that need them. */
    private credentials(name: string): Omit<PodReferences, "configMap"> {
        const { namespace, elasticsearch } = this.args;
        const child = { parent: this };
        const secret = new k8s.core.v1.Secret(
            `${name}-elasticsearch-user`,
            {
                metadata: { name: "jaeger-elasticsearch-user", namespace, labels: PART_OF },
                stringData: { password: elasticsearch.users.jaeger.password },
            },
            child,
        );
        const trust = trustBundle(`${name}-trust`, namespace, elasticsearch.caCertificate, child);
        return {
            passwordSecret: secret.metadata.name,
            caConfigMap: trust.metadata.name,
            caFingerprint: elasticsearch.caFingerprint,
        };
    }

    /** The jobs of each night: old indices are deleted after the day's service graph is computed. */
    private daily(name: string, references: JobReferences): void {
        const { namespace, elasticsearch, config } = this.args;
        const url = clusterUrl(elasticsearch.endpoint);
        const { username } = elasticsearch.users.jaeger;
        const { serviceGraph } = config.jaeger;
        const job = (part: string, schedule: string, template: PodTemplate) =>
            new k8s.batch.v1.CronJob(
                `${name}-${part}`,
                cronJob(part, namespace, schedule, template),
                { parent: this },
            );
        job(
            "index-cleaner",
            "55 23 * * *",
            cleanerTemplate(url, username, config.retention.traces, references),
        );
        if (serviceGraph) {
            job(
                "service-graph",
                "30 23 * * *",
                serviceGraphTemplate(url, username, serviceGraph.memory, references),
            );
        }
    }
}
