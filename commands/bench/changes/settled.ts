import { askOnce, Reply } from "../redisConnection";
import type { DataPod, LiveRedis } from "./liveRedis";

/** What an instance lacks of being whole, by what its own members say; undefined when nothing. */
export async function lacking(redis: LiveRedis): Promise<string | undefined> {
    const pods = await redis.dataPods();
    const wanted = redis
        .workloads()
        .filter(({ data }) => data)
        .reduce((sum, { pods: count }) => sum + count, 0);
    const running = pods.filter(({ ip }) => ip !== "");
    if (running.length !== wanted) {
        return `${running.length} pods of ${wanted}`;
    }
    return redis.settings.mode === "cluster"
        ? clusterLacks(
              redis,
              running.map(({ ip }) => ip),
          )
        : replicationLacks(redis, running);
}

const ask = (redis: LiveRedis, ip: string, ...command: readonly string[]): Promise<Reply> =>
    askOnce(redis.address(ip, 6379), redis.password, ...command);

async function replicationLacks(
    redis: LiveRedis,
    pods: readonly DataPod[],
): Promise<string | undefined> {
    const roles = await Promise.all(
        pods.map(async ({ ip }) => (await ask(redis, ip, "ROLE")) as readonly string[]),
    );
    const masters = pods.filter((_, i) => roles[i]?.[0] === "master");
    const [master] = masters;
    if (masters.length !== 1 || master === undefined) {
        return `${masters.length} masters`;
    }
    // With TLS, a replica knows its master by its name.
    const isMaster = (host = "") => host === master.ip || host.startsWith(`${master.name}.`);
    const apart = roles.filter(
        ([role, of, , state]) => role !== "master" && (!isMaster(of) || state !== "connected"),
    );
    if (apart.length > 0) {
        return `${apart.length} replicas without their master`;
    }
    if (redis.settings.mode !== "sentinel") {
        return undefined;
    }
    const replicas = pods.length - 1;
    const sentinels = Number(redis.workloads().find(({ data }) => !data)?.pods);
    const answer = await askOnce(await redis.service(), undefined, "INFO", "sentinel");
    const [, line = String(answer)] = /(master0:.*)/.exec(String(answer)) ?? [];
    return line.includes(
        `status=ok,address=${master.ip}:6379,slaves=${replicas},sentinels=${sentinels}`,
    )
        ? undefined
        : `a Sentinel knows ${line.trim()}`;
}

async function clusterLacks(
    redis: LiveRedis,
    addresses: readonly string[],
): Promise<string | undefined> {
    const shards = Number(redis.settings.shards);
    for (const ip of addresses) {
        const info = String(await ask(redis, ip, "CLUSTER", "INFO"));
        const number = (key: string) => Number(new RegExp(`${key}:(\\d+)`).exec(info)?.[1]);
        if (
            !info.includes("cluster_state:ok") ||
            number("cluster_slots_ok") !== 16384 ||
            number("cluster_size") !== shards ||
            number("cluster_known_nodes") !== addresses.length
        ) {
            return `${number("cluster_slots_ok")} slots, ${number("cluster_size")} shards and ${number("cluster_known_nodes")} nodes as a member knows them`;
        }
        const [role, , , state] = (await ask(redis, ip, "ROLE")) as readonly string[];
        if (role === "slave" && state !== "connected") {
            return "a follower without its leader";
        }
    }
    return undefined;
}
