import { AlertCase, ExpectedAlert, firing, quiet, RecordCase } from "../alertCase";
import { KUBE_STATE_METRICS, memoryLimit, stateSeries, workingSet } from "../clusterSeries";
import { podGone, redisWorld, target } from "../redisWorld";
import { again, between, from, Phase, Series, series, Value } from "../timeline";

type History = Value | readonly Phase[];

const APP = { namespace: "shop", pod: "web-5d9c-x", container: "web" };
const CONTAINER = "shop/web-5d9c-x (web)";

/** A Deployment that should have 3 replicas. */
function deployment(ready: History, updated: History = 3, replicas: History = 3): Series[] {
    const labels = { namespace: "shop", deployment: "web" };
    return [
        stateSeries("kube_deployment_spec_replicas", labels, replicas),
        stateSeries("kube_deployment_status_replicas_ready", labels, ready),
        stateSeries("kube_deployment_status_replicas_updated", labels, updated),
    ];
}

function waiting(reason: string, over: History): Series {
    const labels = { ...APP, reason, uid: "uid-1" };
    return stateSeries("kube_pod_container_status_waiting_reason", labels, over);
}

function restarts(over: History): Series {
    const labels = { ...APP, uid: "uid-1" };
    return stateSeries("kube_pod_container_status_restarts_total", labels, over);
}

function notReady(missing: number): ExpectedAlert {
    return {
        labels: { namespace: "shop", deployment: "web" },
        summary: "Deployment shop/web is not fully ready",
        description: `${missing} replicas of shop/web have not been ready for 15m, and no rollout is in progress.`,
    };
}

const deploymentCases = [
    firing("DeploymentNotReady", "one of three replicas is not ready", {
        series: deployment(from("5m", 2, 3)),
        severity: "warning",
        at: "20m",
        alerts: [notReady(1)],
        until: "1h",
    }),
    firing("DeploymentNotReady", "a rollout has stopped half-way", {
        // The last updated replica comes at 5 minutes, and is in sight until 14 minutes and a half.
        series: deployment(2, from("5m", 2, 1)),
        severity: "warning",
        at: "1770s",
        alerts: [notReady(1)],
    }),
    firing("DeploymentNotReady", "kube-state-metrics itself restarts meanwhile", {
        series: deployment(0, 3).flatMap(({ metric, labels }) => [
            series(metric, labels, from("8m", "gone", metric.endsWith("_ready") ? 0 : 3)),
            series(
                metric,
                { ...labels, pod: `${KUBE_STATE_METRICS.pod}-new`, instance: "10.0.1.2:8080" },
                from("8m", metric.endsWith("_ready") ? 0 : 3, "gone"),
            ),
        ]),
        severity: "warning",
        at: "15m",
        alerts: [notReady(3)],
    }),
    quiet("DeploymentNotReady", "a long rollout goes on, replica by replica", {
        series: deployment(2, again(["5m", 1], ["5m", 2], ["5m", 3])),
        until: "2h",
    }),
    quiet("DeploymentNotReady", "it is ready again just before 15 minutes are over", {
        series: deployment(between("5m", "20m", 2, 3)),
        until: "1h",
    }),
    quiet("DeploymentNotReady", "it is scaled to nothing", {
        series: deployment(0, 0, 0),
        until: "1h",
    }),
    quiet("DeploymentNotReady", "more are ready than wanted, while it scales down", {
        series: deployment(4, 4, 3),
        until: "1h",
    }),
];

const crashLooping: ExpectedAlert = {
    labels: APP,
    summary: `${CONTAINER} is crash looping`,
    description: `${CONTAINER} is in CrashLoopBackOff, or has restarted more than 3 times within 15 minutes.`,
};

/** One restart every `minutes`, `count` times, from a total of 7 on. */
function restartsEvery(minutes: number, count: number): Phase[] {
    const steps = Array.from({ length: count }, (_, i): Phase => [`${minutes}m`, 7 + i]);
    return [...steps, ["4h", 7 + count]];
}

const crashCases = [
    firing("PodCrashLooping", "it waits 5 minutes between two tries that last half a minute", {
        series: [waiting("CrashLoopBackOff", again(["5m", 1], ["30s", "gone"])), restarts(7)],
        severity: "warning",
        at: "5m",
        alerts: [crashLooping],
        until: "1h",
    }),
    firing("PodCrashLooping", "it restarts so fast that no scrape sees it wait", {
        // The fourth restart comes at 8 minutes.
        series: [restarts(restartsEvery(2, 4))],
        severity: "warning",
        at: "13m",
        alerts: [crashLooping],
    }),
    firing("PodCrashLooping", "its counter starts again while it loops", {
        series: [
            restarts([
                ["2m", 50],
                ["2m", 51],
                ["2m", 1],
                ["2m", 2],
                ["4h", 3],
            ]),
        ],
        severity: "warning",
        at: "13m",
        alerts: [crashLooping],
    }),
    quiet("PodCrashLooping", "it restarts three times in a row and then runs", {
        series: [restarts(restartsEvery(1, 3))],
        until: "1h",
    }),
    quiet("PodCrashLooping", "it restarts every 6 minutes, and runs in between", {
        series: [restarts(restartsEvery(6, 20))],
        until: "2h",
    }),
    quiet("PodCrashLooping", "one scrape sees it wait, and then it runs", {
        series: [waiting("CrashLoopBackOff", between("5m", "330s", 1, "gone"))],
        until: "1h",
    }),
    quiet("PodCrashLooping", "it waits for its image", {
        series: [waiting("ContainerCreating", 1), waiting("ImagePullBackOff", 1)],
        until: "1h",
    }),
    quiet("PodCrashLooping", "its counter starts again, as that of a new pod of the same name", {
        series: [restarts(from("20m", 1, 50))],
        until: "2h",
    }),
];

const AUTOSCALER = { namespace: "shop", horizontalpodautoscaler: "web" };

/** Whether an autoscaler has what it decides by: KSM shows each value of a condition as a series. */
function scaling(inactive: History, desired: History = 3, condition = "ScalingActive"): Series[] {
    const labels = { ...AUTOSCALER, condition, status: "false" };
    return [
        stateSeries("kube_horizontalpodautoscaler_status_condition", labels, inactive),
        stateSeries(
            "kube_horizontalpodautoscaler_status_condition",
            { ...labels, status: "true" },
            1,
        ),
        stateSeries("kube_horizontalpodautoscaler_status_desired_replicas", AUTOSCALER, desired),
    ];
}

const scalingCases = [
    firing("HorizontalPodAutoscalerInactive", "its metrics are missing", {
        series: scaling(from("5m", 1, 0)),
        severity: "warning",
        at: "20m",
        alerts: [
            {
                labels: AUTOSCALER,
                summary: "shop/web does not scale",
                description:
                    "The autoscaler shop/web has had no metrics to decide by for 15m: the number of pods stays as it is, whatever the load.",
            },
        ],
        until: "1h",
    }),
    quiet("HorizontalPodAutoscalerInactive", "metrics-server is back within 15 minutes", {
        series: scaling(between("5m", "20m", 1, 0)),
        until: "1h",
    }),
    quiet("HorizontalPodAutoscalerInactive", "what it scales is switched off", {
        series: scaling(1, 0),
        until: "1h",
    }),
    quiet("HorizontalPodAutoscalerInactive", "it is at a limit of its own", {
        series: scaling(1, 3, "ScalingLimited"),
        until: "1h",
    }),
];

const nodeSeries = (ready: Value | readonly Phase[], cordoned: Value | readonly Phase[]) => [
    stateSeries(
        "kube_node_status_condition",
        { node: "n1", condition: "Ready", status: "true" },
        ready,
    ),
    stateSeries("kube_node_spec_unschedulable", { node: "n1" }, cordoned),
];
const CACHE = { namespace: "shop", pod: "cache-0", container: "cache" };
const nodeCases = [
    firing("NodeDown", "a node is not ready", {
        series: nodeSeries(from("5m", 0), 0),
        severity: "critical",
        at: "7m",
        alerts: [
            {
                labels: { node: "n1" },
                summary: "Node n1 is down",
                description:
                    "The node n1 has not been ready for 2m, and nobody drains it: what ran on it is away until Kubernetes starts it elsewhere, or the node comes back. Alerts on that are silent.",
            },
        ],
        until: "30m",
    }),
    quiet("NodeDown", "it is ready again just before 2 minutes are over", {
        series: nodeSeries(between("5m", "7m", 0), 0),
        until: "1h",
    }),
    quiet("NodeDown", "it is drained", { series: nodeSeries(from("5m", 0), 1), until: "1h" }),
    quiet("PodCrashLooping", "it is a pod of a Redis that misses it, which has an alert", {
        series: [
            ...redisWorld(podGone("orders", 1, "5m")),
            stateSeries(
                "kube_pod_container_status_waiting_reason",
                { namespace: "shop", pod: "orders-1", container: "c", reason: "CrashLoopBackOff" },
                from("6m", 1, 0),
            ),
        ],
        until: "1h",
    }),
    quiet("HighMemoryUsage", "it is a Redis whose own memory is as full", {
        series: [
            ...redisWorld(
                series("redis_memory_used_bytes", target("cache", 0), 95),
                series("redis_memory_max_bytes", target("cache", 0), 100),
            ),
            workingSet(CACHE, 95),
            memoryLimit(CACHE, 100),
        ],
        until: "1h",
    }),
];
/** Deployments that are not ready, containers that do not stay up, and autoscalers that do not scale. */
export const workloadCases: readonly AlertCase[] = [
    ...deploymentCases,
    ...crashCases,
    ...scalingCases,
    ...nodeCases,
];

/** Of a Deployment, as two pods of kube-state-metrics show it while one takes over from the other. */
const shown = (metric: string, deployment: string, value: number) =>
    ["10.0.1.1:8080", "10.0.1.2:8080"].map((instance) =>
        stateSeries(metric, { namespace: "shop", deployment, instance }, value),
    );

/** What is recorded of Deployments. */
export const workloadRecordCases: readonly RecordCase[] = [
    {
        record: "namespace_deployment:replicas_missing:max",
        title: "is there where a pod is missing, and not where all are ready or more than wanted",
        series: [
            ...shown("kube_deployment_spec_replicas", "web", 5),
            ...shown("kube_deployment_status_replicas_ready", "web", 3),
            ...shown("kube_deployment_spec_replicas", "whole", 3),
            ...shown("kube_deployment_status_replicas_ready", "whole", 3),
            ...shown("kube_deployment_spec_replicas", "shrinking", 1),
            ...shown("kube_deployment_status_replicas_ready", "shrinking", 3),
        ],
        at: "1m",
        samples: [{ labels: { namespace: "shop", deployment: "web" }, value: 2 }],
    },
];
