import { seconds } from "../../settings/duration";
import { bytes } from "../../settings/quantity";
import type { Rule, RuleGroup } from "../prometheusRule";
import { availabilityRules } from "./redis/availability";
import { clusterRules } from "./redis/cluster";
import { CONSTANTS_INTERVAL, settingRules, Thresholds } from "./redis/declared";
import { keyCounts, persistenceRules } from "./redis/persistence";
import { replicationRules } from "./redis/replication";
import { forecastRules, memoryRecords, saturationRules } from "./redis/saturation";
import { sentinelRules } from "./redis/sentinel";
import { latencyRecords, latencyRule, mainThreads, speedRules } from "./redis/speed";
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
/**
 * How often other alerts are evaluated: the longer something has to last before anybody hears of it, from so many seconds
 * on, the less often.
 */
const PACES = [
    { interval: "1m", lasting: 0 },
    { interval: "2m", lasting: 300 },
    // Less than the five minutes for which a sample counts.
    { interval: "4m", lasting: 3600 },
] as const;
type Pace = (typeof PACES)[number]["interval"];

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
        ...speedRules(scope, settings),
        ...forecastRules(scope, settings),
    ];
    const fixed: Readonly<Record<Pace, readonly Rule[]>> = {
        "1m": [...thresholdRules(scope, defaults), keyCounts(scope)],
        "2m": [mainThreads(scope)],
        // They read by far the most series of all.
        "4m": [...latencyRecords(scope), latencyRule(scope, settings), ...memoryRecords(scope)],
    };
    return [
        {
            name: "redis-settings",
            interval: CONSTANTS_INTERVAL,
            // Of no workload, which is as good as without the labels.
            rules: settingRules(defaults, { environment, namespace: "", app: "" }),
        },
        {
            name: "redis",
            rules: [
                ...stateRules(scope),
                ...alerts.filter(({ alert }) => paceOf(alert, settings) === undefined),
            ],
        },
        ...PACES.map(({ interval }) => ({
            name: `redis-${interval}`,
            interval,
            rules: [
                ...fixed[interval],
                ...alerts.filter(({ alert }) => paceOf(alert, settings) === interval),
            ],
        })),
    ];
}

/** The interval of an alert; undefined where that is Prometheus' own. */
function paceOf(alert: AlertName, settings: AlertSettings): Pace | undefined {
    const lasts = seconds(settings[alert].for);
    return AT_ONCE.includes(alert)
        ? undefined
        : PACES.filter(({ lasting }) => lasts >= lasting).at(-1)?.interval;
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
