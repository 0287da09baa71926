import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { workloadLabels } from "../kubernetes/labels";
import { monitorService, Scraper } from "../kubernetes/monitors";
import type { ServiceEndpoint, Workload } from "../kubernetes/wiring";
import { PORTS } from "./jaegerConfig";
import {
    NAME,
    podLabels,
    PodReferences,
    PodSettings,
    podTemplate,
    Role,
    servicePorts,
} from "./jaegerSpecs";

export interface JaegerWorkloadArgs {
    /** Label of its series. */
    readonly environment: string;
    /** Wait in `pulumi up` until its pods are ready. */
    readonly waitForReady: boolean;
    readonly namespace: pulumi.Input<string>;
    readonly role: Role;
    readonly pods: PodSettings;
    /** Pods; not given where an autoscaler decides. */
    readonly replicas?: number;
    readonly references: Omit<PodReferences, "configMap">;
    readonly scraper: Scraper;
    /** Elasticsearch where it is this stack's, without which it does not get ready. */
    readonly storage: readonly pulumi.Resource[];
}

/** Pods at least and at most. */
export interface ReplicaBounds {
    readonly minReplicas: number;
    readonly maxReplicas: number;
}

/** One role of Jaeger: configuration, Deployment, Service, disruption budget and monitor. */
export class JaegerWorkload extends pulumi.ComponentResource {
    private readonly deployment: k8s.apps.v1.Deployment;
    public readonly workload: Workload;
    private readonly name: string;
    private readonly args: JaegerWorkloadArgs;
    private readonly service: k8s.core.v1.Service;

    constructor(name: string, args: JaegerWorkloadArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:JaegerWorkload", name, {}, opts);
        this.name = name;
        this.args = args;
        const { waitForReady, namespace, role, pods, replicas } = args;
        const child = { parent: this };
        const physical = `${NAME}-${role}`;
        const metadata = { name: physical, namespace, labels: workloadLabels(NAME, role) };
        const selector = { matchLabels: podLabels(role) };
        this.workload = { namespace, podLabels: podLabels(role) };
        const configMap = new k8s.core.v1.ConfigMap(
            `${name}-config`,
            { metadata, data: { ...pods.files } },
            child,
        );
        const references = { ...args.references, configMap: configMap.metadata.name };
        this.deployment = new k8s.apps.v1.Deployment(
            `${name}-deployment`,
            {
                metadata: {
                    ...metadata,
                    ...(waitForReady ? {} : SKIP_AWAIT),
                },
                spec: {
                    ...(replicas === undefined ? {} : { replicas }),
                    selector,
                    template: podTemplate(role, pods, references),
                },
            },
            { parent: this, dependsOn: [...args.storage] },
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
        this.monitor(physical, "metrics", PORTS.metrics);
        this.registerOutputs({});
    }

    /** Lets the load decide how many pods there are. */
    scale({ minReplicas, maxReplicas }: ReplicaBounds): void {
        const { metadata } = this.deployment;
        new k8s.autoscaling.v2.HorizontalPodAutoscaler(
            `${this.name}-hpa`,
            {
                metadata: {
                    name: metadata.name,
                    namespace: this.args.namespace,
                    labels: workloadLabels(NAME, this.args.role),
                },
                spec: {
                    scaleTargetRef: {
                        apiVersion: "apps/v1",
                        kind: "Deployment",
                        name: metadata.name,
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

    /** Scrapes a port of its Service. */
    monitor(name: string, portName: string, port: number): void {
        const { scraper, role, environment } = this.args;
        monitorService(
            name,
            {
                scraper,
                target: { workload: this.workload, port },
                serviceSelector: { matchLabels: podLabels(role) },
                portName,
                interval: "30s",
                timeout: "10s",
                environment,
            },
            { parent: this },
        );
    }

    /** A port of the role's Service. */
    endpoint(port: number, scheme: ServiceEndpoint["scheme"] = "http"): ServiceEndpoint {
        const service = this.service.metadata.name;
        return { workload: this.workload, port, service, servicePort: port, scheme };
    }
}

const SKIP_AWAIT = { annotations: { "pulumi.com/skipAwait": "true" } };
