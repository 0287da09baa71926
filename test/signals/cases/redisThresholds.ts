import { ENVIRONMENT, RecordCase, TEAM } from "../alertCase";
import { NAMESPACE } from "../redisWorld";
import { Series, series } from "../timeline";

type Labels = Readonly<Record<string, string>>;

/** The thresholds of the alerts on Redis, with what each is when nobody sets it. */
const DEFAULTS: readonly (readonly [alert: string, threshold: string, value: number])[] = [
    ["RedisHighMemoryUsage", "share", 0.9],
    ["RedisMemoryForecast", "share", 0.7],
    ["RedisHighConnections", "share", 0.8],
    ["RedisHighConnections", "connections", 1000],
    ["RedisReplicationLag", "lag", 10485760],
    ["RedisRejectedConnections", "connections", 10],
    ["RedisConnectionsExhausted", "perSecond", 1],
    ["RedisEvictions", "keysPerSecond", 0],
    ["RedisMainThreadBusy", "share", 0.9],
    ["RedisSlowCommands", "perSecond", 0.1],
    ["RedisHighLatency", "share", 0.05],
    ["RedisFragmentation", "ratio", 1.5],
    ["RedisBlockedClients", "clients", 200],
    ["RedisKeysLost", "share", 0.5],
    ["RedisKeysLost", "keys", 1000],
];

function workload(app: string, instance: string, type: string, environment = ENVIRONMENT): Labels {
    return {
        namespace: NAMESPACE,
        app,
        instance_name: instance,
        redis_setup_type: type,
        environment,
        team: TEAM,
    };
}

const CACHE = workload("cache", "cache", "standalone");
const ORDERS = workload("orders", "orders", "replication");
const SENTINELS = workload("sessions-sentinel", "sessions", "sentinel");
const OF_ANOTHER_STACK = workload("cache-qa", "cache-qa", "standalone", "qa");

/** A setting of all instances of an environment. */
const forAll = (alert: string, threshold: string, environment = ENVIRONMENT): Labels => ({
    environment,
    namespace: "",
    app: "",
    alert,
    threshold,
});

/** What two stacks record of the settings, `orders` and `cache-qa` with their own. No two values are the same. */
const SETTINGS: readonly Series[] = DEFAULTS.flatMap(([alert, threshold], i) =>
    [
        forAll(alert, threshold),
        { ...ORDERS, alert, threshold },
        forAll(alert, threshold, "qa"),
        { ...OF_ANOTHER_STACK, alert, threshold },
        // Of no interest to this threshold: another of its alert, and one of its name of another alert.
        forAll(alert, `not-${threshold}`),
        { ...ORDERS, alert, threshold: `not-${threshold}` },
        forAll(`Not${alert}`, threshold),
        { ...ORDERS, alert: `Not${alert}`, threshold },
    ].map((labels, kind) => series("redis:alert_setting", labels, 100 * kind + i + 1)),
);

export const redisThresholdCases: readonly RecordCase[] = [
    {
        record: "redis:declared_pods",
        title: "is the number of pods of each workload",
        series: [],
        at: "1m",
        samples: [
            { labels: CACHE, value: 1 },
            { labels: ORDERS, value: 3 },
            { labels: workload("sessions", "sessions", "replication"), value: 3 },
            { labels: SENTINELS, value: 3 },
            { labels: workload("carts-leader", "carts", "cluster"), value: 3 },
            { labels: workload("carts-follower", "carts", "cluster"), value: 3 },
        ],
    },
    {
        record: "redis:workload:info",
        title: "has the workloads of its own stack alone",
        series: [
            series("redis:declared_pods", ORDERS, 3),
            series("redis:declared_pods", OF_ANOTHER_STACK, 1),
        ],
        at: "1m",
        samples: [{ labels: ORDERS, value: 1 }],
    },
    {
        record: "redis:alert_setting",
        title: "is the default of each threshold, and what an instance has of its own",
        series: [],
        at: "1m",
        samples: [
            ...DEFAULTS.map(([alert, threshold, value]) => ({
                labels: forAll(alert, threshold),
                value,
            })),
            {
                labels: { ...ORDERS, alert: "RedisHighMemoryUsage", threshold: "share" },
                value: 0.7,
            },
        ],
    },
    {
        record: "redis:alert_threshold:value",
        title: "is an instance's own where it has one, and its stack's for the others with Redis' data",
        series: [
            ...SETTINGS,
            ...[CACHE, ORDERS, SENTINELS, OF_ANOTHER_STACK].map((labels) =>
                series("redis:workload:info", labels, 1),
            ),
        ],
        at: "1m",
        samples: DEFAULTS.flatMap(([alert, threshold], i) => [
            { labels: { ...CACHE, alert, threshold }, value: i + 1 },
            { labels: { ...ORDERS, alert, threshold }, value: 100 + i + 1 },
        ]),
    },
];
