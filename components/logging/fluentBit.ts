import * as pulumi from "@pulumi/pulumi";

import type { StackConfig } from "../config";
import { bytes } from "../common/quantity";
import { helmRelease, HelmValues } from "../common/helmRelease";
import { monitorService, Scraper } from "../common/monitors";
import { allowIngress, Workload } from "../common/wiring";
import { CHARTS } from "../versions";
import type { Elasticsearch } from "./elasticsearch";
import type { ElasticsearchSetup } from "./elasticsearchSetup";
import {
    CA_FOLDER,
    fluentBitConfig,
    PipelineConfig,
    STATE_FOLDER,
    USER_ENV,
} from "./fluentBitConfig";

const RELEASE = "fluent-bit";
const PORT = 2020;

export interface FluentBitArgs {
    readonly config: StackConfig;
    readonly namespace: pulumi.Input<string>;
    /** Namespace of the Redis operator, whose logs are a stream of their own. */
    readonly operatorNamespace: pulumi.Input<string>;
    readonly elasticsearch: Elasticsearch;
    /** Makes the streams, which Fluent Bit may not. */
    readonly setup: ElasticsearchSetup;
    readonly scraper: Scraper;
}

/**
 * Fluent Bit on every node: the logs of the Redis operator and of every Redis instance to Elasticsearch, buffered on
 * the node's disk. Leaves positions and chunks in /var/lib/fluent-bit of each node.
 */
export class FluentBit extends pulumi.ComponentResource {
    constructor(name: string, args: FluentBitArgs, opts?: pulumi.ComponentResourceOptions) {
        super("observability:index:FluentBit", name, {}, opts);
        const { config, namespace, elasticsearch, setup, scraper } = args;
        const workload: Workload = {
            namespace,
            podLabels: {
                "app.kubernetes.io/name": "fluent-bit",
                "app.kubernetes.io/instance": RELEASE,
            },
        };
        const { endpoint, users, caConfigMap } = elasticsearch;
        helmRelease(
            `${name}-release`,
            {
                release: RELEASE,
                chart: CHARTS.fluentBit,
                source: config.charts,
                namespace,
                values: pulumi
                    .all([
                        args.operatorNamespace,
                        pulumi.interpolate`${endpoint.service}.${endpoint.workload.namespace}.svc`,
                        users.fluentBit.secret,
                        caConfigMap,
                        elasticsearch.caFingerprint,
                    ])
                    .apply(([operatorNamespace, host, userSecret, caName, caFingerprint]) =>
                        fluentBitValues(
                            fluentBitConfig({
                                cluster: config.cluster.name,
                                environment: config.environment,
                                operatorNamespace,
                                redisNamespaces: redisNamespaces(config),
                                allContainers: config.fluentBit.allContainers,
                                bufferLimit: bufferLimit(config.fluentBit),
                                elasticsearch: { host, port: endpoint.servicePort },
                            }),
                            { userSecret, caConfigMap: caName, caFingerprint },
                        ),
                    ),
            },
            // Its health is that of its output: it cannot get ready before Elasticsearch does.
            { parent: this, dependsOn: [elasticsearch.resource, setup.job] },
        );
        allowIngress(
            `${name}-to-elasticsearch`,
            { from: [workload], to: [endpoint] },
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
                path: "/api/v2/metrics/prometheus",
                interval: "30s",
                timeout: "10s",
                environment: config.environment,
            },
            { parent: this },
        );
        this.registerOutputs({});
    }
}

/** Environment of every namespace with Redis instances: this stack's own, and its tenants'. */
export function redisNamespaces(
    config: Pick<StackConfig, "redis" | "environment" | "cluster">,
): Record<string, string> {
    const own = Object.keys(config.redis).map(
        (namespace) => [namespace, config.environment] as const,
    );
    return { ...Object.fromEntries(own), ...config.cluster.tenantNamespaces };
}

/** Fluent Bit's "M" is 10^6 bytes; the limit holds for each of the outputs, which share the disk. */
export function bufferLimit({ bufferSize, allContainers }: StackConfig["fluentBit"]): string {
    const outputs = allContainers ? 3 : 2;
    return `${Math.floor(bytes(bufferSize) / outputs / 1e6)}M`;
}

/** https://github.com/fluent/helm-charts/blob/main/charts/fluent-bit/values.yaml */
export function fluentBitValues(
    config: PipelineConfig,
    references: {
        readonly userSecret: string;
        readonly caConfigMap: string;
        readonly caFingerprint: string;
    },
): HelmValues {
    const fromSecret = (key: string) => ({
        valueFrom: { secretKeyRef: { name: references.userSecret, key } },
    });
    return {
        config,
        env: [
            { name: USER_ENV.username, ...fromSecret("username") },
            { name: USER_ENV.password, ...fromSecret("password") },
        ],
        podAnnotations: { "observability/ca": references.caFingerprint },
        // Every node, control plane and tainted ones included: Redis may run on any.
        tolerations: [{ operator: "Exists" }],
        priorityClassName: "system-node-critical",
        daemonSetVolumes: [{ name: "varlog", hostPath: { path: "/var/log" } }],
        daemonSetVolumeMounts: [{ name: "varlog", mountPath: "/var/log", readOnly: true }],
        extraVolumes: [
            { name: "state", hostPath: { path: STATE_FOLDER, type: "DirectoryOrCreate" } },
            { name: "elasticsearch-ca", configMap: { name: references.caConfigMap } },
        ],
        extraVolumeMounts: [
            { name: "state", mountPath: STATE_FOLDER },
            { name: "elasticsearch-ca", mountPath: CA_FOLDER, readOnly: true },
        ],
        resources: { requests: { cpu: "50m", memory: "96Mi" }, limits: { memory: "256Mi" } },
        securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ["ALL"] },
        },
        testFramework: { enabled: false },
    };
}
