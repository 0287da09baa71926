import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";

import type { StackConfig } from "../config";
import { PART_OF, workloadLabels } from "../common/labels";
import { monitorService, Scraper } from "../common/monitors";
import { allowIngress, clusterUrl, ServiceEndpoint, Workload } from "../common/wiring";
import { trustBundle } from "../logging/certificateAuthority";
import type { Elasticsearch } from "../logging/elasticsearch";
import { collectorConfig, PORTS, queryConfig, StorageArgs } from "./jaegerConfig";
import {
    cleanerTemplate,
    NAME,
    podLabels,
    PodReferences,
    podTemplate,
    Role,
    servicePorts,
} from "./jaegerSpecs";

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
    private readonly references: Omit<PodReferences, "configMap">;

    constructor(name: string, args: JaegerArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:Jaeger", name, {}, opts);
        this.args = args;
        const { config, namespace, elasticsearch } = args;
        this.references = this.credentials(name);
        const storage = clusterUrl(elasticsearch.endpoint).apply((url): StorageArgs => ({
            url,
            username: elasticsearch.users.jaeger.username,
            nodes: config.elasticsearch.nodes,
            retention: config.retention.traces,
        }));
        const attributes = { cluster: config.cluster.name, environment: config.environment };
        const { collector, query } = config.jaeger;
        const collectors = this.deploy(
            name,
            "collector",
            storage.apply((each) => stringify(collectorConfig(each, attributes))),
            { memory: collector.memory },
        );
        this.scale(name, collectors);
        this.deploy(
            name,
            "query",
            storage.apply((each) => stringify(queryConfig(each))),
            { memory: "256Mi", replicas: query.replicas },
        );
        this.clean(name);

        this.otlpGrpc = this.endpoint("collector", PORTS.otlpGrpc, "http");
        this.otlpHttp = this.endpoint("collector", PORTS.otlpHttp, "http");
        this.query = this.endpoint("query", PORTS.queryHttp, "http");
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

    private workload(role: Role): Workload {
        return { namespace: this.args.namespace, podLabels: podLabels(role) };
    }

    private endpoint(role: Role, port: number, scheme: ServiceEndpoint["scheme"]): ServiceEndpoint {
        return {
            workload: this.workload(role),
            port,
            service: `${NAME}-${role}`,
            servicePort: port,
            scheme,
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

    /** A role's configuration, Deployment, Service, disruption budget and monitor. */
    private deploy(
        name: string,
        role: Role,
        config: pulumi.Output<string>,
        size: { readonly memory: string; readonly replicas?: number },
    ): k8s.apps.v1.Deployment {
        const { namespace, scraper } = this.args;
        const child = { parent: this };
        const physical = `${NAME}-${role}`;
        const metadata = { name: physical, namespace, labels: workloadLabels(NAME, role) };
        const selector = { matchLabels: podLabels(role) };
        const configMap = new k8s.core.v1.ConfigMap(
            `${name}-${role}-config`,
            { metadata, data: { "config.yaml": config } },
            child,
        );
        const references = { ...this.references, configMap: configMap.metadata.name };
        const deployment = new k8s.apps.v1.Deployment(
            `${name}-${role}-deployment`,
            {
                metadata: {
                    ...metadata,
                    // It cannot get ready before Elasticsearch does.
                    ...(this.args.config.cluster.waitForReady
                        ? {}
                        : { annotations: { "pulumi.com/skipAwait": "true" } }),
                },
                spec: {
                    ...(size.replicas === undefined ? {} : { replicas: size.replicas }),
                    selector,
                    template: podTemplate(role, config, references, size.memory),
                },
            },
            { parent: this, dependsOn: [this.args.elasticsearch.resource] },
        );
        const service = new k8s.core.v1.Service(
            `${name}-${role}-service`,
            {
                metadata: { ...metadata, annotations: { "pulumi.com/skipAwait": "true" } },
                spec: { selector: podLabels(role), ports: servicePorts(role) },
            },
            child,
        );
        new k8s.policy.v1.PodDisruptionBudget(
            `${name}-${role}-pdb`,
            { metadata, spec: { maxUnavailable: 1, selector } },
            child,
        );
        monitorService(
            physical,
            {
                scraper,
                target: { workload: this.workload(role), port: PORTS.metrics },
                serviceSelector: selector,
                portName: "metrics",
                interval: "30s",
                timeout: "10s",
                environment: this.args.config.environment,
            },
            { parent: this, dependsOn: [service] },
        );
        return deployment;
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

    private clean(name: string): void {
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
                                this.references,
                            ),
                        },
                    },
                },
            },
            { parent: this },
        );
    }
}
