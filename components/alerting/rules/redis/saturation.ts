import { DASHBOARDS } from "../../dashboardLinks";
import type { AlertRule } from "../../prometheusRule";
import type { AlertSettings } from "../settings";
import { percent, POD } from "../texts";
import { MEMORY_SHARE } from "../workloads";

/** Memory and connections. */
export function saturationRules(namespace: string, settings: AlertSettings): AlertRule[] {
    const ns = `namespace="${namespace}"`;
    const { RedisHighMemoryUsage, RedisHighConnections, RedisEvictions } = settings;
    const { RedisRejectedConnections } = settings;
    const { share, connections } = RedisHighConnections;
    return [
        {
            alert: "RedisHighMemoryUsage",
            // maxmemory is 0 when it is not set: then the limit of Redis' own container counts.
            expr: `redis_memory_used_bytes{${ns}} / (redis_memory_max_bytes{${ns}} > 0) > ${RedisHighMemoryUsage.share} or (${MEMORY_SHARE}{${ns}, container!="redis-exporter"} > ${RedisHighMemoryUsage.share}) and on (namespace, pod) (redis_memory_max_bytes{${ns}} == 0)`,
            summary: `Redis ${POD} is close to its memory limit`,
            description: `${POD} has used {{ $value | humanizePercentage }} of its memory for ${RedisHighMemoryUsage.for}; at 100 % it evicts keys or refuses writes.`,
            dashboard: DASHBOARDS.pod,
        },
        {
            alert: "RedisHighConnections",
            expr: `redis_connected_clients{${ns}} / (redis_config_maxclients{${ns}} > 0) > ${share} or redis_connected_clients{${ns}} > ${connections}`,
            summary: `Redis ${POD} has many connections`,
            description: `${POD} has had more than ${connections} connections, or ${percent(share)} of maxclients, for ${RedisHighConnections.for}: {{ $value | printf "%.2f" }} (a share when at most 1).`,
            dashboard: DASHBOARDS.pod,
        },
        {
            alert: "RedisRejectedConnections",
            expr: `increase(redis_rejected_connections_total{${ns}}[5m]) > ${RedisRejectedConnections.connections}`,
            summary: `Redis ${POD} refuses connections`,
            description: `${POD} has refused {{ $value | printf "%.0f" }} connections within 5 minutes, since it has maxclients already: these clients have no Redis.`,
            dashboard: DASHBOARDS.pod,
        },
        {
            alert: "RedisEvictions",
            expr: `rate(redis_evicted_keys_total{${ns}}[5m]) > ${RedisEvictions.keysPerSecond}`,
            summary: `Redis ${POD} evicts keys`,
            description: `${POD} has evicted {{ $value | printf "%.2f" }} keys per second for ${RedisEvictions.for}, since maxmemory is reached: as a cache it hits less, as a store it loses data.`,
            dashboard: DASHBOARDS.pod,
        },
    ];
}
