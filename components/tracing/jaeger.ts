import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";

import { CertificateAuthority, serviceNames } from "../kubernetes/certificateAuthority";
import { PART_OF } from "../kubernetes/labels";
import type { Scraper } from "../kubernetes/monitors";
import { allowIngress, clusterUrl, ServiceEndpoint } from "../kubernetes/wiring";
import type { ElasticsearchServer } from "../logging/elasticsearchServer";
import type { ElasticsearchSettings } from "../logging/elasticsearchSettings";
import { trustBundle } from "../logging/trustBundle";
import { collectorConfig, SAMPLING_FILE, samplingStrategies } from "./collectorConfig";
import { PORTS, StorageArgs, USERNAME_ENV } from "./jaegerConfig";
import {
    cleanerTemplate,
    cronJob,
    JobReferences,
    PodTemplate,
    serviceGraphTemplate,
} from "./jaegerJobs";
import { CONFIG_FILE, NAME, PodReferences, PodSettings } from "./jaegerSpecs";
import { JaegerWorkload } from "./jaegerWorkload";
import { kibanaLinks, queryConfig, UI_FILE, uiConfig } from "./queryConfig";
import type { JaegerSettings } from "./settings";

export interface JaegerArgs {
    readonly settings: JaegerSettings;
    readonly namespace: pulumi.Input<string>;
    readonly elasticsearch: ElasticsearchServer;
    /** Nodes of Elasticsearch, and the primary bytes of spans that it indexes per day, which size the indices. */
    readonly storage: Pick<ElasticsearchSettings, "nodes" | "dailyTraceVolume">;
    /** How long spans are kept: a duration of whole days. */
    readonly retention: string;
    /** On every span that does not carry them yet, and on the series of Jaeger. */
    readonly clusterName: string;
    readonly environment: string;
    /** Where people reach Kibana from outside of the cluster, when they can. */
    readonly kibanaExternalUrl: string | undefined;
    /** Wait in `pulumi up` until its pods are ready. */
    readonly waitForReady: boolean;
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
    /** Signs the certificate for OTLP over TLS; undefined without it, where Elasticsearch is somebody else's. */
    public readonly authority: CertificateAuthority | undefined;
    private readonly args: JaegerArgs;

    constructor(name: string, args: JaegerArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:Jaeger", name, {}, opts);
        this.args = args;
        const { settings, namespace, elasticsearch, prometheus, scraper } = args;
        this.authority =
            elasticsearch.authority ??
            (settings.otlpTls
                ? new CertificateAuthority(`${name}-ca`, { parent: this })
                : undefined);
        const references = this.credentials(name);
        const storage = elasticsearch.url.apply((url): StorageArgs => ({
            url,
            username: elasticsearch.users.jaeger.username ?? `\${env:${USERNAME_ENV}}`,
            nodes: args.storage.nodes,
            dailyVolume: args.storage.dailyTraceVolume,
            retention: args.retention,
        }));
        const common = {
            environment: args.environment,
            waitForReady: args.waitForReady,
            namespace,
            references,
            scraper,
            storage: elasticsearch.ready,
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
                replicas: settings.query.replicas,
                ...common,
            },
            { parent: this },
        );
        collector.scale(settings.collector);
        this.daily(name, references);

        const scheme = settings.otlpTls ? "https" : "http";
        this.otlpGrpc = collector.endpoint(PORTS.otlpGrpc, scheme);
        this.otlpHttp = collector.endpoint(PORTS.otlpHttp, scheme);
        this.sampling = collector.endpoint(PORTS.samplingHttp);
        this.query = query.endpoint(PORTS.queryHttp);
        if (elasticsearch.endpoint) {
            allowIngress(
                "jaeger-to-elasticsearch",
                {
                    from: [{ namespace, podLabels: { "app.kubernetes.io/name": NAME } }],
                    to: [elasticsearch.endpoint],
                },
                { parent: this },
            );
        }
        if (!prometheus.workload.foreign) {
            allowIngress(
                "jaeger-query-to-prometheus",
                { from: [query.workload], to: [prometheus] },
                { parent: this },
            );
        }
        // Applications of every namespace send spans, where nobody says which.
        allowIngress(
            "applications-to-jaeger-collector",
            {
                from:
                    settings.clientNamespaces.length > 0
                        ? settings.clientNamespaces.map((client) => ({
                              namespace: client,
                          }))
                        : ["anywhere"],
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
        const { settings, namespace, clusterName, environment } = this.args;
        const attributes = { cluster: clusterName, environment };
        const certificate = settings.otlpTls
            ? this.authority?.issue(
                  `${name}-otlp`,
                  {
                      namespace,
                      secretName: `${NAME}-otlp-tls`,
                      commonName: pulumi.interpolate`${NAME}-collector.${namespace}`,
                      dnsNames: serviceNames(`${NAME}-collector`, namespace),
                  },
                  { parent: this },
              )
            : undefined;
        return {
            files: {
                [CONFIG_FILE]: storage.apply((each) =>
                    stringify(collectorConfig(each, attributes, settings)),
                ),
                [SAMPLING_FILE]: JSON.stringify(
                    samplingStrategies(settings.sampling),
                    undefined,
                    2,
                ),
            },
            memory: settings.collector.memory,
            ...(certificate ? { tlsSecret: certificate.secret } : {}),
        };
    }

    private queryPods(storage: pulumi.Output<StorageArgs>): PodSettings {
        const { kibanaExternalUrl, prometheus } = this.args;
        return {
            files: {
                [CONFIG_FILE]: pulumi
                    .all([storage, clusterUrl(prometheus)])
                    .apply(([each, url]) => stringify(queryConfig(each, url))),
                [UI_FILE]: JSON.stringify(uiConfig(kibanaLinks(kibanaExternalUrl)), undefined, 2),
            },
            memory: "256Mi",
        };
    }

    /** Elasticsearch's password and CA, in the namespace of the pods that need them. */
    private credentials(name: string): Omit<PodReferences, "configMap"> {
        const { namespace, elasticsearch } = this.args;
        const child = { parent: this };
        const { username, password, secret } = elasticsearch.users.jaeger;
        const passwordSecret =
            password === undefined
                ? secret
                : new k8s.core.v1.Secret(
                      `${name}-elasticsearch-user`,
                      {
                          metadata: {
                              name: "jaeger-elasticsearch-user",
                              namespace,
                              labels: PART_OF,
                          },
                          stringData: { password },
                      },
                      child,
                  ).metadata.name;
        const trust = trustBundle(`${name}-trust`, namespace, elasticsearch.caCertificate, child);
        return {
            username,
            passwordSecret,
            caConfigMap: trust.metadata.name,
            caFingerprint: elasticsearch.caFingerprint,
        };
    }

    /** The jobs of each night: old indices are deleted after the day's service graph is computed. */
    private daily(name: string, references: JobReferences): void {
        const { namespace, elasticsearch, settings, retention } = this.args;
        const { url } = elasticsearch;
        const { serviceGraph } = settings;
        const job = (part: string, schedule: string, template: PodTemplate) =>
            new k8s.batch.v1.CronJob(
                `${name}-${part}`,
                cronJob(part, namespace, schedule, template),
                { parent: this },
            );
        job("index-cleaner", "55 23 * * *", cleanerTemplate(url, retention, references));
        if (serviceGraph) {
            job(
                "service-graph",
                "30 23 * * *",
                serviceGraphTemplate(url, serviceGraph.memory, references),
            );
        }
    }
}
