import { AlertCase, ExpectedAlert, firing, quiet, RecordCase } from "../alertCase";
import {
    cgroupSeries,
    Container,
    containerSeries,
    cpuLimit,
    memoryLimit,
    stateSeries,
    workingSet,
} from "../clusterSeries";
import { between, from, Series, series } from "../timeline";

const APP = { namespace: "shop", pod: "web-5d9c-x", container: "web" };
/** A container of a tenant's namespace. */
const TENANTS_APP = { namespace: "shop-qa", pod: "web-5d9c-y", container: "web" };

/** CPU seconds of a container, and of its pod as a whole, at a share of one core. */
function cpu(share: number): Series[] {
    const used = { from: 100, perMinute: 60 * share };
    const metric = "container_cpu_usage_seconds_total";
    return [containerSeries(metric, APP, used), cgroupSeries(metric, APP, used)];
}

function highMemory({ namespace, pod, container }: Container, share: string): ExpectedAlert {
    const name = `${namespace}/${pod} (${container})`;
    return {
        labels: { namespace, pod, container },
        summary: `${name} is close to its memory limit`,
        description: `${name} has used ${share} of its memory limit for 10m; at 100 % it is killed.`,
    };
}

const memoryCases = [
    firing("HighMemoryUsage", "more than 90 % of the limit is used", {
        series: [workingSet(APP, from("5m", 901, 500)), memoryLimit(APP, 1000)],
        severity: "warning",
        at: "15m",
        alerts: [highMemory(APP, "90.1%")],
        until: "1h",
    }),
    firing("HighMemoryUsage", "the namespace is of a tenant, whose environment the alert names", {
        series: [workingSet(TENANTS_APP, 901), memoryLimit(TENANTS_APP, 1000)],
        severity: "warning",
        at: "10m",
        alerts: [
            {
                ...highMemory(TENANTS_APP, "90.1%"),
                labels: { ...TENANTS_APP, environment: "qa" },
            },
        ],
    }),
    quiet("HighMemoryUsage", "exactly 90 % of the limit is used", {
        series: [workingSet(APP, 900), memoryLimit(APP, 1000)],
        until: "1h",
    }),
    quiet("HighMemoryUsage", "it falls just before 10 minutes are over", {
        series: [workingSet(APP, between("5m", "15m", 990, 500)), memoryLimit(APP, 1000)],
        until: "1h",
    }),
    quiet("HighMemoryUsage", "the container has no limit", {
        series: [workingSet(APP, 990), cpuLimit(APP, 1)],
        until: "1h",
    }),
    quiet("HighMemoryUsage", "the limit is shown as 0", {
        series: [workingSet(APP, 990), memoryLimit(APP, 0)],
        until: "1h",
    }),
    quiet("HighMemoryUsage", "the pod as a whole uses more than one container may", {
        series: [
            workingSet(APP, 500),
            memoryLimit(APP, 1000),
            cgroupSeries("container_memory_working_set_bytes", APP, 990),
        ],
        until: "1h",
    }),
];

const cpuCases = [
    firing("HighCPUUsage", "more than 90 % of the limit is used", {
        // The rate is whole with ten scrapes, the last of them at 4 minutes and a half.
        series: [...cpu(0.091), cpuLimit(APP, 0.1)],
        severity: "warning",
        at: "1170s",
        alerts: [
            {
                labels: APP,
                summary: "shop/web-5d9c-x (web) is close to its CPU limit",
                description:
                    "shop/web-5d9c-x (web) has used 91% of its CPU limit for 15m and is being throttled.",
            },
        ],
        until: "1h",
    }),
    quiet("HighCPUUsage", "less than 90 % of the limit is used", {
        series: [...cpu(0.089), cpuLimit(APP, 0.1)],
        until: "1h",
    }),
    quiet("HighCPUUsage", "it is busy for less than 15 minutes", {
        series: [
            containerSeries("container_cpu_usage_seconds_total", APP, [
                ["10m", { from: 0, perMinute: 6 }],
                ["10m", { from: 60, perMinute: 60 }],
                ["4h", { from: 660, perMinute: 6 }],
            ]),
            cpuLimit(APP, 1),
        ],
        until: "1h",
    }),
    quiet("HighCPUUsage", "cAdvisor shows the container a second time, by its cgroup alone", {
        series: [
            ...cpu(0.6),
            cgroupSeries(
                "container_cpu_usage_seconds_total",
                APP,
                { from: 100, perMinute: 36 },
                "web",
            ),
            cpuLimit(APP, 1),
        ],
        until: "1h",
    }),
    quiet("HighCPUUsage", "the container has no limit", {
        series: [...cpu(3), memoryLimit(APP, 1000)],
        until: "1h",
    }),
    quiet("HighCPUUsage", "the counter starts again", {
        series: [
            containerSeries("container_cpu_usage_seconds_total", APP, from("20m", 0, 100000)),
            cpuLimit(APP, 1),
        ],
        until: "2h",
    }),
];

/** How much of its limits a container uses. */
export const containerUsageCases: readonly AlertCase[] = [...memoryCases, ...cpuCases];

const SIDECAR = { ...APP, container: "proxy" };
const OTHER = { namespace: "other", pod: "b-0", container: "b" };
/** What a container asks for, as two pods of kube-state-metrics show it while one takes over from the other. */
const requests = (container: Container, resource: string, value: number) =>
    ["10.0.1.1:8080", "10.0.1.2:8080"].map((instance) =>
        stateSeries(
            "kube_pod_container_resource_requests",
            { ...container, resource, instance },
            value,
        ),
    );
const inShop = (value: number, labels = {}) => ({
    labels: { namespace: "shop", ...labels },
    value,
});
const inOther = (value: number, labels = {}) => ({
    labels: { namespace: "other", ...labels },
    value,
});

/** What is recorded of containers for dashboards. */
export const usageRecordCases: readonly RecordCase[] = [
    {
        record: "namespace_pod_container:cpu_usage_limit:ratio_rate5m",
        title: "a container without a limit has none",
        series: [
            ...cpu(0.5),
            cpuLimit(APP, 2),
            containerSeries("container_cpu_usage_seconds_total", OTHER, { from: 0, perMinute: 6 }),
        ],
        at: "30m",
        samples: [{ labels: APP, value: 0.25 }],
    },
    {
        record: "namespace:container_cpu_usage:rate5m",
        title: "of a namespace, without the cgroups around its containers",
        series: [
            ...cpu(0.5),
            containerSeries("container_cpu_usage_seconds_total", SIDECAR, {
                from: 0,
                perMinute: 15,
            }),
            containerSeries("container_cpu_usage_seconds_total", OTHER, { from: 0, perMinute: 6 }),
        ],
        at: "30m",
        samples: [inShop(0.75), inOther(0.1)],
    },
    {
        record: "namespace:container_memory_working_set_bytes:sum",
        title: "of a namespace, without the cgroups around its containers",
        series: [
            workingSet(APP, 500),
            workingSet(SIDECAR, 100),
            workingSet(OTHER, 7),
            cgroupSeries("container_memory_working_set_bytes", APP, 600),
        ],
        at: "30m",
        samples: [inShop(600), inOther(7)],
    },
    {
        record: "namespace_pod_container:memory_requests_unused:bytes",
        title: "what it asks for, once, without the most of a day",
        series: [
            ...requests(APP, "memory", 1000),
            ...requests(APP, "cpu", 7),
            series("namespace_pod_container:memory_working_set_bytes:max5m", APP, [
                ["1h", 100],
                ["1h", 700],
                ["2h", 200],
            ]),
            ...requests(OTHER, "memory", 300),
            series("namespace_pod_container:memory_working_set_bytes:max5m", OTHER, 400),
            // Nothing is known of its use.
            ...requests(SIDECAR, "memory", 50),
        ],
        at: "3h",
        samples: [
            { labels: APP, value: 300 },
            { labels: OTHER, value: -100 },
        ],
    },
    {
        record: "namespace:container_resource_requests:sum",
        title: "each resource by itself, each container once",
        series: [
            ...requests(APP, "cpu", 2),
            ...requests(SIDECAR, "cpu", 1),
            ...requests(APP, "memory", 1000),
            ...requests(OTHER, "cpu", 4),
        ],
        at: "30m",
        samples: [
            inShop(3, { resource: "cpu" }),
            inShop(1000, { resource: "memory" }),
            inOther(4, { resource: "cpu" }),
        ],
    },
    {
        record: "namespace:container_resource_limits:sum",
        title: "each resource by itself",
        series: [cpuLimit(APP, 2), cpuLimit(SIDECAR, 1), memoryLimit(APP, 1000)],
        at: "30m",
        samples: [inShop(3, { resource: "cpu" }), inShop(1000, { resource: "memory" })],
    },
    {
        record: "namespace_pod_container:memory_working_set_bytes:max5m",
        title: "the most of the last minutes, of the container alone",
        series: [
            workingSet(APP, between("27m", "28m", 900, 500)),
            workingSet(OTHER, between("10m", "12m", 900, 7)),
            cgroupSeries("container_memory_working_set_bytes", APP, 2000),
        ],
        at: "30m",
        samples: [
            { labels: APP, value: 900 },
            { labels: OTHER, value: 7 },
        ],
    },
];
