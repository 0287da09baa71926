import * as pulumi from "@pulumi/pulumi";

import type { BackupStore } from "../backup/backupStore";
import type { Scraper } from "../kubernetes/monitors";
import { address, clusterUrl, ServiceEndpoint, Workload } from "../kubernetes/wiring";
import { ELASTIC_USER_SECRET, Elasticsearch } from "../logging/elasticsearch";
import type { Kibana } from "../logging/kibana";
import type { KubePrometheusStack } from "../metrics/kubePrometheusStack";
import type { RedisNamespace } from "../redis/redisNamespace";
import type { Jaeger } from "../tracing/jaeger";
import { externalUrl } from "./ingress";
import type { IngressSettings, WebEndpointName } from "./ingressSettings";

/** The parts of the platform that have endpoints. */
export interface PlatformParts {
    readonly scraper: Scraper;
    readonly operator: { readonly workload: Workload };
    /** Undefined where another Prometheus is there, as the others where they are off. */
    readonly metrics: KubePrometheusStack | undefined;
    readonly elasticsearch: Elasticsearch | undefined;
    readonly kibana: Kibana | undefined;
    readonly jaeger: Jaeger | undefined;
}

/** The endpoints with a web page, by the name that the configuration gives their hosts. */
export function webEndpoints({ metrics, kibana, jaeger }: PlatformParts): WebEndpoints {
    return {
        grafana: metrics?.grafana,
        prometheus: metrics?.prometheus,
        alertmanager: metrics?.alertmanager,
        kibana: kibana?.endpoint,
        jaeger: jaeger?.query,
    };
}

/** Of parts that are off, undefined. */
export type WebEndpoints = Readonly<Record<WebEndpointName, ServiceEndpoint | undefined>>;

/** Where a port-forward of each listens. */
const LOCAL_PORTS: Readonly<Record<WebEndpointName, number>> = {
    grafana: 3000,
    prometheus: 9090,
    alertmanager: 9093,
    kibana: 5601,
    jaeger: 16686,
};

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
    parts: PlatformParts,
    ingress: IngressSettings,
    kubeContext: string,
): Record<string, unknown> {
    const { scraper, operator, metrics, elasticsearch, jaeger } = parts;
    const authority = elasticsearch?.authority ?? jaeger?.authority;
    const grafana = metrics?.grafana;
    const endpoints = webEndpoints(parts);
    const web = (Object.keys(endpoints) as WebEndpointName[]).flatMap((name) => {
        const endpoint = endpoints[name];
        const url = externalUrl(ingress, name);
        return endpoint
            ? [[name, endpointOutput(endpoint, LOCAL_PORTS[name], kubeContext, url)] as const]
            : [];
    });
    return {
        endpoints: {
            ...Object.fromEntries(web),
            ...(jaeger
                ? {
                      otlpGrpc: endpointOutput(jaeger.otlpGrpc, 4317, kubeContext),
                      otlpHttp: endpointOutput(jaeger.otlpHttp, 4318, kubeContext),
                      sampling: endpointOutput(jaeger.sampling, 5778, kubeContext),
                  }
                : {}),
            ...(elasticsearch
                ? { elasticsearch: endpointOutput(elasticsearch.endpoint, 9200, kubeContext) }
                : {}),
        },
        // What clients of Elasticsearch, and of OTLP over TLS, trust.
        ...(authority ? { caCertificate: authority.certificate } : {}),
        credentialSecrets: {
            ...(grafana
                ? { grafana: secretName(grafana.workload.namespace, grafana.adminSecret) }
                : {}),
            ...(elasticsearch ? elasticsearchSecrets(elasticsearch) : {}),
        },
        passwords: pulumi.secret({
            ...(grafana?.adminPassword ? { grafana: grafana.adminPassword } : {}),
            ...(elasticsearch ? { kibanaReader: elasticsearch.users.kibanaReader.password } : {}),
        }),
        wiring: {
            prometheus: workloadOutput(scraper.workload),
            redisOperator: workloadOutput(operator.workload),
        },
    };
}

function elasticsearchSecrets({ endpoint, users }: Elasticsearch): Record<string, unknown> {
    const { namespace } = endpoint.workload;
    return {
        kibanaReader: secretName(namespace, users.kibanaReader.secret),
        elasticsearchSuperuser: secretName(namespace, ELASTIC_USER_SECRET),
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
                Object.entries(connections).map(([instance, connection]) => {
                    const { address: at, secret, users, certificate } = connection;
                    const output = {
                        ...at,
                        ...(certificate
                            ? {
                                  tlsSecret: `${namespaceName}/${certificate.secret}`,
                                  ...(certificate.ca ? { caCertificate: certificate.ca } : {}),
                              }
                            : {}),
                        ...(Object.keys(users).length > 0 ? { users } : {}),
                        portForward: `${kubectl(kubeContext)} port-forward --namespace ${namespaceName} service/${at.service} ${at.port}:${at.port}`,
                        secret: secretName(namespaceName, secret),
                    };
                    return [instance, output];
                }),
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
                    Object.entries(connections).flatMap(([instance, { password }]) =>
                        password ? [[instance, password]] : [],
                    ),
                ),
            ]),
        ),
    );
}

/** The key of each namespace's repositories, by namespace: one output that is secret as a whole. */
export function backupPasswords(
    stores: readonly (BackupStore | undefined)[],
): pulumi.Output<unknown> {
    return pulumi.secret(
        Object.fromEntries(
            stores
                .filter((store) => store !== undefined)
                .map(({ namespaceName, password }) => [namespaceName, password]),
        ),
    );
}

/** The stack output of an endpoint; `external` is the URL of its Ingress. */
export function endpointOutput(
    endpoint: ServiceEndpoint,
    localPort: number,
    kubeContext: string,
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
