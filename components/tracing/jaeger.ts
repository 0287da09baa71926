import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";

import type { StackConfig } from "../config";
import { PART_OF, workloadLabels } from "../common/labels";
import type { Scraper } from "../common/monitors";
import { allowIngress, clusterUrl, ServiceEndpoint } from "../common/wiring";
import { trustBundle } from "../logging/certificateAuthority";
import type { Elasticsearch } from "../logging/elasticsearch";
import { collectorConfig, PORTS, queryConfig, StorageArgs } from "./jaegerConfig";
import { cleanerTemplate, NAME, PodReferences } from "./jaegerSpecs";
import { JaegerWorkload } from "./jaegerWorkload";

export interface JaegerArgs {
    readonly config: StackConfig;
    readonly namespace: pulumi.Input<string>;
    readonly elasticsearch: Elasticsearch;
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
    public readonly query: ServiceEndpoint;
    private readonly args: JaegerArgs;

    constructor(name: string, args: JaegerArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:Jaeger", name, {}, opts);
        this.args = args;
        const { config, namespace, elasticsearch, scraper } = args;
        const references = this.credentials(name);
        const storage = clusterUrl(elasticsearch.endpoint).apply((url): StorageArgs => ({
            url,
            username: elasticsearch.users.jaeger.username,
            nodes: config.elasticsearch.nodes,
            retention: config.retention.traces,
        }));
        const attributes = { cluster: config.cluster.name, environment: config.environment };
        const common = {
            config,
            namespace,
            references,
            scraper,
            storage: elasticsearch.resource,
        };
        const collector = new JaegerWorkload(
            `${name}-collector`,
            {
                role: "collector",
                configuration: storage.apply((each) =>
                    stringify(collectorConfig(each, attributes)),
                ),
                memory: config.jaeger.collector.memory,
                ...common,
            },
            { parent: this },
        );
        const query = new JaegerWorkload(
            `${name}-query`,
            {
                role: "query",
                configuration: storage.apply((each) => stringify(queryConfig(each))),
                memory: "256Mi",
                replicas: config.jaeger.query.replicas,
                ...common,
            },
            { parent: this },
        );
        this.scale(name, collector.deployment);
        this.clean(name, references);

        this.otlpGrpc = collector.endpoint(PORTS.otlpGrpc);
        this.otlpHttp = collector.endpoint(PORTS.otlpHttp);
        this.query = query.endpoint(PORTS.queryHttp);
        allowIngress(
            "jaeger-to-elasticsearch",
            {
                from: [{ namespace, podLabels: { "app.kubernetes.io/name": NAME } }],
                to: [elasticsearch.endpoint],
            },
            { parent: this },
        );
        // Applications of every namespace send spans.
        allowIngress(
            "applications-to-jaeger-collector",
            { from: ["anywhere"], to: [this.otlpGrpc, this.otlpHttp] },
            { parent: this },
        );
        this.registerOutputs({});
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

    private scale(name: string, collectors: k8s.apps.v1.Deployment): void {
        const { namespace, config } = this.args;
        const { minReplicas, maxReplicas } = config.jaeger.collector;
        new k8s.autoscaling.v2.HorizontalPodAutoscaler(
            `${name}-collector-hpa`,
            {
                metadata: {
                    name: `${NAME}-collector`,
                    namespace,
                    labels: workloadLabels(NAME, "collector"),
                },
                spec: {
                    scaleTargetRef: {
                        apiVersion: "apps/v1",
                        kind: "Deployment",
                        name: collectors.metadata.name,
                    },
                    minReplicas,
                    maxReplicas,
                    metrics: [
                        {
                            type: "Resource",
                            resource: {
                                name: "cpu",
                                target: { type: "Utilization", averageUtilization: 70 },
                            },
                        },
                    ],
                },
            },
            { parent: this },
        );
    }

    private clean(name: string, references: Omit<PodReferences, "configMap">): void {
        const { namespace, elasticsearch, config } = this.args;
        const labels = workloadLabels(NAME, "index-cleaner");
        new k8s.batch.v1.CronJob(
            `${name}-index-cleaner`,
            {
                metadata: { name: `${NAME}-index-cleaner`, namespace, labels },
                spec: {
                    schedule: "55 23 * * *",
                    timeZone: "Etc/UTC",
                    concurrencyPolicy: "Forbid",
                    startingDeadlineSeconds: 3600,
                    jobTemplate: {
                        metadata: { labels },
                        spec: {
                            backoffLimit: 2,
                            activeDeadlineSeconds: 1800,
                            template: cleanerTemplate(
                                clusterUrl(elasticsearch.endpoint),
                                elasticsearch.users.jaeger.username,
                                config.retention.traces,
                                references,
                            ),
                        },
                    },
                },
            },
            { parent: this },
        );
    }
}
