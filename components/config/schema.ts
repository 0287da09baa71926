import { z } from "zod";

import { parseDuration } from "../common/duration";
import { SEVERITIES } from "../common/prometheusRule";
import { parseQuantity } from "../common/quantity";

/** The shape of the configuration. Every key is described in docs/configuration.md and declared in Pulumi.yaml. */

const quantity = z.string().refine((text) => (parseQuantity(text) ?? 0) > 0, {
    error: "allowed: a Kubernetes quantity such as 500m, 256Mi or 10Gi",
});
const duration = z.string().refine((text) => parseDuration(text) !== undefined, {
    error: "allowed: a whole number and a unit of s, m, h, d or w, such as 30s or 7d",
});
const name = z.string().regex(/^[a-z]([-a-z0-9]{0,38}[a-z0-9])?$/, {
    error: "allowed: 1 to 40 of a-z, 0-9 and '-', starting with a letter, not ending with '-'",
});
const url = z.url({ protocol: /^https?$/, error: "allowed: an http or https URL" });
const atLeast = (minimum: number, why: string) =>
    z.int().min(minimum, { error: `allowed: ${minimum} or more, because ${why}` });

const redisCommon = {
    /** Memory limit and request of each Redis container. */
    memory: quantity,
    cpu: quantity.default("100m"),
    /** Size of each Redis pod's volume. */
    storageSize: quantity,
    maxMemoryPercentOfLimit: z.int().min(1).max(100).default(75),
    scrapeInterval: duration.default("30s"),
    scrapeTimeout: duration.default("10s"),
};

const redisInstance = z.discriminatedUnion("mode", [
    z.strictObject({ mode: z.literal("standalone"), ...redisCommon }),
    z.strictObject({
        mode: z.literal("replication"),
        /** Redis pods, master included. */
        replicas: atLeast(2, "replication needs a master and a replica"),
        ...redisCommon,
    }),
    z.strictObject({
        mode: z.literal("sentinel"),
        replicas: atLeast(3, "Sentinel must find a replica again after a failover"),
        sentinels: atLeast(
            3,
            "a quorum of fewer Sentinels does not survive the loss of one",
        ).default(3),
        /** Sentinels that must agree that the master is down. */
        quorum: atLeast(2, "one Sentinel alone must not fail over").default(2),
        ...redisCommon,
    }),
    z.strictObject({
        mode: z.literal("cluster"),
        /** Leaders; each gets one follower. */
        shards: atLeast(3, "Redis Cluster needs a majority of leaders"),
        ...redisCommon,
    }),
]);

const severity = z.enum(SEVERITIES);
const routed = {
    severities: z.array(severity).min(1),
    /** Environments whose alerts it gets; when not given, the stack's own. An owner's tenants have others. */
    environments: z.array(name).min(1).optional(),
};
const receiver = z.discriminatedUnion("type", [
    z.strictObject({ type: z.literal("slack"), channel: z.string().min(1), ...routed }),
    z.strictObject({ type: z.literal("pagerduty"), ...routed }),
    z.strictObject({ type: z.literal("webhook"), ...routed }),
    z.strictObject({
        type: z.literal("email"),
        to: z.email(),
        from: z.email(),
        smarthost: z.string().regex(/^[^:\s]+:\d+$/, { error: "allowed: HOST:PORT" }),
        username: z.string().min(1),
        ...routed,
    }),
    /** A dead man's switch: gets the always-firing Watchdog and reports when it stops. */
    z.strictObject({ type: z.literal("heartbeat"), interval: duration.default("1m") }),
]);

const webEndpoint = z.enum(["grafana", "prometheus", "alertmanager", "kibana", "jaeger"]);

export const schema = z.strictObject({
    environment: name,
    kubeContext: z.string().default(""),
    cluster: z.strictObject({
        name,
        role: z.enum(["owner", "tenant"]),
        ownerStack: z.string().default(""),
        /** Environment of each namespace that a tenant stack of this cluster declares. */
        tenantNamespaces: z.record(name, name).default({}),
        controlPlane: z.enum(["managed", "selfHosted"]),
        waitForReady: z.boolean().default(true),
    }),
    dataProtection: z.strictObject({
        /** Refuse to delete what holds data. */
        protect: z.boolean(),
        /** Leave the namespaces with volumes when the stack is destroyed. */
        keepVolumes: z.boolean(),
        /** Take over objects that are there already, such as namespaces that an earlier stack left. */
        adoptExisting: z.boolean().default(false),
    }),
    charts: z.strictObject({ source: z.string().min(1) }),
    storageClass: z.string(),
    retention: z.strictObject({
        metrics: duration,
        logs: duration,
        traces: duration,
    }),
    prometheus: z.strictObject({
        replicas: z.int().min(1),
        storageSize: quantity,
        memory: quantity,
        scrapeInterval: duration.default("30s"),
        /** Active series that the volume is sized for. */
        expectedSeries: z.int().min(1),
    }),
    alertmanager: z.strictObject({ replicas: z.int().min(1), storageSize: quantity }),
    grafana: z.strictObject({ storageSize: quantity }),
    alerting: z.strictObject({
        /** Where docs/runbooks of this repository can be read. */
        runbookBaseUrl: z.union([z.literal(""), url]),
        receivers: z.record(name, receiver),
    }),
    receiverSecrets: z.record(name, z.string().min(1)).default({}),
    redisOperator: z.strictObject({
        replicas: z.int().min(1),
        /** Namespaces to watch; empty: all. */
        watchNamespaces: z.array(name),
    }),
    redis: z.record(
        name,
        z.strictObject({
            /** Namespaces whose pods may connect to Redis, beside the namespace itself. */
            clientNamespaces: z.array(name).default([]),
            instances: z.record(name, redisInstance),
        }),
    ),
    elasticsearch: z.strictObject({
        nodes: z.int().min(1),
        storageSize: quantity,
        memory: quantity,
        /** Primary bytes indexed per day that the volumes are sized for. */
        dailyLogVolume: quantity,
        dailyTraceVolume: quantity,
    }),
    kibana: z.strictObject({ replicas: z.int().min(1), memory: quantity }),
    fluentBit: z.strictObject({
        allContainers: z.boolean(),
        /** Disk per node for what Elasticsearch cannot take yet. */
        bufferSize: quantity,
    }),
    jaeger: z.strictObject({
        collector: z.strictObject({
            minReplicas: z.int().min(1),
            maxReplicas: z.int().min(1),
            memory: quantity,
        }),
        query: z.strictObject({ replicas: z.int().min(1) }),
    }),
    ingress: z.strictObject({
        enabled: z.boolean(),
        className: z.string().default(""),
        /** Namespace of the ingress controller, which the NetworkPolicies let in. */
        controllerNamespace: z.string().default(""),
        tlsSecretName: z.string().default(""),
        /** Annotations of the Ingress of an endpoint. */
        annotations: z.partialRecord(webEndpoint, z.record(z.string(), z.string())).default({}),
        hosts: z.partialRecord(webEndpoint, z.string()).default({}),
    }),
});

export type Settings = z.output<typeof schema>;
export type RedisInstanceSettings = z.output<typeof redisInstance>;
export type ReceiverSettings = z.output<typeof receiver>;
export type WebEndpointName = z.output<typeof webEndpoint>;
