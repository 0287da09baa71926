import type { RedisInstanceSettings } from "../../components/redis/instanceSettings";
import { redisPods } from "../../components/redis/redisSpecs";
import { NAMESPACE, target } from "../../commands/pictures/redisTargets";
import { between, from, Phase, Series, series, Value } from "./timeline";

const common = {
    memory: "256Mi",
    cpu: "100m",
    storageSize: "1Gi",
    maxMemoryPercentOfLimit: 75,
    scrapeInterval: "30s",
    scrapeTimeout: "10s",
};

export { NAMESPACE, target };

/** One instance of each mode. */
export const INSTANCES: Readonly<Record<string, RedisInstanceSettings>> = {
    cache: { mode: "standalone", ...common },
    // One with a threshold of its own.
    orders: {
        mode: "replication",
        replicas: 3,
        alerts: { RedisHighMemoryUsage: { share: 0.7 } },
        ...common,
    },
    sessions: { mode: "sentinel", replicas: 3, sentinels: 3, quorum: 2, ...common },
    carts: { mode: "cluster", shards: 3, ...common },
};

/** The workloads that the operator makes of them. */
export const DECLARED = Object.entries(INSTANCES).flatMap(([name, settings]) =>
    redisPods(name, settings),
);

const INSTANCE_NAMES: Readonly<Record<string, string>> = {
    "sessions-sentinel": "sessions",
    "carts-leader": "carts",
    "carts-follower": "carts",
};

/** The labels of an alert on a workload, or on an instance by its name. */
export function ofApp(app: string): Record<string, string> {
    return { namespace: NAMESPACE, app, instance_name: INSTANCE_NAMES[app] ?? app };
}

/** The labels of an alert on a pod. */
export function ofPod(app: string, index: number): Record<string, string> {
    return { ...ofApp(app), pod: `${app}-${index}` };
}

/** The labels of `redis_instance_info` beside the target's. */
export function info(role: "master" | "slave" | ""): Record<string, string> {
    return { role, redis_version: "7.0.15", maxmemory_policy: "noeviction" };
}

/** Every declared pod in health, but for the series given: these replace all of their metric and pod. */
export function redisWorld(...instead: readonly (Series | readonly Series[])[]): Series[] {
    const replacing = instead.flat();
    const key = ({ metric, labels }: Series) => `${metric} ${labels.pod}`;
    const replaced = new Set(replacing.map(key));
    const healthy = DECLARED.flatMap(({ app, pods }) =>
        Array.from({ length: pods }, (_, index) => redisSeries(app, index)).flat(),
    );
    return [...healthy.filter((each) => !replaced.has(key(each))), ...replacing];
}

/** Redis does not answer its exporter. */
export function redisDown(app: string, index: number, start: string, end?: string): Series[] {
    return redisSeries(app, index, {
        redis_up: phases(start, end, 0),
        rest: phases(start, end, "gone"),
        up: 1,
    });
}

/** The exporter does not answer Prometheus, whatever its Redis does. */
export function exporterDown(app: string, index: number, start: string, end?: string): Series[] {
    const gone = phases(start, end, "gone");
    return redisSeries(app, index, { up: phases(start, end, 0), redis_up: gone, rest: gone });
}

/** The pod is not there, and with it all its series. */
export function podGone(app: string, index: number, start: string, end?: string): Series[] {
    const gone = phases(start, end, "gone");
    return redisSeries(app, index, { up: gone, redis_up: gone, rest: gone });
}

/** Whether a replica's link to its master is up. */
export function masterLink(app: string, index: number, over: Value | readonly Phase[]): Series {
    const master = { master_host: "10.0.0.1", master_port: "6379" };
    return series("redis_master_link_up", { ...target(app, index), ...master }, over);
}

interface PodHistory {
    readonly up: Value | readonly Phase[];
    readonly redis_up: Value | readonly Phase[];
    /** What only a Redis that answers shows. */
    readonly rest: Value | readonly Phase[];
}

function redisSeries(
    app: string,
    index: number,
    history: PodHistory = { up: 1, redis_up: 1, rest: 1 },
): Series[] {
    const labels = target(app, index);
    const role = roleOf(app, index);
    return [
        series("up", labels, history.up),
        series("redis_up", labels, history.redis_up),
        series("redis_instance_info", { ...labels, ...info(role) }, history.rest),
        ...(role === "slave" ? [masterLink(app, index, history.rest)] : []),
    ];
}

function roleOf(app: string, index: number): "master" | "slave" | "" {
    switch (app) {
        case "sessions-sentinel":
            return "";
        case "orders":
        case "sessions":
            return index === 0 ? "master" : "slave";
        default:
            return app === "carts-follower" ? "slave" : "master";
    }
}

function phases(start: string, end: string | undefined, value: Value): Phase[] {
    return end ? between(start, end, value) : from(start, value);
}
