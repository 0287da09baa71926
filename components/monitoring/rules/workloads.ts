import type { RuleGroup } from "../../common/prometheusRule";

/** The container's own limit; the labels of cAdvisor and kube-state-metrics differ, so both sides are reduced to these. */
const byContainer = "by (namespace, pod, container)";
/** Without it the alert would name the pod of kube-state-metrics, and start again when that restarts. */
const byDeployment = "by (namespace, deployment)";
const limit = (resource: "cpu" | "memory") =>
    `max ${byContainer} (kube_pod_container_resource_limits{resource="${resource}"} > 0)`;

/** Share of its memory limit that a container works with; no series for a container without a limit. */
export const memoryShare = (matchers = ""): string =>
    `max ${byContainer} (container_memory_working_set_bytes{${matchers}container!="", image!=""}) / ${limit("memory")}`;

const cpuShare = `sum ${byContainer} (rate(container_cpu_usage_seconds_total{container!="", image!=""}[5m])) / ${limit("cpu")}`;

/** Alerts on any workload of the cluster. */
export function workloadRules(): RuleGroup {
    const container = "{{ $labels.namespace }}/{{ $labels.pod }} ({{ $labels.container }})";
    return {
        name: "workloads",
        rules: [
            {
                alert: "DeploymentNotReady",
                // Not while a rollout makes progress: then the number of updated replicas changes.
                expr: `(max ${byDeployment} (kube_deployment_spec_replicas) - max ${byDeployment} (kube_deployment_status_replicas_ready) > 0) and max ${byDeployment} (changes(kube_deployment_status_replicas_updated[10m])) == 0`,
                for: "15m",
                severity: "warning",
                summary:
                    "Deployment {{ $labels.namespace }}/{{ $labels.deployment }} is not fully ready",
                description:
                    "{{ $value }} replicas of {{ $labels.namespace }}/{{ $labels.deployment }} have not been ready for 15 minutes, and no rollout is in progress.",
            },
            {
                alert: "PodCrashLooping",
                // 3.5, since increase() extrapolates: three restarts come out as 3.1.
                expr: `max ${byContainer} (max_over_time(kube_pod_container_status_waiting_reason{reason="CrashLoopBackOff"}[5m])) >= 1 or max ${byContainer} (increase(kube_pod_container_status_restarts_total[15m])) > 3.5`,
                for: "5m",
                severity: "warning",
                summary: `${container} is crash looping`,
                description: `${container} is in CrashLoopBackOff, or has restarted more than 3 times within 15 minutes.`,
            },
            {
                alert: "HighMemoryUsage",
                expr: `${memoryShare()} > 0.9`,
                for: "10m",
                severity: "warning",
                summary: `${container} is close to its memory limit`,
                description: `${container} has used {{ $value | humanizePercentage }} of its memory limit for 10 minutes; at 100 % it is killed.`,
            },
            {
                alert: "HighCPUUsage",
                expr: `${cpuShare} > 0.9`,
                for: "15m",
                severity: "warning",
                summary: `${container} is close to its CPU limit`,
                description: `${container} has used {{ $value | humanizePercentage }} of its CPU limit for 15 minutes and is being throttled.`,
            },
        ],
    };
}
