import { bytes } from "../../settings/quantity";
import type { AlertRule, RuleGroup } from "../prometheusRule";
import { availabilityRules } from "./redis/availability";
import { clusterRules } from "./redis/cluster";
import { CONSTANTS_INTERVAL, settingRules, Thresholds } from "./redis/declared";
import { keyCounts, persistenceRules } from "./redis/persistence";
import { replicationRules } from "./redis/replication";
import { forecastRules, saturationRules } from "./redis/saturation";
import { sentinelRules } from "./redis/sentinel";
import { latencyRecords, mainThreads, speedRules } from "./redis/speed";
import { Scope, stateRules, thresholdRules } from "./redis/state";
import {
    AlertName,
    AlertSettings,
    instanceAlerts,
    InstanceAlerts,
    ThresholdAlert,
} from "./settings";

/** What says that clients cannot read or write is evaluated as often as Prometheus scrapes. */
const AT_ONCE: readonly AlertName[] = [
    "RedisNamespaceDown",
    "RedisInstanceDown",
    "RedisMasterDown",
    "RedisClusterDown",
    "RedisClusterSlotsNotServed",
    "RedisSentinelQuorumLost",
];
/** What has to last for minutes before anybody hears of it. */
const MINUTELY = "1m";
/** What looks far back. */
const SELDOM = "2m";
/** What reads by far the most series of all. */
const RARELY = "5m";

/**
 * Alerts on every Redis instance of a stack, however many there are. Metric names are redis_exporter's
 * (https://github.com/oliver006/redis_exporter); `app` and `redis_setup_type` are target labels of the ServiceMonitors,
 * and what an instance declares are the series of `declaredRules`.
 */
export function redisRules(environment: string, settings: AlertSettings): RuleGroup[] {
    const scope = new Scope(environment);
    const defaults = thresholdsOf(settings);
    const alerts = [
        ...availabilityRules(scope, settings),
        ...replicationRules(scope, settings),
        ...persistenceRules(scope, settings),
        ...saturationRules(scope, settings),
        ...sentinelRules(scope, settings),
        ...clusterRules(scope, settings),
    ];
    const atOnce = ({ alert }: AlertRule) => AT_ONCE.includes(alert);
    return [
        {
            name: "redis-settings",
            interval: CONSTANTS_INTERVAL,
            // Of no workload, which is as good as without the labels.
            rules: settingRules(defaults, { environment, namespace: "", app: "" }),
        },
        {
            name: "redis",
            rules: [...stateRules(scope), ...alerts.filter(atOnce)],
        },
        {
            name: "redis-minutely",
            interval: MINUTELY,
            rules: [
                ...thresholdRules(scope, defaults),
                keyCounts(scope),
                ...alerts.filter((alert) => !atOnce(alert)),
            ],
        },
        { name: "redis-latency", interval: RARELY, rules: latencyRecords(scope) },
        {
            name: "redis-speed",
            interval: SELDOM,
            rules: [
                mainThreads(scope),
                ...speedRules(scope, settings),
                ...forecastRules(scope, settings),
            ],
        },
    ];
}

/** The numbers that rules compare with; of a size its bytes. */
export function thresholdsOf(settings: InstanceAlerts): Thresholds {
    const alerts = Object.keys(instanceAlerts.shape) as ThresholdAlert[];
    return Object.fromEntries(
        alerts
            .filter((alert) => settings[alert] !== undefined)
            .map((alert) => {
                const own = settings[alert] as Readonly<Record<string, unknown>>;
                const names = Object.keys(instanceAlerts.shape[alert].unwrap().shape);
                const given = names.filter((name) => own[name] !== undefined);
                return [alert, Object.fromEntries(given.map((name) => [name, number(own[name])]))];
            }),
    );
}

function number(value: unknown): number {
    return typeof value === "number" ? value : bytes(String(value));
}
