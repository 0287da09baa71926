import * as pulumi from "@pulumi/pulumi";

import { Backup } from "./components/backup/backup";
import { backupPasswords } from "./components/backup/backupStore";
import { Namespace } from "./components/kubernetes/namespace";
import { ownerPlatform } from "./components/stack/ownerStack";
import { platformNamespaces, volumeProtection } from "./components/stack/platformNamespaces";
import { ClusterProviders, clusterProviders } from "./components/stack/providers";
import { exposeWebEndpoints } from "./components/stack/webIngress";
import { loadConfig, StackConfig } from "./components/stack/config";
import { installLogging } from "./components/logging/logging";
import { AlertRouting } from "./components/alerting/alertRouting";
import { GrafanaDataSources } from "./components/dashboards/grafanaDataSources";
import { KubePrometheusStack } from "./components/metrics/kubePrometheusStack";
import { PlatformAlerts } from "./components/alerting/platformAlerts";
import { PrometheusOperatorCrds } from "./components/metrics/prometheusOperatorCrds";
import { Platform, platformOutputs, redisOutputs, redisPasswords } from "./components/stack/outputs";
import { RedisNamespace } from "./components/redis/redisNamespace";
import { RedisOperator } from "./components/redis/redisOperator";
import { readRedisOperatorCrds, RedisOperatorCrds } from "./components/redis/redisOperatorCrds";
import { Jaeger } from "./components/tracing/jaeger";

/** One stack is one environment: an owner installs its cluster's platform, a tenant uses the owner's. */
export = async (): Promise<pulumi.Inputs> => {
    const config = loadConfig();
    const providers = clusterProviders(config);
    const opts = { provider: providers.cluster };
    const platform =
        config.cluster.role === "owner"
            ? await installPlatform(config, providers)
            : await ownerPlatform(config.cluster.ownerStack);

    const redis = Object.keys(config.redis).map((namespaceName) => {
        const protection = volumeProtection(config.dataProtection);
        const namespace = new Namespace(
            namespaceName,
            { namespace: namespaceName, podSecurity: "restricted", ...protection },
            opts,
        );
        return new RedisNamespace(
            `redis-${namespaceName}`,
            { config, namespaceName, namespace: namespace.name, ...platform },
            opts,
        );
    });
    return {
        ...platform.outputs,
        redis: redisOutputs(redis, config.kubeContext),
        redisPasswords: redisPasswords(redis),
        backupPasswords: backupPasswords([platform, ...redis].map(({ backups }) => backups?.store)),
    };
};

/** What a cluster has once. */
async function installPlatform(
    config: StackConfig,
    { cluster, retained }: ClusterProviders,
): Promise<Platform> {
    const opts = { provider: cluster };
    const manifests = await readRedisOperatorCrds(config.charts, cluster);
    const namespaces = platformNamespaces(config, opts);
    const monitoring = { config, namespace: namespaces.monitoring.name };
    const tracing = { config, namespace: namespaces.tracing.name };
    const operators = { config, namespace: namespaces.redisOperator.name };

    const crds = new PrometheusOperatorCrds("prometheus-operator-crds", monitoring, opts);
    const routing = new AlertRouting("alert-routing", monitoring, opts);
    const nodeExporterNamespace = namespaces.nodeExporter.name;
    const scraped = { crds, routing, nodeExporterNamespace, ...monitoring };
    const metrics = new KubePrometheusStack("kube-prometheus-stack", scraped, opts);
    const { scraper } = metrics;
    new PlatformAlerts("platform-alerts", { scraper, ...monitoring }, opts);

    const redisCrds = new RedisOperatorCrds("redis-operator-crds", { manifests, retained }, opts);
    const operator = new RedisOperator(
        "redis-operator",
        { crds: redisCrds, scraper, ...operators },
        opts,
    );

    const logging = installLogging({ config, namespaces, scraper }, opts);
    const { elasticsearch } = logging;
    const { prometheus, grafana } = metrics;
    const stored = { elasticsearch, prometheus, scraper };
    const jaeger = new Jaeger("jaeger", { ...stored, ...tracing }, opts);

    const sources = { grafana, elasticsearch, jaeger: jaeger.query, ...monitoring };
    new GrafanaDataSources("grafana-data-sources", sources, opts);

    const parts = { metrics, operator, ...logging, jaeger };
    exposeWebEndpoints(config, parts, opts);
    const { repository } = config.backup;
    const backups = repository
        ? new Backup("backup", { repository, metrics, scraper, ...monitoring }, opts)
        : undefined;
    return { scraper, operator, backups, outputs: platformOutputs(config, parts) };
}
