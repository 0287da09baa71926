import * as pulumi from "@pulumi/pulumi";

import type { Backup } from "../backup/backup";
import type { Scraper } from "../kubernetes/monitors";
import { address, clusterUrl, ServiceEndpoint, Workload } from "../kubernetes/wiring";
import type { StackConfig } from "./config";
import { externalUrl } from "./externalUrl";
import type { WebEndpointName } from "./schema";
import type { Elasticsearch } from "../logging/elasticsearch";
import { ELASTIC_USER_SECRET } from "../logging/elasticsearch";
import type { Kibana } from "../logging/kibana";
import type { KubePrometheusStack } from "../metrics/kubePrometheusStack";
import type { RedisNamespace } from "../redis/redisNamespace";
import type { RedisOperator } from "../redis/redisOperator";
import type { Jaeger } from "../tracing/jaeger";

/** What Redis namespaces need of the platform, whether this stack installed it or another one. */
export interface Platform {
    readonly scraper: Scraper;
    readonly operator: { readonly workload: Workload; readonly ready: readonly pulumi.Resource[] };
    readonly outputs: Readonly<Record<string, unknown>>;
    /** Where its backups go; not with a tenant, or without backups. */
    readonly backups?: Backup | undefined;
}

/** The parts of the platform that have endpoints. */
export interface PlatformParts {
    readonly metrics: KubePrometheusStack;
    readonly operator: RedisOperator;
    readonly elasticsearch: Elasticsearch;
    readonly kibana: Kibana;
    readonly jaeger: Jaeger;
}

interface WebEndpoint {
    readonly endpoint: ServiceEndpoint;
    /** Where the port-forward listens. */
    readonly localPort: number;
}

/** The endpoints with a web page, by the name that the configuration gives their hosts. */
export function webEndpoints(parts: PlatformParts): Record<WebEndpointName, WebEndpoint> {
    const { metrics, kibana, jaeger } = parts;
    return {
        grafana: { endpoint: metrics.grafana, localPort: 3000 },
        prometheus: { endpoint: metrics.prometheus, localPort: 9090 },
        alertmanager: { endpoint: metrics.alertmanager, localPort: 9093 },
        kibana: { endpoint: kibana.endpoint, localPort: 5601 },
        jaeger: { endpoint: jaeger.query, localPort: 16686 },
    };
}

/** How to reach something: in the cluster, from outside when it has an Ingress, otherwise through kubectl. */
export interface EndpointOutput {
    readonly url: pulumi.Output<string>;
    readonly host: pulumi.Output<string>;
    readonly port: number;
    readonly externalUrl?: string;
    readonly portForward?: pulumi.Output<string>;
}

/** Stack outputs of the platform: endpoints, names of the Secrets with credentials, passwords as secrets. */
export function platformOutputs(
    config: StackConfig,
    parts: PlatformParts,
): Record<string, unknown> {
    const { metrics, operator, elasticsearch, jaeger } = parts;
    const { users } = elasticsearch;
    const web = Object.entries(webEndpoints(parts)).map(([name, { endpoint, localPort }]) => {
        const url = externalUrl(config.ingress, name as WebEndpointName);
        return [name, endpointOutput(endpoint, localPort, config, url)] as const;
    });
    const monitoring = metrics.grafana.workload.namespace;
    const logging = elasticsearch.endpoint.workload.namespace;
    return {
        endpoints: {
            ...Object.fromEntries(web),
            otlpGrpc: endpointOutput(jaeger.otlpGrpc, 4317, config),
            otlpHttp: endpointOutput(jaeger.otlpHttp, 4318, config),
            sampling: endpointOutput(jaeger.sampling, 5778, config),
            elasticsearch: endpointOutput(elasticsearch.endpoint, 9200, config),
        },
        // What clients of Elasticsearch, and of OTLP over TLS, trust.
        caCertificate: elasticsearch.caCertificate,
        credentialSecrets: {
            grafana: secretName(monitoring, metrics.grafanaAdminSecret),
            kibanaReader: secretName(logging, users.kibanaReader.secret),
            elasticsearchSuperuser: secretName(logging, ELASTIC_USER_SECRET),
        },
        passwords: pulumi.secret({
            grafana: metrics.grafanaAdminPassword,
            kibanaReader: users.kibanaReader.password,
        }),
        wiring: {
            prometheus: workloadOutput(metrics.scraper.workload),
            redisOperator: workloadOutput(operator.workload),
        },
    };
}

/** Stack outputs of the Redis instances, by namespace and name. */
export function redisOutputs(
    namespaces: readonly RedisNamespace[],
    kubeContext: string,
): Record<string, unknown> {
    return Object.fromEntries(
        namespaces.map(({ namespaceName, connections }) => [
            namespaceName,
            Object.fromEntries(
                Object.entries(connections).map(([instance, { address: at, secret }]) => [
                    instance,
                    {
                        ...at,
                        portForward: `${kubectl(kubeContext)} port-forward --namespace ${namespaceName} service/${at.service} ${at.port}:${at.port}`,
                        secret: secretName(namespaceName, secret),
                    },
                ]),
            ),
        ]),
    );
}

/** Passwords of the Redis instances, by namespace and name: one output that is secret as a whole. */
export function redisPasswords(namespaces: readonly RedisNamespace[]): pulumi.Output<unknown> {
    return pulumi.secret(
        Object.fromEntries(
            namespaces.map(({ namespaceName, connections }) => [
                namespaceName,
                Object.fromEntries(
                    Object.entries(connections).map(([instance, { password }]) => [
                        instance,
                        password,
                    ]),
                ),
            ]),
        ),
    );
}

/** The stack output of an endpoint; `external` is the URL of its Ingress. */
export function endpointOutput(
    endpoint: ServiceEndpoint,
    localPort: number,
    { kubeContext }: Pick<StackConfig, "kubeContext">,
    external?: string,
): EndpointOutput {
    const { service, servicePort, workload } = endpoint;
    return {
        url: clusterUrl(endpoint),
        host: address(endpoint).apply((text) => text.slice(0, text.lastIndexOf(":"))),
        port: servicePort,
        ...(external
            ? { externalUrl: external }
            : {
                  portForward: pulumi.interpolate`${kubectl(kubeContext)} port-forward --namespace ${workload.namespace} service/${service} ${localPort}:${servicePort}`,
              }),
    };
}

/** `kubectl` for the stack's own context. */
export function kubectl(kubeContext: string): string {
    return kubeContext === "" ? "kubectl" : `kubectl --context ${kubeContext}`;
}

/** What a tenant needs of the stack that owns its cluster: the output `wiring`. */
export interface PlatformWiring {
    readonly prometheus: WorkloadOutput;
    readonly redisOperator: WorkloadOutput;
}

interface WorkloadOutput {
    readonly namespace: string;
    readonly podLabels: Readonly<Record<string, string>>;
}

function workloadOutput(workload: Workload): pulumi.Output<WorkloadOutput> {
    return pulumi
        .all([workload.namespace, workload.podLabels ?? {}])
        .apply(([namespace, podLabels]) => ({ namespace, podLabels }));
}

function secretName(
    namespace: pulumi.Input<string>,
    name: pulumi.Input<string>,
): pulumi.Output<string> {
    return pulumi.interpolate`${namespace}/${name}`;
}
