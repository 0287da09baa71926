import { DASHBOARDS } from "../dashboardLinks";
import { RuleGroup, unlessAlert } from "../prometheusRule";
import { NODE_DOWN } from "./redis/state";
import type { AlertSettings } from "./settings";
import { CONTAINER } from "./texts";

/** The container's own limit; the labels of cAdvisor and kube-state-metrics differ, so both sides are reduced to these. */
const byContainer = "by (namespace, pod, container)";
/** Without it the alert would name the pod of kube-state-metrics, and start again when that restarts. */
const byDeployment = "by (namespace, deployment)";
const byAutoscaler = "by (namespace, horizontalpodautoscaler)";
const limit = (resource: "cpu" | "memory") =>
    `max ${byContainer} (kube_pod_container_resource_limits{resource="${resource}"} > 0)`;

/** Share of its memory limit that a container works with; no series for a container without a limit. */
export const MEMORY_SHARE = "namespace_pod_container:memory_working_set_limit:ratio";

/** The same of its CPU limit, over 5 minutes. */
export const CPU_SHARE = "namespace_pod_container:cpu_usage_limit:ratio_rate5m";

/** What dashboards show of all containers over days: cores, bytes, and what they ask for and may have, by `resource`. */
export const CPU_USED = "namespace:container_cpu_usage:rate5m";
export const MEMORY_USED = "namespace:container_memory_working_set_bytes:sum";
export const REQUESTED = "namespace:container_resource_requests:sum";
export const LIMITED = "namespace:container_resource_limits:sum";
/** The most that a container has worked with for some minutes: of a day there are few of them. */
export const MEMORY_PEAK = "namespace_pod_container:memory_working_set_bytes:max5m";

/** What a container asks for beyond the most that it has worked with within a day; less than nothing where it asks for less. */
export const MEMORY_UNUSED = "namespace_pod_container:memory_requests_unused:bytes";

/** Pods that a Deployment wants and that are not ready, where there are any. */
export const REPLICAS_MISSING = "namespace_deployment:replicas_missing:max";

/** They tell of a pod that crashes. */
const REDIS_AWAY = ["RedisInstanceDown", "RedisMasterDown", "RedisPodsMissing"] as const;

/** Of containers, and not of the cgroups around them. */
const CPU = 'container_cpu_usage_seconds_total{container!="", image!=""}';
const MEMORY = 'container_memory_working_set_bytes{container!="", image!=""}';

/** What is used and asked for, seldom: a graph of a week would read every container's samples of it. */
export function usageRules(): RuleGroup {
    const declared = (what: "requests" | "limits") =>
        `sum by (namespace, resource) (max by (namespace, pod, container, resource) (kube_pod_container_resource_${what}))`;
    return {
        name: "usage",
        // Less than the 5 minutes for which a sample counts.
        interval: "4m",
        rules: [
            { record: CPU_USED, expr: `sum by (namespace) (rate(${CPU}[5m]))` },
            { record: MEMORY_USED, expr: `sum by (namespace) (max ${byContainer} (${MEMORY}))` },
            { record: REQUESTED, expr: declared("requests") },
            { record: LIMITED, expr: declared("limits") },
            { record: MEMORY_PEAK, expr: `max ${byContainer} (max_over_time(${MEMORY}[5m]))` },
            {
                record: MEMORY_UNUSED,
                expr: `max ${byContainer} (kube_pod_container_resource_requests{resource="memory"}) - max_over_time(${MEMORY_PEAK}[1d])`,
            },
        ],
    };
}

/** An alert on nodes, which is the cause of many others and so never later than they are. */
export function nodeRules(settings: AlertSettings): RuleGroup {
    return {
        name: "nodes",
        rules: [
            {
                alert: "NodeDown",
                // One that is drained for maintenance may go away.
                expr: NODE_DOWN,
                summary: "Node {{ $labels.node }} is down",
                description: `The node {{ $labels.node }} has not been ready for ${settings.NodeDown.for}, and nobody drains it: what ran on it is away until Kubernetes starts it elsewhere, or the node comes back. Alerts on that are silent.`,
                dashboard: DASHBOARDS.prometheus,
            },
        ],
    };
}

/** Alerts on any workload of the cluster; each has to last for minutes. */
export function workloadRules(settings: AlertSettings): RuleGroup {
    const { DeploymentNotReady, PodCrashLooping, HighMemoryUsage, HighCPUUsage } = settings;
    const { restarts } = PodCrashLooping;
    return {
        name: "workloads",
        interval: "2m",
        rules: [
            {
                record: MEMORY_SHARE,
                expr: `max ${byContainer} (${MEMORY}) / ${limit("memory")}`,
            },
            {
                record: CPU_SHARE,
                expr: `sum ${byContainer} (rate(${CPU}[5m])) / ${limit("cpu")}`,
            },
            {
                record: REPLICAS_MISSING,
                expr: `max ${byDeployment} (kube_deployment_spec_replicas) - max ${byDeployment} (kube_deployment_status_replicas_ready) > 0`,
            },
            {
                alert: "DeploymentNotReady",
                // Not while a rollout makes progress: then the number of updated replicas changes.
                expr: `${REPLICAS_MISSING} and max ${byDeployment} (changes(kube_deployment_status_replicas_updated[10m])) == 0`,
                summary:
                    "Deployment {{ $labels.namespace }}/{{ $labels.deployment }} is not fully ready",
                description: `{{ $value }} replicas of {{ $labels.namespace }}/{{ $labels.deployment }} have not been ready for ${DeploymentNotReady.for}, and no rollout is in progress.`,
                dashboard: DASHBOARDS.deployment,
            },
            {
                alert: "PodCrashLooping",
                // Half a restart more, since increase() extrapolates: three come out as 3.1. The pods of a StatefulSet have its
                // name, which is `app` on the alerts of a Redis.
                expr: `label_replace(max ${byContainer} (max_over_time(kube_pod_container_status_waiting_reason{reason="CrashLoopBackOff"}[5m])) > 0 or max ${byContainer} (increase(kube_pod_container_status_restarts_total[15m])) > ${restarts + 0.5}, "app", "$1", "pod", "(.+)-[0-9]+") ${unlessAlert(REDIS_AWAY, "namespace, app", "15m")}`,
                summary: `${CONTAINER} is crash looping`,
                description: `${CONTAINER} is in CrashLoopBackOff, or has restarted more than ${restarts} times within 15 minutes.`,
                dashboard: DASHBOARDS.pod,
            },
            {
                alert: "HighMemoryUsage",
                // RedisHighMemoryUsage tells it of a Redis.
                expr: `${MEMORY_SHARE} > ${HighMemoryUsage.share} ${unlessAlert(["RedisHighMemoryUsage"], "namespace, pod", "15m")}`,
                summary: `${CONTAINER} is close to its memory limit`,
                description: `${CONTAINER} has used {{ $value | humanizePercentage }} of its memory limit for ${HighMemoryUsage.for}; at 100 % it is killed.`,
                dashboard: DASHBOARDS.pod,
            },
            {
                alert: "HighCPUUsage",
                expr: `${CPU_SHARE} > ${HighCPUUsage.share}`,
                summary: `${CONTAINER} is close to its CPU limit`,
                description: `${CONTAINER} has used {{ $value | humanizePercentage }} of its CPU limit for ${HighCPUUsage.for} and is being throttled.`,
                dashboard: DASHBOARDS.pod,
            },
            {
                alert: "HorizontalPodAutoscalerInactive",
                // One that is scaled to nothing is switched off, and inactive as well.
                expr: `max ${byAutoscaler} (kube_horizontalpodautoscaler_status_condition{condition="ScalingActive", status="false"}) == 1 and max ${byAutoscaler} (kube_horizontalpodautoscaler_status_desired_replicas) > 0`,
                summary:
                    "{{ $labels.namespace }}/{{ $labels.horizontalpodautoscaler }} does not scale",
                description: `The autoscaler {{ $labels.namespace }}/{{ $labels.horizontalpodautoscaler }} has had no metrics to decide by for ${settings.HorizontalPodAutoscalerInactive.for}: the number of pods stays as it is, whatever the load.`,
                dashboard: DASHBOARDS.applications,
            },
        ],
    };
}
