import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import type { RedisInstanceSettings } from "../../components/redis/instanceSettings";
import { configFile, directives, dynamicConfig } from "../../components/redis/redisConfig";
import { DYNAMIC_KEYS, ownerOf } from "../../components/redis/redisConfigKeys";
import { eventually } from "../../lab/tools/commands";
import { execute, needs, Scratch } from "../backup/programs";
import { freePort, PASSWORD, Redis, Servers } from "../backup/servers";
import { INSTANCES, MODES } from "../support/exampleConfig";

/** Instances whose configuration is tried, in every mode that takes it. */
const TRIED: Readonly<Record<string, Pick<RedisInstanceSettings, "kind" | "config">>> = {
    cache: { kind: "cache" },
    store: { kind: "store" },
    "every typed key": {
        config: {
            "maxmemory-policy": "volatile-ttl",
            appendonly: false,
            appendfsync: "always",
            save: "3600 1 300 100",
            maxclients: 500,
            timeout: 60,
            "tcp-keepalive": 30,
            "notify-keyspace-events": "Ex",
            "repl-backlog-size": "2mb",
            "slowlog-log-slower-than": 5000,
            "slowlog-max-len": 64,
            "latency-monitor-threshold": 25,
            "io-threads": 2,
        },
    },
    "keys that have no type": {
        config: {
            "client-output-buffer-limit": "normal 0 0 0 replica 256mb 64mb 60",
            "lazyfree-lazy-eviction": true,
            "hash-max-listpack-entries": 128,
            "tcp-backlog": 128,
        },
    },
};

/** What the server says of a key whose text it writes in another way. */
const SAID: Readonly<Record<string, string>> = {
    "notify-keyspace-events": "xE",
    "repl-backlog-size": "2097152",
    "client-output-buffer-limit":
        "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60",
};

describe("Configuration of Redis on a real server", function () {
    this.timeout(60_000);
    let scratch: Scratch;
    let servers: Servers;
    before(function () {
        needs(this, "redis-server", "redis-cli");
    });
    beforeEach(() => {
        scratch = new Scratch();
        servers = new Servers(scratch);
    });
    afterEach(async () => {
        await servers.stop();
        scratch.remove();
    });

    /** Starts Redis with the lines of the operator's image, the instance's file behind them, as its entrypoint does. */
    async function started(settings: RedisInstanceSettings): Promise<Redis> {
        const port = await freePort();
        const folder = path.join(scratch.folder, String(port));
        fs.mkdirSync(folder);
        const additional = path.join(folder, "redis-additional.conf");
        fs.writeFileSync(additional, configFile(settings) ?? "");
        const persistence = ["save 900 1", "save 300 10", "save 60 10000", "appendonly yes"];
        const bus = await freePort();
        const clustered = ["cluster-enabled yes", `cluster-port ${bus}`];
        const file = path.join(folder, "redis.conf");
        fs.writeFileSync(
            file,
            [
                "bind 127.0.0.1",
                `masterauth ${PASSWORD}`,
                `requirepass ${PASSWORD}`,
                ...(settings.mode === "cluster" ? clustered : []),
                ...(settings.storageSize ? persistence : []),
                `dir ${folder}`,
                `port ${port}`,
                `include ${additional}`,
                "",
            ].join("\n"),
        );
        servers.start("redis-server", [file]);
        const redis = new Redis(port);
        await eventually("Redis", 20, async () => {
            const answer = await redis.ask("PING").catch(() => "");
            return answer.includes("PONG") || undefined;
        });
        return redis;
    }

    async function inform(redis: Redis): Promise<{ readonly pid: number }> {
        const [, pid = ""] = /process_id:(\d+)/.exec(await redis.ask("INFO", "server")) ?? [];
        return { pid: Number(pid) };
    }

    async function value(redis: Redis, key: string): Promise<string> {
        const [, said = ""] = (await redis.ask("CONFIG", "GET", key)).split("\n");
        return said;
    }

    /** What the operator does: `CONFIG SET` of each, with the text behind the first space. */
    async function applyDynamic(redis: Redis, settings: RedisInstanceSettings): Promise<void> {
        for (const each of dynamicConfig(settings)) {
            const space = each.indexOf(" ");
            await redis.ask("CONFIG", "SET", each.slice(0, space), each.slice(space + 1));
        }
    }

    for (const [what, change] of Object.entries(TRIED)) {
        for (const mode of MODES) {
            it(`is in force from the start, and set again: ${what} in mode ${mode}`, async () => {
                const settings = { ...INSTANCES[mode], ...change };
                const redis = await started(settings);
                const holds = async (): Promise<void> => {
                    for (const [key, text] of directives(settings)) {
                        assert.equal(await value(redis, key), SAID[key] ?? text, key);
                    }
                    assert.equal(await value(redis, "maxmemory"), "805306368");
                };
                await holds();
                await applyDynamic(redis, settings);
                await holds();
            });
        }
    }

    it("of a cache without a volume writes no file", async () => {
        const redis = await started({
            ...INSTANCES.standalone,
            storageSize: undefined,
            kind: "cache",
        });
        await redis.fill(1000);
        await redis.ask("SHUTDOWN").catch(() => "");
        const files = fs.readdirSync(path.join(scratch.folder, String(redis.port)));
        assert.deepEqual(files.sort(), ["redis-additional.conf", "redis.conf"]);
    });

    it("keeps every key of a Redis that is asked to end, with snapshots alone", async () => {
        const settings: RedisInstanceSettings = {
            ...INSTANCES.standalone,
            config: { appendonly: false, save: "3600 1" },
        };
        const redis = await started(settings);
        await redis.fill(5000);
        const folder = path.join(scratch.folder, String(redis.port));
        assert.deepEqual(
            fs.readdirSync(folder).filter((file) => file.endsWith(".rdb")),
            [],
        );
        const { pid } = await inform(redis);
        // What the kubelet sends first.
        process.kill(pid, "SIGTERM");
        await eventually("its end", 20, async () =>
            redis.ask("PING").then(
                () => undefined,
                () => true,
            ),
        );
        servers.start("redis-server", [path.join(folder, "redis.conf")]);
        const size = await eventually("Redis again", 20, () =>
            redis.ask("DBSIZE").catch(() => undefined),
        );
        assert.equal(Number(size), 5000);
    });

    it("knows of every key of this server whether it is taken while Redis runs", async () => {
        const redis = await started({ ...INSTANCES.standalone, kind: "store" });
        const lines = (await redis.ask("CONFIG", "GET", "*")).split("\n");
        const keys = lines.filter((_, i) => i % 2 === 0);
        assert.ok(keys.length > 100, "the server has its keys");
        const differs: string[] = [];
        for (const [i, key] of keys.entries()) {
            // Old names are refused, and what somebody else sets is nobody's to change.
            if (key === "" || /slave|ziplist/.test(key) || ownerOf(key) !== undefined) {
                continue;
            }
            const { output } = await execute(
                "redis-cli",
                ["-p", String(redis.port), "CONFIG", "SET", key, lines[2 * i + 1] ?? ""],
                { REDISCLI_AUTH: PASSWORD },
            );
            const taken = output.trim() === "OK";
            if (taken !== DYNAMIC_KEYS.has(key)) {
                differs.push(`${key}: ${output.trim()}`);
            }
        }
        // What a running server takes and our list lacks restarts pods, which is safe; the other way is not.
        assert.deepEqual(
            differs.filter((line) => !line.endsWith(": OK")),
            [],
        );
        assert.deepEqual(differs.map((line) => line.replace(": OK", "")).sort(), [
            "acl-pubsub-default",
            "ignore-warnings",
            "oom-score-adj",
            "oom-score-adj-values",
            "proc-title-template",
        ]);
    });
});
