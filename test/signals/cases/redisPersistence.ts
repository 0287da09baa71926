import { AlertCase, ExpectedAlert, firing, quiet } from "../alertCase";
import { NAMESPACE, redisWorld, target } from "../redisWorld";
import { between, from, Phase, Series, series, Value } from "../timeline";

type History = Value | readonly Phase[];

const POD = `${NAMESPACE}/orders-0`;
const pod = target("orders", 0);

/** The results of the last writes to the volume, 1 for "ok", and whether there is an AOF at all. */
function writes(changed: Readonly<Record<string, History>>, aof = 1): Series[] {
    const well: Record<string, History> = {
        rdb_last_bgsave_status: 1,
        aof_last_bgrewrite_status: 1,
        aof_last_write_status: 1,
        aof_enabled: aof,
    };
    return Object.entries({ ...well, ...changed }).map(([name, over]) =>
        series(`redis_${name}`, pod, over),
    );
}

function failing(write: string): ExpectedAlert {
    return {
        labels: { ...pod, write },
        summary: `Redis ${POD} cannot write to its volume`,
        description: `${write} of ${POD} has been "err" for 5m: after a restart it comes back with old data, and with stop-writes-on-bgsave-error it refuses writes already.`,
    };
}

/** Whether what Redis holds reaches its volume. */
export const redisPersistenceCases: readonly AlertCase[] = [
    ...["rdb_last_bgsave_status", "aof_last_bgrewrite_status", "aof_last_write_status"].map(
        (write) =>
            firing("RedisPersistenceFailing", `${write} is not ok`, {
                series: redisWorld(writes({ [write]: from("5m", 0) })),
                severity: "critical",
                at: "10m",
                alerts: [failing(write)],
                until: "30m",
            }),
    ),
    quiet("RedisPersistenceFailing", "the next write succeeds just before 5 minutes are over", {
        series: redisWorld(
            writes({
                rdb_last_bgsave_status: between("5m", "10m", 0),
                aof_last_write_status: between("5m", "10m", 0),
            }),
        ),
        until: "1h",
    }),
    quiet("RedisPersistenceFailing", "an AOF that is switched off has failed once", {
        series: redisWorld(writes({ aof_last_write_status: 0 }, 0)),
        until: "1h",
    }),
];
