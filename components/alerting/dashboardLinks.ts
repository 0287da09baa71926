import type { Labels } from "../kubernetes/labels";

/**
 * A dashboard of Grafana: the uid, which is fixed in its JSON and part of its address, and its variables with the
 * label of an alert that each takes its value from.
 */
export interface Dashboard {
    readonly uid: string;
    readonly variables: Readonly<Record<string, string>>;
}

const REDIS = { namespace: "namespace", instance: "instance_name" };
const REDIS_POD = { ...REDIS, pod: "pod" };

/**
 * The dashboards that alerts link to: of ours, which components/dashboards/ makes, the one of the alert's subject. Whatever an
 * alert does not say is All there.
 */
export const DASHBOARDS = {
    redisNamespace: { uid: "redis-instance", variables: { namespace: "namespace" } },
    redisInstance: { uid: "redis-instance", variables: REDIS },
    redisPod: { uid: "redis-instance", variables: REDIS_POD },
    redisSentinel: { uid: "redis-sentinel", variables: REDIS },
    redisSentinelPod: { uid: "redis-sentinel", variables: REDIS_POD },
    redisCluster: { uid: "redis-cluster", variables: REDIS },
    redisSpeed: { uid: "redis-performance", variables: REDIS },
    redisPodSpeed: { uid: "redis-performance", variables: REDIS_POD },
    redisOperator: { uid: "redis-operator", variables: {} },
    redisController: { uid: "redis-operator", variables: { controller: "controller" } },
    redisResource: { uid: "redis-operator", variables: { namespace: "namespace" } },
    flux: {
        uid: "flux",
        variables: { namespace: "namespace", kind: "customresource_kind" },
    },
    fluxAll: { uid: "flux", variables: {} },
    argocd: { uid: "argocd", variables: { namespace: "namespace", application: "name" } },
    deployment: {
        uid: "rollouts",
        variables: { namespace: "namespace", deployment: "deployment" },
    },
    canary: { uid: "rollouts", variables: { namespace: "namespace", deployment: "name" } },
    applications: { uid: "application", variables: { namespace: "namespace" } },
    logs: { uid: "logs-pipeline", variables: {} },
    traces: { uid: "traces-pipeline", variables: {} },
    probe: { uid: "probes", variables: { probe: "probe" } },
    objective: { uid: "slo", variables: { objective: "slo" } },
    backups: { uid: "backups", variables: { namespace: "namespace" } },
    // kube-prometheus-stack's, whose uids the chart fixes.
    /** Kubernetes / Compute Resources / Pod */
    pod: {
        uid: "6581e46e4e5c7ba40a07646395ef7b23",
        variables: { namespace: "namespace", pod: "pod" },
    },
    /** Kubernetes / Compute Resources / Namespace (Pods) */
    namespacePods: {
        uid: "85a562078cdf77779eaa1add43ccec1e",
        variables: { namespace: "namespace" },
    },
    /** Kubernetes / Compute Resources / Namespace (Workloads) */
    namespaceWorkloads: {
        uid: "a87fb0d919ec0ea5f6543124e16c42a5",
        variables: { namespace: "namespace" },
    },
    /** Prometheus / Overview */
    prometheus: { uid: "9fa0d141-d019-4ad7-8bc5-42196ee308bd", variables: {} },
} as const satisfies Readonly<Record<string, Dashboard>>;

/**
 * Its address in a Grafana, as the template of an annotation: the variables are the labels of the alert. Templates see
 * those of the expression only, hence the ones that the rule itself adds. Messages add the time of the alert.
 */
export function dashboardUrl(
    grafanaUrl: string,
    { uid, variables }: Dashboard,
    added: Labels = {},
): string {
    const query = Object.entries(variables)
        .map(([variable, label]) => {
            const value = added[label];
            const text = value ? encodeURIComponent(value) : `{{ $labels.${label} | urlquery }}`;
            return `var-${variable}=${text}`;
        })
        .join("&");
    return `${grafanaUrl.replace(/\/+$/, "")}/d/${uid}${query && `?${query}`}`;
}
