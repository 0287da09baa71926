import { z } from "zod";

import { UNREAD_EXPORTER_METRICS } from "../metrics/unreadExporterMetrics";
import { alerting } from "../alerting/settings";
import { backup, backupCredentials, backupPasswords } from "../backup/settings";
import { fluentBit } from "../logging/fluentBitSettings";
import { jaeger } from "../tracing/settings";
import { redisMetricPattern } from "../metrics/settings";
import { receiverSecrets } from "../alerting/routing/receiverSettings";
import { redisInstance, redisNamespace } from "../redis/settings";
import { duration, name, quantity } from "../settings/scalars";
import { slo } from "../alerting/slos/settings";
import { snapshots } from "../logging/snapshotSettings";

/** The shape of the configuration. Every key is described in docs/configuration.md and declared in Pulumi.yaml. */

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
        backups: duration,
    }),
    prometheus: z.strictObject({
        replicas: z.int().min(1),
        storageSize: quantity,
        memory: quantity,
        scrapeInterval: duration.default("30s"),
        /** Active series that the volume is sized for. */
        expectedSeries: z.int().min(1),
        /** Patterns of whole names of redis_exporter's metrics that are not stored. */
        dropRedisMetrics: z.array(redisMetricPattern).default([...UNREAD_EXPORTER_METRICS]),
    }),
    alertmanager: z.strictObject({ replicas: z.int().min(1), storageSize: quantity }),
    grafana: z.strictObject({ storageSize: quantity }),
    alerting,
    receiverSecrets,
    slos: z.record(name, slo).default({}),
    backup,
    backupCredentials,
    backupPasswords,
    redisOperator: z.strictObject({
        replicas: z.int().min(1),
        /** Namespaces to watch; empty: all. */
        watchNamespaces: z.array(name),
    }),
    redis: z.record(name, redisNamespace),
    elasticsearch: z.strictObject({
        nodes: z.int().min(1),
        storageSize: quantity,
        memory: quantity,
        /** Primary bytes indexed per day that the volumes are sized for. */
        dailyLogVolume: quantity,
        dailyTraceVolume: quantity,
        snapshots: snapshots.default({ type: "none" }),
    }),
    /** By the keys of SNAPSHOT_CREDENTIALS. */
    snapshotCredentials: z.record(z.string(), z.string().min(1)).default({}),
    kibana: z.strictObject({ replicas: z.int().min(1), memory: quantity }),
    fluentBit,
    jaeger,
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
export type WebEndpointName = z.output<typeof webEndpoint>;
