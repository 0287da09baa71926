import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { mergedSpec } from "../kubernetes/customSpec";
import { PART_OF } from "../kubernetes/labels";
import { LINUX_NODES } from "../kubernetes/scheduling";
import { allowIngress, ServiceEndpoint, Workload } from "../kubernetes/wiring";
import { ELASTIC_STACK_VERSION } from "../versions";
import type { Elasticsearch } from "./elasticsearch";
import { ELASTICSEARCH, waitFor } from "./elasticsearchSpec";
import type { KibanaSettings } from "./kibanaSettings";
import type { LogFieldName } from "./logSchema";

const NAME = "kibana";
const PORT = 5601;

export interface KibanaArgs {
    readonly settings: KibanaSettings;
    /** Where people reach it from outside of the cluster, when they can. */
    readonly externalUrl: string | undefined;
    /** Wait in `pulumi up` until it is green. */
    readonly waitForReady: boolean;
    readonly namespace: pulumi.Input<string>;
    readonly elasticsearch: Elasticsearch;
}

/** Kibana through ECK, which makes its account on Elasticsearch. It keeps nothing outside Elasticsearch. */
export class Kibana extends pulumi.ComponentResource {
    public readonly endpoint: ServiceEndpoint;
    /** What the saved objects wait for. */
    public readonly resource: k8s.apiextensions.CustomResource;
    /** ECK's Secret with the `ca.crt` that clients trust. */
    public readonly certificateSecret = `${NAME}-kb-http-certs-public`;

    constructor(name: string, args: KibanaArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:Kibana", name, {}, opts);
        const { namespace, elasticsearch } = args;
        this.resource = new k8s.apiextensions.CustomResource(
            `${name}-kibana`,
            {
                apiVersion: "kibana.k8s.elastic.co/v1",
                kind: "Kibana",
                metadata: {
                    name: NAME,
                    namespace,
                    labels: PART_OF,
                    ...waitFor(args.waitForReady, "{.status.health}=green"),
                },
                spec: kibanaSpec(args.settings, args.externalUrl),
            },
            // It refers to Elasticsearch by name, from which no value flows.
            { parent: this, dependsOn: [elasticsearch.resource] },
        );
        const workload: Workload = {
            namespace,
            podLabels: { "kibana.k8s.elastic.co/name": NAME },
        };
        this.endpoint = {
            workload,
            port: PORT,
            service: `${NAME}-kb-http`,
            servicePort: PORT,
            scheme: "https",
        };
        allowIngress(
            "kibana-to-elasticsearch",
            { from: [workload], to: [elasticsearch.endpoint] },
            { parent: this },
        );
        this.registerOutputs({});
    }
}

/** https://www.elastic.co/docs/reference/cloud-on-k8s/api-docs#kibana */
export function kibanaSpec({ replicas, memory, spec = {} }: KibanaSettings, url?: string): object {
    const own = {
        version: ELASTIC_STACK_VERSION,
        count: replicas,
        elasticsearchRef: { name: ELASTICSEARCH },
        ...(url ? { config: { "server.publicBaseUrl": url } } : {}),
        podTemplate: {
            spec: {
                nodeSelector: LINUX_NODES,
                containers: [
                    {
                        name: "kibana",
                        resources: {
                            requests: { cpu: "200m", memory },
                            limits: { memory },
                        },
                    },
                ],
            },
        },
    };
    return mergedSpec(own, spec) as object;
}

/** Discover with the documents of a trace; `id` may be a variable of whoever shows the link. */
export function kibanaTraceUrl(kibana: string, id: string): string {
    const field: LogFieldName = "trace_id";
    return `${kibana}/app/discover#/?_a=(query:(language:kuery,query:'${field}:"${id}"'))`;
}
