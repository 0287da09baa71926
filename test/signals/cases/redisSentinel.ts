import { AlertCase, ExpectedAlert, firing, quiet } from "../alertCase";
import { NAMESPACE, redisWorld, target } from "../redisWorld";
import { again, between, from, Phase, Series, series, Value } from "../timeline";

const APP = "sessions-sentinel";
const SENTINELS = [0, 1, 2];
const MASTER = { master_name: "mymaster", master_address: "10.0.0.1:6379" };
const PROMOTED = { master_name: "mymaster", master_address: "10.0.0.2:6379" };

type History = Value | readonly Phase[];

/** What one Sentinel thinks of the master, by the status that it gives as a label. */
function masterStatus(
    sentinel: number,
    status: "ok" | "sdown" | "odown",
    over: History,
    master = MASTER,
): Series {
    const labels = { ...target(APP, sentinel), ...master, master_status: status };
    return series("redis_sentinel_master_status", labels, over);
}

/** What one Sentinel says of the quorum; its text is a label. */
function quorum(sentinel: number, message: string, over: History): Series {
    const labels = { ...target(APP, sentinel), master_name: "mymaster", message };
    return series("redis_sentinel_master_ckquorum_status", labels, over);
}

const ENOUGH = "OK 3 usable Sentinels. Quorum and failover authorization can be reached";
const tooFew = (usable: number) =>
    `NOQUORUM ${usable} usable Sentinels. Not enough available Sentinels to reach the specified quorum for this master`;

/** Sees the master well, and from `start` on down: first by itself, a minute later in agreement. */
function seesMasterDown(sentinel: number, start: string, agreed: string): Series[] {
    return [
        masterStatus(sentinel, "ok", from(start, "gone")),
        masterStatus(sentinel, "sdown", [
            [start, "gone"],
            ["30s", 0],
            ["4h", "gone"],
        ]),
        masterStatus(sentinel, "odown", from(agreed, 0, "gone")),
    ];
}

/** How many masters a Sentinel watches, and whether it is in tilt mode. */
function watching(sentinel: number, masters: History, tilt: History): Series[] {
    return [
        series("redis_sentinel_masters", target(APP, sentinel), masters),
        series("redis_sentinel_tilt", target(APP, sentinel), tilt),
    ];
}

function notWatching(sentinel: number): ExpectedAlert {
    const pod = `${NAMESPACE}/${APP}-${sentinel}`;
    return {
        labels: target(APP, sentinel),
        summary: `Sentinel ${pod} watches no master`,
        description: `${pod} has had no master to watch, or has been in tilt mode, for 5m: it does not count for the quorum.`,
    };
}

/** Whether a failover is possible, and whether there is a master. */
export const redisSentinelCases: readonly AlertCase[] = [
    firing("RedisSentinelQuorumLost", "the texts of the Sentinels change all the time", {
        series: redisWorld(
            ...SENTINELS.flatMap((sentinel) => [
                quorum(sentinel, ENOUGH, from("5m", "gone")),
                quorum(sentinel, tooFew(1), [
                    ["5m", "gone"],
                    ...again(["30s", 0], ["30s", "gone"]),
                ]),
                quorum(sentinel, tooFew(0), [
                    ["5m", "gone"],
                    ...again(["30s", "gone"], ["30s", 0]),
                ]),
            ]),
        ),
        severity: "critical",
        at: "6m",
        alerts: [
            {
                labels: { namespace: NAMESPACE, app: APP, master_name: "mymaster" },
                summary: `Sentinels ${NAMESPACE}/${APP} have lost the quorum for mymaster`,
                description: `No Sentinel of ${NAMESPACE}/${APP} reaches enough others to fail mymaster over: the next loss of the master is an outage.`,
            },
        ],
        until: "30m",
    }),
    quiet("RedisSentinelQuorumLost", "one Sentinel is cut off from the others", {
        series: redisWorld(quorum(0, tooFew(1), 0), quorum(1, ENOUGH, 1), quorum(2, ENOUGH, 1)),
        until: "1h",
    }),
    quiet("RedisSentinelQuorumLost", "the quorum is back just before the minute is over", {
        series: redisWorld(
            ...SENTINELS.flatMap((sentinel) => [
                quorum(sentinel, ENOUGH, between("5m", "6m", "gone")),
                quorum(sentinel, tooFew(1), between("5m", "6m", 0, "gone")),
            ]),
        ),
        until: "1h",
    }),
    firing("RedisMasterDown", "two of three Sentinels see the master down, whatever they call it", {
        series: redisWorld(
            seesMasterDown(0, "5m", "330s"),
            seesMasterDown(1, "5m", "330s"),
            masterStatus(2, "ok", 1),
        ),
        severity: "critical",
        at: "6m",
        alerts: [
            {
                labels: {
                    namespace: NAMESPACE,
                    app: APP,
                    master_name: "mymaster",
                    seen_by: "sentinels",
                },
                summary: `Redis master mymaster of ${NAMESPACE}/${APP} is down`,
                description: `More than half of the Sentinels ${NAMESPACE}/${APP} have seen the master mymaster as down for 1m, and no failover has ended it.`,
            },
        ],
        until: "30m",
    }),
    quiet("RedisMasterDown", "one Sentinel is cut off and sees the master down", {
        series: redisWorld(
            masterStatus(0, "sdown", 0),
            masterStatus(1, "ok", 1),
            masterStatus(2, "ok", 1),
        ),
        until: "1h",
    }),
    quiet("RedisMasterDown", "half of the Sentinels that answer see the master down", {
        series: redisWorld(masterStatus(0, "sdown", 0), masterStatus(1, "ok", 1)),
        until: "1h",
    }),
    quiet("RedisMasterDown", "a failover is through just before the minute is over", {
        series: redisWorld(
            ...SENTINELS.flatMap((sentinel) => [
                masterStatus(sentinel, "ok", from("5m", "gone")),
                masterStatus(sentinel, "odown", between("5m", "6m", 0, "gone")),
                masterStatus(sentinel, "ok", from("6m", 1, "gone"), PROMOTED),
            ]),
        ),
        until: "1h",
    }),
    firing("RedisSentinelsDisagree", "one Sentinel names another master", {
        series: redisWorld(
            masterStatus(0, "ok", 1),
            masterStatus(1, "sdown", 0),
            masterStatus(2, "ok", from("5m", "gone")),
            masterStatus(2, "ok", from("5m", 1, "gone"), PROMOTED),
        ),
        severity: "critical",
        at: "7m",
        alerts: [
            {
                labels: { namespace: NAMESPACE, app: APP, master_name: "mymaster" },
                summary: `Sentinels ${NAMESPACE}/${APP} disagree on mymaster`,
                description: `The Sentinels ${NAMESPACE}/${APP} have named 2 addresses of mymaster for 2m: clients write to different masters.`,
            },
        ],
        until: "30m",
    }),
    quiet("RedisSentinelsDisagree", "the others follow just before 2 minutes are over", {
        series: redisWorld(
            SENTINELS.flatMap((sentinel) => {
                const time = sentinel === 2 ? "5m" : "7m";
                return [
                    masterStatus(sentinel, "ok", from(time, "gone")),
                    masterStatus(sentinel, "ok", from(time, 1, "gone"), PROMOTED),
                ];
            }),
        ),
        until: "1h",
    }),
    quiet("RedisSentinelsDisagree", "they see the same master up and down", {
        series: redisWorld(masterStatus(0, "sdown", 0), masterStatus(1, "ok", 1)),
        until: "1h",
    }),
    firing("RedisSentinelNotWatching", "a Sentinel has no master to watch", {
        series: redisWorld(watching(0, from("5m", 0), 0), watching(1, 1, 0)),
        severity: "warning",
        at: "10m",
        alerts: [notWatching(0)],
        until: "1h",
    }),
    firing("RedisSentinelNotWatching", "a Sentinel is in tilt mode", {
        series: redisWorld(watching(0, 1, 0), watching(1, 1, from("5m", 1, 0))),
        severity: "warning",
        at: "10m",
        alerts: [notWatching(1)],
        until: "1h",
    }),
    quiet("RedisSentinelNotWatching", "it is well again just before 5 minutes are over", {
        series: redisWorld(
            watching(0, between("5m", "10m", 0), 0),
            watching(1, 1, between("5m", "10m", 1, 0)),
        ),
        until: "1h",
    }),
];
