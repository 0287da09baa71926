import { AlertCase, ExpectedAlert, firing, quiet } from "../alertCase";
import {
    exporterDown,
    info,
    masterLink,
    NAMESPACE,
    podGone,
    redisDown,
    redisWorld,
    target,
} from "../redisWorld";
import { again, between, from, series } from "../timeline";

function instanceDown(app: string, index: number): ExpectedAlert {
    const pod = `${NAMESPACE}/${app}-${index}`;
    return {
        labels: target(app, index),
        summary: `Redis ${pod} is down`,
        description: `The exporter of ${pod} has not reached its Redis for 1m.`,
    };
}

function workloadDown(app: string, pods: number): ExpectedAlert {
    return {
        labels: { namespace: NAMESPACE, app },
        summary: `Redis ${NAMESPACE}/${app} is down`,
        description: `No pod of ${NAMESPACE}/${app} answers, of ${pods} declared.`,
    };
}

function podsMissing(app: string, answering: number, pods: number): ExpectedAlert {
    return {
        labels: { namespace: NAMESPACE, app },
        summary: `Redis ${NAMESPACE}/${app} runs with fewer pods than declared`,
        description: `${answering} of ${pods} pods of ${NAMESPACE}/${app} have answered for 5m.`,
    };
}

const instanceDownCases = [
    firing("RedisInstanceDown", "one Redis does not answer its exporter", {
        series: redisWorld(redisDown("orders", 1, "5m")),
        severity: "critical",
        at: "6m",
        alerts: [instanceDown("orders", 1)],
        until: "30m",
    }),
    firing("RedisInstanceDown", "the only pod of an instance is gone, and its series with it", {
        series: redisWorld(podGone("cache", 0, "5m")),
        severity: "critical",
        at: "6m",
        alerts: [workloadDown("cache", 1)],
        until: "30m",
    }),
    firing("RedisInstanceDown", "the only pod of an instance is there and does not answer", {
        series: redisWorld(redisDown("cache", 0, "5m")),
        severity: "critical",
        at: "6m",
        alerts: [instanceDown("cache", 0), workloadDown("cache", 1)],
    }),
    firing("RedisInstanceDown", "all Sentinels are gone", {
        series: redisWorld([0, 1, 2].map((i) => podGone("sessions-sentinel", i, "5m")).flat()),
        severity: "critical",
        at: "6m",
        alerts: [workloadDown("sessions-sentinel", 3)],
    }),
    quiet("RedisInstanceDown", "a Redis restarts within a minute, again and again", {
        series: redisWorld(
            series("redis_up", target("orders", 1), again(["30s", 0], ["30s", 0], ["30s", 1])),
        ),
        until: "1h",
    }),
    quiet("RedisInstanceDown", "some pods of a workload are gone", {
        series: redisWorld(podGone("orders", 1, "5m"), podGone("orders", 2, "5m")),
        until: "1h",
    }),
    quiet("RedisInstanceDown", "a Redis of another namespace is down", {
        series: redisWorld(series("redis_up", { ...target("other", 0), namespace: "other" }, 0)),
        until: "1h",
    }),
];

const exporterDownCases = [
    firing("RedisExporterDown", "the exporter does not answer", {
        series: redisWorld(exporterDown("orders", 1, "5m")),
        severity: "warning",
        at: "10m",
        alerts: [
            {
                labels: target("orders", 1),
                summary: `The Redis exporter of ${NAMESPACE}/orders-1 cannot be scraped`,
                description: `Prometheus has not reached the exporter of ${NAMESPACE}/orders-1 for 5m; no other alert on this pod can fire meanwhile.`,
            },
        ],
    }),
    quiet("RedisExporterDown", "the exporter is back just before 5 minutes are over", {
        series: redisWorld(exporterDown("orders", 1, "5m", "10m")),
        until: "1h",
    }),
    quiet("RedisExporterDown", "another target of the namespace is down", {
        series: redisWorld(
            series("up", { namespace: NAMESPACE, pod: "shop-0", job: "shop", app: "shop" }, 0),
        ),
        until: "1h",
    }),
];

const podsMissingCases = [
    firing("RedisPodsMissing", "one pod is gone, and its series with it", {
        series: redisWorld(podGone("orders", 2, "5m")),
        severity: "warning",
        at: "10m",
        alerts: [podsMissing("orders", 2, 3)],
        until: "30m",
    }),
    firing("RedisPodsMissing", "one pod after the other fails: the clock does not start again", {
        series: redisWorld(
            redisDown("carts-follower", 0, "5m"),
            podGone("carts-follower", 1, "8m"),
        ),
        severity: "warning",
        at: "10m",
        alerts: [podsMissing("carts-follower", 1, 3)],
    }),
    quiet("RedisPodsMissing", "a pod is back just before 5 minutes are over", {
        series: redisWorld(podGone("orders", 2, "5m", "10m")),
        until: "1h",
    }),
    quiet("RedisPodsMissing", "there are more pods than declared, while a scale-down runs", {
        series: redisWorld(series("redis_up", target("orders", 3), 1)),
        until: "1h",
    }),
    quiet("RedisPodsMissing", "no pod is left: RedisInstanceDown tells", {
        series: redisWorld([0, 1, 2].map((i) => podGone("orders", i, "5m")).flat()),
        until: "1h",
    }),
];

/** Without Sentinel, from what the pods themselves say. */
const masterDownCases = [
    firing("RedisMasterDown", "the master's pod is gone and no replica takes over", {
        series: redisWorld(
            podGone("orders", 0, "5m"),
            masterLink("orders", 1, from("5m", 0)),
            masterLink("orders", 2, from("5m", 0)),
        ),
        severity: "critical",
        at: "6m",
        alerts: [masterless(2)],
        until: "30m",
    }),
    firing("RedisMasterDown", "the master does not answer, and one replica does", {
        series: redisWorld(
            redisDown("orders", 0, "5m"),
            podGone("orders", 1, "5m"),
            masterLink("orders", 2, from("5m", 0)),
        ),
        severity: "critical",
        at: "6m",
        alerts: [masterless(1)],
    }),
    quiet("RedisMasterDown", "a replica is master just before the minute is over", {
        series: redisWorld(
            podGone("orders", 0, "5m"),
            masterLink("orders", 1, between("5m", "6m", 0, 1)),
            masterLink("orders", 2, between("5m", "6m", 0, 1)),
            series(
                "redis_instance_info",
                { ...target("orders", 1), ...info("slave") },
                from("6m", "gone"),
            ),
            series(
                "redis_instance_info",
                { ...target("orders", 1), ...info("master") },
                from("6m", 1, "gone"),
            ),
        ),
        until: "1h",
    }),
    quiet("RedisMasterDown", "the master's exporter is gone, and the replicas follow the master", {
        series: redisWorld(exporterDown("orders", 0, "5m")),
        until: "1h",
    }),
    quiet("RedisMasterDown", "no pod answers: RedisInstanceDown tells", {
        series: redisWorld([0, 1, 2].map((i) => redisDown("orders", i, "5m")).flat()),
        until: "1h",
    }),
];

function masterless(answering: number): ExpectedAlert {
    return {
        labels: { namespace: NAMESPACE, app: "orders", seen_by: "pods" },
        summary: `Redis ${NAMESPACE}/orders has no master`,
        description: `${answering} Redis pods of ${NAMESPACE}/orders answer and none of them is master: writes fail.`,
    };
}

/** Whether instances and their exporters are there. */
export const redisAvailabilityCases: readonly AlertCase[] = [
    ...instanceDownCases,
    ...exporterDownCases,
    ...podsMissingCases,
    ...masterDownCases,
];
