import { Phase, Series, series, Value } from "./timeline";

type History = Value | readonly Phase[];

export interface Container {
    readonly namespace: string;
    readonly pod: string;
    readonly container: string;
}

/** The target's labels of kube-state-metrics. Its monitor honours labels: what a metric has itself, it keeps. */
export const KUBE_STATE_METRICS = {
    job: "kube-state-metrics",
    service: "kube-prometheus-stack-kube-state-metrics",
    endpoint: "http",
    namespace: "monitoring",
    pod: "kube-prometheus-stack-kube-state-metrics-0",
    container: "kube-state-metrics",
    instance: "10.0.1.1:8080",
};

/** The labels of the kubelet's target, which has no pod of its own. */
const KUBELET = {
    job: "kubelet",
    service: "kube-prometheus-stack-kubelet",
    endpoint: "https-metrics",
    metrics_path: "/metrics/cadvisor",
    instance: "10.0.0.5:10250",
    node: "node-1",
};

/** A metric of kube-state-metrics. */
export function stateSeries(
    metric: string,
    labels: Readonly<Record<string, string>>,
    over: History,
): Series {
    return series(metric, { ...KUBE_STATE_METRICS, ...labels }, over);
}

/** A metric that cAdvisor shows for a container. */
export function containerSeries(metric: string, container: Container, over: History): Series {
    const id = `/kubepods/${container.pod}/${container.container}`;
    return series(
        metric,
        { ...KUBELET, ...container, id, image: "example.org/app:1", name: container.container },
        over,
    );
}

/** What cAdvisor shows for a cgroup without an image, such as the pod's, the sum of its containers. */
export function cgroupSeries(
    metric: string,
    { namespace, pod }: Omit<Container, "container">,
    over: History,
    container = "",
): Series {
    const id = `/kubepods/${pod}${container && `/cgroup-${container}`}`;
    return series(metric, { ...KUBELET, namespace, pod, container, id, image: "" }, over);
}

/** Memory of a container that the kernel cannot take back, in bytes. */
export function workingSet(container: Container, over: History): Series {
    return containerSeries("container_memory_working_set_bytes", container, over);
}

export function memoryLimit(container: Container, bytes: Value): Series {
    return limit(container, "memory", "byte", bytes);
}

export function cpuLimit(container: Container, cores: Value): Series {
    return limit(container, "cpu", "core", cores);
}

function limit(container: Container, resource: string, unit: string, value: Value): Series {
    const labels = { ...container, resource, unit, node: "node-1", uid: `uid-${container.pod}` };
    return stateSeries("kube_pod_container_resource_limits", labels, value);
}
