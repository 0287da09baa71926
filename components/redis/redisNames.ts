import type { RedisMode } from "./instanceSettings";

/** What the operator makes of an instance, by kind and name; two instances must not share any. */
export function redisObjects(name: string, mode: RedisMode): string[] {
    const workloads = redisWorkloads(name, mode);
    const ofMaster = mode === "standalone" ? [] : [`${name}-master`];
    const ofReplicas = mode === "replication" || mode === "sentinel" ? [`${name}-replica`] : [];
    const services = [
        ...workloads.flatMap((workload) =>
            ["", "-headless", "-additional", "-metrics"].map((suffix) => `${workload}${suffix}`),
        ),
        ...ofMaster,
        ...ofReplicas,
    ];
    return [
        ...workloads.map((workload) => `StatefulSet "${workload}"`),
        ...services.map((service) => `Service "${service}"`),
    ];
}

/** The StatefulSets that the operator makes of an instance, which are the values of the label `app`. */
export function redisWorkloads(name: string, mode: RedisMode): string[] {
    switch (mode) {
        case "sentinel":
            return [name, `${name}-sentinel`];
        case "cluster":
            return [`${name}-leader`, `${name}-follower`];
        default:
            return [name];
    }
}
