import { CPU_SHARE, MEMORY_SHARE } from "../../alerting/rules/workloads";
import { DashboardContext, runbooks } from "../definition";
import { Panel, timeseries, worseFrom } from "../model/panels";
import { query, top } from "../model/queries";

const BY_CONTAINER = "by (namespace, pod, container)";
const LEGEND = "{{pod}} {{container}}";

/** cAdvisor's series of containers, and not of the cgroups around them. */
const ofContainers = (matchers: string) => `${matchers}, container!="", image!=""`;

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
        query(used, "used"),
        ...(declared
            ? [
                  query(`sum(${declaredOf("requests", resource, matchers)})`, "requested"),
                  query(`sum(${declaredOf("limits", resource, matchers)})`, "limit"),
              ]
            : []),
    ];
    const share = (recorded: string) => top(`max ${BY_CONTAINER} (${recorded}{${matchers}})`);
    return [
        timeseries({
            title: "CPU",
            description: "Cores that all containers use, beside what they ask for and may have.",
            unit: "cores",
            width: 6,
            interval: "2m",
            queries: total(
                "cpu",
                `sum(rate(container_cpu_usage_seconds_total{${ofContainers(matchers)}}[$__rate_interval]))`,
            ),
        }),
        timeseries({
            title: "Memory",
            description:
                "What the kernel cannot take back from all containers (working set), beside what they ask for and may have.",
            unit: "bytes",
            width: 6,
            interval: "2m",
            queries: total(
                "memory",
                `sum(container_memory_working_set_bytes{${ofContainers(matchers)}})`,
            ),
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
                      queries: [query(share(CPU_SHARE), LEGEND)],
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
                      queries: [query(share(MEMORY_SHARE), LEGEND)],
                      thresholds: worseFrom([alerts.HighMemoryUsage.share, "red"]),
                      noValue: "no memory limits",
                      links: runbooks(context, "HighMemoryUsage"),
                  }),
              ]
            : []),
    ];
}
