import type { StackValuesArgs } from "../../components/metrics/kubePrometheusStackValues";
import type { RedisInstanceSettings } from "../../components/redis/instanceSettings";
import { schema, Settings, StackConfig } from "../../components/stack/config";

/** Settings of an owner with one instance; what is not written here has its default. */
const EXAMPLE: Settings = schema.parse({
    environment: "test",
    cluster: { name: "east", role: "owner", controlPlane: "managed" },
    dataProtection: { protect: false, keepVolumes: false },
    charts: { source: "repository" },
    storageClass: "",
    retention: { metrics: "30d", logs: "90d", traces: "7d", backups: "30d" },
    prometheus: { replicas: 2, storageSize: "50Gi", memory: "4Gi", expectedSeries: 200_000 },
    alertmanager: { replicas: 3, storageSize: "2Gi" },
    grafana: { storageSize: "10Gi" },
    alerting: { runbookBaseUrl: "https://example.com/runbooks", receivers: {} },
    redisOperator: { replicas: 1, watchNamespaces: [] },
    redis: {},
    elasticsearch: {
        nodes: 3,
        storageSize: "50Gi",
        memory: "4Gi",
        dailyLogVolume: "500Mi",
        dailyTraceVolume: "1Gi",
        snapshots: { type: "none" },
    },
    kibana: { replicas: 2, memory: "2Gi" },
    fluentBit: {
        streams: {
            operator: { hourlyVolume: "2Mi" },
            instance: { hourlyVolume: "8Mi" },
        },
        bufferSize: "2Gi",
    },
    jaeger: {
        collector: { minReplicas: 2, maxReplicas: 5, memory: "1Gi" },
        query: { replicas: 2 },
    },
    ingress: { enabled: false },
});

export function exampleSettings(change: Partial<Settings> = {}): Settings {
    return { ...EXAMPLE, ...change };
}

/** A stack's configuration as components get it, with top-level keys replaced. */
export function exampleConfig(change: Partial<Omit<StackConfig, "charts">> = {}): StackConfig {
    return {
        ...EXAMPLE,
        project: "observability",
        stack: "test",
        charts: { kind: "repository" },
        receiverSecrets: {},
        snapshotCredentials: {},
        backupCredentials: {},
        backupPasswords: {},
        redisPasswords: {},
        pending: [],
        ...change,
    };
}

/** What the values of kube-prometheus-stack are made of, of a stack without Ingresses. */
export function exampleStackValues(change: Partial<StackValuesArgs> = {}): StackValuesArgs {
    const { prometheus, alertmanager, grafana } = EXAMPLE;
    return {
        prometheus,
        alertmanager,
        grafana,
        retention: "30d",
        clusterName: "east",
        environment: "test",
        cluster: { controlPlane: false, dns: "coredns", kubeProxy: false, verifyKubelets: false },
        nodeExporterPort: 9100,
        parts: { alertmanager: true, grafana: true, kubeStateMetrics: true, nodeExporter: true },
        flux: false,
        redisOperator: true,
        otherAlertmanager: undefined,
        otherGrafana: undefined,
        chartAlerts: {},
        storageClasses: { prometheus: "", alertmanager: "", grafana: "" },
        keepVolumes: false,
        dashboards: { folder: "Kubernetes", multicluster: false, home: undefined },
        externalUrls: { grafana: undefined, prometheus: undefined, alertmanager: undefined },
        ...change,
    };
}

type Mode = RedisInstanceSettings["mode"];

const INSTANCE = { memory: "1Gi", cpu: "100m", storageSize: "10Gi" } as const;
const SCRAPE = {
    maxMemoryPercentOfLimit: 75,
    scrapeInterval: "30s",
    scrapeTimeout: "10s",
} as const;

/** An instance of each mode. */
export const INSTANCES: {
    readonly [M in Mode]: Extract<RedisInstanceSettings, { readonly mode: M }>;
} = {
    standalone: { mode: "standalone", ...INSTANCE, ...SCRAPE },
    replication: { mode: "replication", replicas: 3, ...INSTANCE, ...SCRAPE },
    sentinel: {
        mode: "sentinel",
        replicas: 3,
        sentinels: 5,
        quorum: 3,
        ...INSTANCE,
        ...SCRAPE,
    },
    cluster: { mode: "cluster", shards: 3, ...INSTANCE, ...SCRAPE },
};

export const MODES = Object.keys(INSTANCES) as readonly Mode[];
