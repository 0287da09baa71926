import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { StackConfig } from "../config";
import { workloadLabels } from "../common/labels";
import { monitorService, Scraper } from "../common/monitors";
import type { ServiceEndpoint, Workload } from "../common/wiring";
import { PORTS } from "./jaegerConfig";
import { NAME, podLabels, PodReferences, podTemplate, Role, servicePorts } from "./jaegerSpecs";

export interface JaegerWorkloadArgs {
    readonly config: StackConfig;
    readonly namespace: pulumi.Input<string>;
    readonly role: Role;
    /** Jaeger's configuration, as YAML. */
    readonly configuration: pulumi.Input<string>;
    /** Request and limit. */
    readonly memory: string;
    /** Pods; not given where an autoscaler decides. */
    readonly replicas?: number;
    readonly references: Omit<PodReferences, "configMap">;
    readonly scraper: Scraper;
    /** Elasticsearch, without which it does not get ready. */
    readonly storage: pulumi.Resource;
}

/** One role of Jaeger: configuration, Deployment, Service, disruption budget and monitor. */
export class JaegerWorkload extends pulumi.ComponentResource {
    public readonly deployment: k8s.apps.v1.Deployment;
    private readonly workload: Workload;
    private readonly service: k8s.core.v1.Service;

    constructor(name: string, args: JaegerWorkloadArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:JaegerWorkload", name, {}, opts);
        const { config, namespace, role, replicas, scraper } = args;
        const child = { parent: this };
        const physical = `${NAME}-${role}`;
        const metadata = { name: physical, namespace, labels: workloadLabels(NAME, role) };
        const selector = { matchLabels: podLabels(role) };
        this.workload = { namespace, podLabels: podLabels(role) };
        const configMap = new k8s.core.v1.ConfigMap(
            `${name}-config`,
            { metadata, data: { "config.yaml": args.configuration } },
            child,
        );
        const references = { ...args.references, configMap: configMap.metadata.name };
        this.deployment = new k8s.apps.v1.Deployment(
            `${name}-deployment`,
            {
                metadata: {
                    ...metadata,
                    ...(config.cluster.waitForReady ? {} : SKIP_AWAIT),
                },
                spec: {
                    ...(replicas === undefined ? {} : { replicas }),
                    selector,
                    template: podTemplate(role, args.configuration, references, args.memory),
                },
            },
            { parent: this, dependsOn: [args.storage] },
        );
        this.service = new k8s.core.v1.Service(
            `${name}-service`,
            {
                // The wait for its pods is the Deployment's.
                metadata: { ...metadata, ...SKIP_AWAIT },
                spec: { selector: podLabels(role), ports: servicePorts(role) },
            },
            child,
        );
        new k8s.policy.v1.PodDisruptionBudget(
            `${name}-pdb`,
            { metadata, spec: { maxUnavailable: 1, selector } },
            child,
        );
        monitorService(
            physical,
            {
                scraper,
                target: { workload: this.workload, port: PORTS.metrics },
                serviceSelector: selector,
                portName: "metrics",
                interval: "30s",
                timeout: "10s",
                environment: config.environment,
            },
            child,
        );
        this.registerOutputs({});
    }

    /** A port of the role's Service. */
    endpoint(port: number): ServiceEndpoint {
        const service = this.service.metadata.name;
        return { workload: this.workload, port, service, servicePort: port, scheme: "http" };
    }
}

const SKIP_AWAIT = { annotations: { "pulumi.com/skipAwait": "true" } };
