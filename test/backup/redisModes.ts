import * as fs from "node:fs";
import * as path from "node:path";

import { eventually } from "../../lab/tools/commands";
import { execute, Scratch, succeeds } from "./programs";
import { freePort, PASSWORD, Redis, Servers } from "./servers";

export interface RedisCluster {
    readonly nodes: readonly Redis[];
    /** Leaders at the start, of whom each has one follower. */
    readonly leaders: readonly Redis[];
}

/** A Redis Cluster of three shards with a follower each. */
export async function cluster(servers: Servers): Promise<RedisCluster> {
    const nodes: Redis[] = [];
    const members: string[] = [];
    for (let i = 0; i < 6; i++) {
        const bus = String(await freePort());
        nodes.push(
            await servers.redis(
                ...["--cluster-enabled", "yes", "--cluster-port", bus],
                // On a busy machine, less is a failover, which loses what was just written.
                ...["--cluster-node-timeout", "15000"],
            ),
        );
        members.push(`${nodes[i]?.member}@${bus}`);
    }
    await succeeds(
        execute(
            "redis-cli",
            ["--cluster", "create", ...members, "--cluster-replicas", "1", "--cluster-yes"],
            { REDISCLI_AUTH: PASSWORD },
        ),
    );
    await eventually("the cluster", 60, async () => {
        const states = await Promise.all(nodes.map((node) => node.ask("CLUSTER", "INFO")));
        return states.every((state) => state.includes("cluster_state:ok")) || undefined;
    });
    const roles = await Promise.all(nodes.map((node) => node.ask("ROLE")));
    await Promise.all(
        nodes.filter((_, i) => roles[i]?.startsWith("slave")).map((node) => node.inSync()),
    );
    return { nodes, leaders: nodes.filter((_, i) => roles[i]?.startsWith("master")) };
}

/** Writes keys into all shards. */
export async function fillCluster({ nodes, leaders }: RedisCluster, keys: number): Promise<void> {
    const port = String(leaders[0]?.port);
    for (let i = 0; i < keys; i++) {
        await succeeds(
            execute("redis-cli", ["-e", "-c", "-p", port, "SET", `key:${i}`, "value"], {
                REDISCLI_AUTH: PASSWORD,
            }),
        );
    }
    await eventually("the keys on every follower", 30, async () => {
        const sizes = await Promise.all(nodes.map((node) => node.ask("DBSIZE")));
        return sizes.reduce((sum, size) => sum + Number(size), 0) === 2 * keys || undefined;
    });
}

/** Three Sentinels that watch a master with some replicas; gives one of them. */
export async function sentinels(
    servers: Servers,
    { folder }: Scratch,
    master: Redis,
    replicas: number,
): Promise<Redis> {
    const all: Redis[] = [];
    for (let i = 0; i < 3; i++) {
        const port = await freePort();
        const file = path.join(folder, `sentinel-${port}.conf`);
        fs.writeFileSync(
            file,
            [
                `port ${port}`,
                "bind 127.0.0.1",
                `sentinel monitor mymaster 127.0.0.1 ${master.port} 2`,
                `sentinel auth-pass mymaster ${PASSWORD}`,
                "sentinel down-after-milliseconds mymaster 2000",
                "",
            ].join("\n"),
        );
        servers.start("redis-sentinel", [file]);
        all.push(new Redis(port));
    }
    const first = all[0] as Redis;
    await eventually("the Sentinels", 60, async () => {
        const state = await first.ask("INFO", "sentinel");
        return state.includes(`slaves=${replicas},sentinels=3`) || undefined;
    });
    return first;
}
