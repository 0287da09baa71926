import { DASHBOARDS } from "../../dashboardLinks";
import { AlertRule, RecordingRule, unlessAlert } from "../../prometheusRule";
import type { AlertSettings } from "../settings";
import { POD } from "../texts";
import { MEMORY_SHARE } from "../workloads";
import { perPod, Scope } from "./state";

/** Memory and connections. */
export function saturationRules(scope: Scope, settings: AlertSettings): AlertRule[] {
    const { RedisHighMemoryUsage, RedisHighConnections, RedisEvictions } = settings;
    const limited = `${perPod("redis_memory_max_bytes")} > 0`;
    const ofLimit = `${perPod("redis_memory_used_bytes")} / (${limited})`;
    // maxmemory is 0 when it is not set: then the limit of Redis' own container counts.
    const ofContainer = `(${perPod("redis_memory_max_bytes")} == 0) + on (namespace, pod) group_left () max by (namespace, pod) (${MEMORY_SHARE}{container!="redis-exporter"})`;
    const share = `(${ofLimit} or ${ofContainer})`;
    const clients = perPod("redis_connected_clients");
    const refused = (window: string) =>
        `max by (namespace, app, pod) (increase(redis_rejected_connections_total[${window}]))`;
    const refusing = unlessAlert(
        ["RedisRejectedConnections", "RedisConnectionsExhausted"],
        "namespace, pod",
        "15m",
    );
    const full = unlessAlert(["RedisHighMemoryUsage"], "namespace, pod", "15m");
    const dashboard = DASHBOARDS.redisPod;
    return [
        {
            alert: "RedisHighMemoryUsage",
            expr: `${share} > ${scope.threshold("RedisHighMemoryUsage", "share")}`,
            summary: `Redis ${POD} is close to its memory limit`,
            description: `${POD} has used {{ $value | humanizePercentage }} of its memory for ${RedisHighMemoryUsage.for}; at 100 % it evicts keys or refuses writes.`,
            dashboard,
        },
        {
            alert: "RedisHighConnections",
            expr: `(${clients} / (${perPod("redis_config_maxclients")} > 0) > ${scope.threshold("RedisHighConnections", "share")} or ${clients} > ${scope.threshold("RedisHighConnections", "connections")}) ${refusing}`,
            summary: `Redis ${POD} has many connections`,
            description: `${POD} has had too many connections for ${RedisHighConnections.for}: {{ $value | printf "%.2f" }} (the share of maxclients when at most 1).`,
            dashboard,
        },
        {
            alert: "RedisRejectedConnections",
            expr: `${refused("5m")} > ${scope.threshold("RedisRejectedConnections", "connections")}`,
            summary: `Redis ${POD} refuses connections`,
            description: `${POD} has refused {{ $value | printf "%.0f" }} connections within 5 minutes, since it has maxclients already: these clients have no Redis.`,
            dashboard,
        },
        {
            alert: "RedisConnectionsExhausted",
            expr: `max by (namespace, app, pod) (rate(redis_rejected_connections_total[5m])) > ${scope.threshold("RedisConnectionsExhausted", "perSecond")}`,
            summary: `Redis ${POD} refuses clients all the time`,
            description: `${POD} has refused {{ $value | printf "%.1f" }} connections per second for ${settings.RedisConnectionsExhausted.for}: new clients have no Redis.`,
            dashboard,
        },
        {
            alert: "RedisEvictions",
            expr: `max by (namespace, app, pod) (rate(redis_evicted_keys_total[5m])) > ${scope.threshold("RedisEvictions", "keysPerSecond")} ${full}`,
            summary: `Redis ${POD} evicts keys`,
            description: `${POD} has evicted {{ $value | printf "%.2f" }} keys per second for ${RedisEvictions.for}, since maxmemory is reached: as a cache it hits less, as a store it loses data.`,
            dashboard,
        },
        {
            alert: "RedisBlockedClients",
            expr: `${perPod("redis_blocked_clients")} > ${scope.threshold("RedisBlockedClients", "clients")}`,
            summary: `Many clients wait for Redis ${POD}`,
            description: `{{ $value }} clients of ${POD} have waited in a blocking command for ${settings.RedisBlockedClients.for}: nobody gives them what they wait for.`,
            dashboard,
        },
    ];
}

/** Bytes of a namespace's instances, for graphs of days: used, and what maxmemory allows. */
export const REDIS_MEMORY = {
    used: "namespace:redis_memory_used_bytes:sum",
    max: "namespace:redis_memory_max_bytes:sum",
} as const;

export function memoryRecords(scope: Scope): RecordingRule[] {
    return (["used", "max"] as const).map((each) => ({
        record: REDIS_MEMORY[each],
        expr: `sum by (namespace, environment) (${scope.owned(perPod(`redis_memory_${each}_bytes`), "environment")})`,
    }));
}

/** What is looked at over hours, and seldom. */
export function forecastRules(scope: Scope, settings: AlertSettings): AlertRule[] {
    const { RedisMemoryForecast, RedisFragmentation } = settings;
    const used = perPod("redis_memory_used_bytes");
    const limit = perPod("redis_memory_max_bytes");
    const growing = `max by (namespace, app, pod) (predict_linear(redis_memory_used_bytes[6h], 86400))`;
    // Where keys are evicted, a full memory is in order.
    const stores = `on (namespace, pod) redis_instance_info{maxmemory_policy="noeviction"}`;
    return [
        {
            alert: "RedisMemoryForecast",
            expr: `${used} / (${limit} > 0) > ${scope.threshold("RedisMemoryForecast", "share")} and on (namespace, pod) ${growing} > ${limit} and ${stores} ${unlessAlert(["RedisHighMemoryUsage"], "namespace, pod", "15m")}`,
            summary: `The memory of Redis ${POD} is full within a day`,
            description: `${POD} has used {{ $value | humanizePercentage }} of its memory, and grows so that it is full within 24 hours: then it refuses writes. It has for ${RedisMemoryForecast.for}.`,
            dashboard: DASHBOARDS.redisPod,
        },
        {
            alert: "RedisFragmentation",
            // Of a small data set the ratio says nothing.
            expr: `${perPod("redis_mem_fragmentation_ratio")} > ${scope.threshold("RedisFragmentation", "ratio")} and on (namespace, pod) redis_memory_used_bytes > ${100 * 2 ** 20}`,
            summary: `The memory of Redis ${POD} is fragmented`,
            description: `${POD} has held {{ $value | printf "%.2f" }} times the memory of its data for ${RedisFragmentation.for}: the container may reach its limit before Redis reaches maxmemory.`,
            dashboard: DASHBOARDS.redisPod,
        },
    ];
}
