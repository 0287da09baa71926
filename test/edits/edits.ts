/** A change that a user makes to a stack file on the first days: keys to set and to remove, by their path. */
export interface Edit {
    readonly stack: "staging" | "prod";
    readonly set?: Readonly<Record<string, unknown>>;
    readonly remove?: readonly string[];
}

const SECURE = { secure: "AAABAHRlc3Q6Y2lwaGVydGV4dA==" };
const SMALL = { memory: "256Mi", storageSize: "1Gi" };

/** What the documents say can be edited, by what the user wants. */
export const EDITS: Readonly<Record<string, Edit>> = {
    "an ingress in staging only": {
        stack: "staging",
        set: {
            ingress: {
                enabled: true,
                className: "nginx",
                controllerNamespace: "ingress-nginx",
                tlsSecretName: "tls",
                hosts: { grafana: "grafana.staging.example.com" },
            },
        },
    },
    "backups to a bucket": {
        stack: "prod",
        set: {
            "backup.repository": {
                type: "s3",
                endpoint: "https://s3.example.com",
                bucket: "backups",
            },
            "backupCredentials.accessKeyId": SECURE,
            "backupCredentials.secretAccessKey": SECURE,
        },
    },
    "no backups": {
        stack: "staging",
        remove: ["backup.repository", "redis.staging.instances.redis-replication.backup"],
    },
    "one objective less": { stack: "prod", remove: ["slos.trace-delivery"] },
    "no objectives": { stack: "staging", set: { slos: {} } },
    "another objective": { stack: "prod", set: { "slos.redis-commands.objective": 99.5 } },
    "traces for 14 days in staging": { stack: "staging", set: { "retention.traces": "14d" } },
    "traces for 14 days in prod": { stack: "prod", set: { "retention.traces": "14d" } },
    "metrics for 20 days": { stack: "staging", set: { "retention.metrics": "20d" } },
    "a namespace of Redis with another name": {
        stack: "staging",
        set: { redis: { shop: { instances: { sessions: { mode: "standalone", ...SMALL } } } } },
    },
    "another environment": { stack: "staging", set: { environment: "qa" } },
    "more replicas in staging than in prod": {
        stack: "staging",
        set: {
            "prometheus.replicas": 3,
            "alertmanager.replicas": 5,
            "kibana.replicas": 3,
            "redisOperator.replicas": 3,
        },
    },
    "fewer replicas in prod": {
        stack: "prod",
        set: { "prometheus.replicas": 1, "kibana.replicas": 1, "redisOperator.replicas": 1 },
    },
    "the instance that the README adds": {
        stack: "staging",
        set: {
            "redis.staging.instances.sessions": { mode: "sentinel", replicas: 3, ...SMALL },
        },
    },
    "an instance in mode cluster": {
        stack: "prod",
        set: { "redis.prod.instances.shards": { mode: "cluster", shards: 3, ...SMALL } },
    },
    "a second namespace of Redis with its own team": {
        stack: "prod",
        set: {
            "redis.carts": {
                team: "shop",
                clientNamespaces: ["web"],
                instances: { carts: { mode: "replication", replicas: 2, ...SMALL } },
            },
        },
    },
    "more memory for Redis": {
        stack: "prod",
        set: {
            "redis.prod.instances.redis-replication.memory": "4Gi",
            "redis.prod.instances.redis-replication.storageSize": "20Gi",
            "backup.repository.storageSize": "120Gi",
        },
    },
    "what `pulumi config set` writes as the README says": {
        stack: "staging",
        set: {
            kubeContext: "my-staging",
            "alerting.runbookBaseUrl": "https://git.example.com/observability/docs/runbooks",
            receiverSecrets: { chat: SECURE },
        },
    },
    "all that prod asks for": {
        stack: "prod",
        set: {
            kubeContext: "my-prod",
            "alerting.runbookBaseUrl": "https://git.example.com/observability/docs/runbooks",
            receiverSecrets: { pager: SECURE, chat: SECURE, heartbeat: SECURE },
            "elasticsearch.snapshots.bucket": "snapshots",
            snapshotCredentials: { accessKey: SECURE, secretKey: SECURE },
        },
    },
    "another channel": {
        stack: "staging",
        set: { "alerting.receivers.chat.channel": "#team-cache" },
    },
    "a receiver by email": {
        stack: "staging",
        set: {
            "alerting.receivers.mail": {
                type: "email",
                to: "cache@example.com",
                from: "alerts@example.com",
                smarthost: "smtp.example.com:587",
                username: "alerts",
            },
            "alerting.routes.mails": { severities: ["critical"], receivers: ["mail"] },
        },
    },
    "nobody to tell": {
        stack: "staging",
        set: { "alerting.receivers": {}, "alerting.routes": {} },
    },
    "nights without messages": {
        stack: "staging",
        set: {
            "alerting.routes": {
                pages: { severities: ["critical"], receivers: ["chat"] },
                messages: { severities: ["warning"], receivers: ["chat"], muteTimes: ["nights"] },
            },
            "alerting.muteTimes": {
                nights: { timeZone: "Europe/Berlin", periods: [{ to: "09:00" }] },
            },
        },
    },
    "an alert off and another threshold": {
        stack: "prod",
        set: {
            "alerting.rules": {
                HighCPUUsage: { enabled: false },
                RedisHighMemoryUsage: { share: 0.8, for: "10m" },
            },
        },
    },
    "another owner of the alerts": { stack: "prod", set: { "alerting.team": "sre" } },
    "a StorageClass": { stack: "prod", set: { storageClass: "fast" } },
    "charts of a mirror": {
        stack: "prod",
        set: { "charts.source": "oci://registry.example.com/charts" },
    },
    "a control plane of its own": {
        stack: "prod",
        set: { "cluster.controlPlane": "selfHosted" },
    },
    "logs of all containers": {
        stack: "prod",
        set: { "fluentBit.streams.containers": { hourlyVolume: "1Mi" } },
    },
    "three nodes of Elasticsearch in staging": {
        stack: "staging",
        set: { "elasticsearch.nodes": 3 },
    },
    "no service graph, and less sampling": {
        stack: "staging",
        remove: ["jaeger.serviceGraph"],
        set: { "jaeger.sampling": { defaultProbability: 0.1, services: { cart: 1 } } },
    },
    "spans over TLS, and more collectors": {
        stack: "prod",
        set: { "jaeger.otlpTls": true, "jaeger.collector.maxReplicas": 10 },
    },
    "all metrics of the exporters": {
        stack: "prod",
        set: { "prometheus.dropRedisMetrics": [] },
    },
    "staging protected like prod": {
        stack: "staging",
        set: { dataProtection: { protect: true, keepVolumes: true } },
    },
    "prod open to be taken down": { stack: "prod", set: { "dataProtection.protect": false } },
    "a tenant in prod's cluster": {
        stack: "prod",
        set: {
            "cluster.tenantNamespaces": { staging: "staging" },
            "alerting.routes.staging": {
                severities: ["critical", "warning"],
                environments: ["staging"],
                receivers: ["chat"],
            },
        },
    },
    "staging as the tenant of prod": {
        stack: "staging",
        set: {
            cluster: {
                name: "prod",
                role: "tenant",
                ownerStack: "organization/observability/prod",
                controlPlane: "managed",
            },
        },
        remove: ["backup.repository", "redis.staging.instances.redis-replication.backup"],
    },
};
