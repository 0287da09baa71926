import { DashboardContext, runbooks } from "../definition";
import { Panel, timeseries, worseFrom } from "../model/panels";
import { query, top } from "../model/queries";

const BY_CONTAINER = "by (namespace, pod, container)";
const LEGEND = "{{pod}} {{container}}";

/** CPU of each container in cores, from cAdvisor. */
export function cpuOf(matchers: string): string {
    return `sum ${BY_CONTAINER} (rate(container_cpu_usage_seconds_total{${matchers}, container!="", image!=""}[$__rate_interval]))`;
}

/** Memory of each container that the kernel cannot take back, in bytes, from cAdvisor. */
export function memoryOf(matchers: string): string {
    return `max ${BY_CONTAINER} (container_memory_working_set_bytes{${matchers}, container!="", image!=""})`;
}

/** What each container has asked for, or may have, from kube-state-metrics. */
export function declaredOf(
    what: "requests" | "limits",
    resource: "cpu" | "memory",
    matchers: string,
): string {
    return `max ${BY_CONTAINER} (kube_pod_container_resource_${what}{${matchers}, resource="${resource}"})`;
}

/** CPU and memory of containers: used, asked for and allowed; and of each the share of its limit. */
export function containerPanels(context: DashboardContext, matchers: string): Panel[] {
    const { alerts, parts } = context;
    const declared = parts.has("kubeStateMetrics");
    const total = (resource: "cpu" | "memory", used: string) => [
        query(`sum(${used})`, "used"),
        ...(declared
            ? [
                  query(`sum(${declaredOf("requests", resource, matchers)})`, "requested"),
                  query(`sum(${declaredOf("limits", resource, matchers)})`, "limit"),
              ]
            : []),
    ];
    const share = (resource: "cpu" | "memory", used: string) =>
        top(`${used} / (${declaredOf("limits", resource, matchers)} > 0)`);
    return [
        timeseries({
            title: "CPU",
            description: "Cores that all containers use, beside what they ask for and may have.",
            unit: "cores",
            width: 6,
            queries: total("cpu", cpuOf(matchers)),
        }),
        timeseries({
            title: "Memory",
            description:
                "What the kernel cannot take back from all containers (working set), beside what they ask for and may have.",
            unit: "bytes",
            width: 6,
            queries: total("memory", memoryOf(matchers)),
        }),
        ...(declared
            ? [
                  timeseries({
                      title: "CPU of the limit",
                      description:
                          "Share of its CPU limit that each container uses. The dashed line is where HighCPUUsage fires.",
                      unit: "percentunit",
                      min: 0,
                      width: 6,
                      queries: [query(share("cpu", cpuOf(matchers)), LEGEND)],
                      thresholds: worseFrom([alerts.HighCPUUsage.share, "red"]),
                      noValue: "no CPU limits",
                      links: runbooks(context, "HighCPUUsage"),
                  }),
                  timeseries({
                      title: "Memory of the limit",
                      description:
                          "Share of its memory limit that each container uses; at 100 % it is killed. The dashed line is where HighMemoryUsage fires.",
                      unit: "percentunit",
                      min: 0,
                      width: 6,
                      queries: [query(share("memory", memoryOf(matchers)), LEGEND)],
                      thresholds: worseFrom([alerts.HighMemoryUsage.share, "red"]),
                      noValue: "no memory limits",
                      links: runbooks(context, "HighMemoryUsage"),
                  }),
              ]
            : []),
    ];
}
