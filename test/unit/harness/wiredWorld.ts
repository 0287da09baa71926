import type { LiveObject } from "../../../lab/cluster/kubeClient";

function object(
    apiVersion: string,
    kind: string,
    name: string,
    fields: object,
    labels: Record<string, string> = {},
    namespace = "prod",
): LiveObject {
    return { apiVersion, kind, metadata: { name, namespace, labels }, ...fields };
}

const PROMETHEUS = { "app.kubernetes.io/name": "prometheus" };
/** Labels of the one Service that a monitor may select. */
export const METRICS = { app: "cache", "app.kubernetes.io/component": "metrics" };
const exporterPort = { name: "redis-exporter", containerPort: 9121 };
const password = { secretKeyRef: { name: "cache-auth", key: "password" } };

/** A Redis as the operator makes it, with what scrapes, scales and lets in: everything is right. */
export const WIRED_WORLD: readonly LiveObject[] = [
    ...["prod", "monitoring"].map((name) =>
        object(
            "v1",
            "Namespace",
            name,
            {},
            {
                "app.kubernetes.io/part-of": "observability",
                "kubernetes.io/metadata.name": name,
            },
        ),
    ),
    object("v1", "Pod", "prometheus-0", { spec: { containers: [] } }, PROMETHEUS, "monitoring"),
    object(
        "v1",
        "Pod",
        "cache-0",
        {
            spec: {
                containers: [
                    { name: "cache", env: [{ name: "REDIS_PASSWORD", valueFrom: password }] },
                    { name: "redis-exporter", ports: [exporterPort] },
                ],
                imagePullSecrets: [{ name: "registry" }],
                volumes: [
                    {
                        name: "tls",
                        secret: {
                            secretName: "cache-tls",
                            items: [{ key: "tls.crt", path: "tls.crt" }],
                        },
                    },
                    { name: "data", persistentVolumeClaim: { claimName: "cache-data" } },
                ],
            },
        },
        { app: "cache" },
    ),
    object(
        "v1",
        "Service",
        "cache",
        {
            spec: {
                selector: { app: "cache" },
                ports: [{ name: "redis-client", port: 6379, targetPort: 6379 }],
            },
        },
        { app: "cache" },
    ),
    object(
        "v1",
        "Service",
        "cache-metrics",
        {
            spec: {
                selector: { app: "cache" },
                ports: [{ name: "redis-exporter", port: 9121, targetPort: "redis-exporter" }],
            },
        },
        METRICS,
    ),
    object("monitoring.coreos.com/v1", "ServiceMonitor", "cache", {
        spec: {
            namespaceSelector: { matchNames: ["prod"] },
            selector: {
                matchLabels: { app: "cache" },
                matchExpressions: [
                    { key: "app.kubernetes.io/component", operator: "In", values: ["metrics"] },
                ],
            },
            endpoints: [{ port: "redis-exporter" }],
        },
    }),
    object("v1", "Secret", "cache-auth", { data: { password: "eA==" } }),
    object("v1", "Secret", "cache-tls", { data: { "tls.crt": "eA==" } }),
    object("v1", "Secret", "registry", { data: { ".dockerconfigjson": "e30=" } }),
    object("v1", "PersistentVolumeClaim", "cache-data", {}),
    object("networking.k8s.io/v1", "NetworkPolicy", "default-deny-ingress", {
        spec: { podSelector: {}, policyTypes: ["Ingress"] },
    }),
    object("networking.k8s.io/v1", "NetworkPolicy", "exporters", {
        spec: {
            podSelector: { matchLabels: { app: "cache" } },
            policyTypes: ["Ingress"],
            ingress: [
                {
                    from: [
                        {
                            namespaceSelector: {
                                matchLabels: { "kubernetes.io/metadata.name": "monitoring" },
                            },
                            podSelector: { matchLabels: PROMETHEUS },
                        },
                        { podSelector: { matchLabels: { app: "backup" } } },
                    ],
                    ports: [{ port: 9121, protocol: "TCP" }],
                },
            ],
        },
    }),
    object("policy/v1", "PodDisruptionBudget", "cache", {
        spec: { selector: { matchLabels: { app: "cache" } } },
    }),
    object("apps/v1", "Deployment", "worker", {
        spec: {
            template: {
                spec: {
                    containers: [{ name: "worker", resources: { requests: { cpu: "1" } } }],
                    affinity: {
                        podAntiAffinity: {
                            requiredDuringSchedulingIgnoredDuringExecution: [
                                { labelSelector: { matchLabels: { app: "cache" } } },
                            ],
                        },
                    },
                },
            },
        },
    }),
    object("autoscaling/v2", "HorizontalPodAutoscaler", "worker", {
        spec: {
            scaleTargetRef: { kind: "Deployment", name: "worker" },
            metrics: [
                { type: "Resource", resource: { name: "cpu" } },
                { type: "External", external: { metric: { name: "redis_queue_length" } } },
            ],
        },
    }),
    object("v1", "Pod", "backup-0", { spec: { containers: [] } }, { app: "backup" }),
    object("v1", "ConfigMap", "prometheus-adapter", {
        data: { "config.yaml": "externalRules: [{name: {as: redis_queue_length}}]" },
    }),
];
