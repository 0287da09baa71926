import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import {
    aclFile,
    BACKUP_USER,
    EXPORTER_USER,
    redisUser,
    usersOf,
} from "../../components/redis/redisUsers";
import { eventually } from "../../lab/tools/commands";
import { execute, needs, runScript, Scratch, succeeds } from "../backup/programs";
import { freePort, PASSWORD, Redis, Servers } from "../backup/servers";
import { INSTANCES } from "../support/exampleConfig";

const USERS = usersOf({
    backup: { schedule: "0 1 * * *", allowEmpty: false },
    users: {
        shop: redisUser.parse({ keys: ["shop:*"], channels: ["shop:*"] }),
        report: redisUser.parse({ access: "read", keys: ["shop:*"] }),
        lister: redisUser.parse({ commands: ["+keys", "-@scripting"] }),
        chief: redisUser.parse({ access: "all", channels: ["*"] }),
    },
});
const PASSWORDS = Object.fromEntries(
    Object.keys(USERS).map((user) => [user, `password0of0the0user0${user}`]),
);

describe("Users of Redis on a real server", function () {
    this.timeout(60_000);
    let scratch: Scratch;
    let servers: Servers;
    let redis: Redis;
    let aclfile: string;
    before(async function () {
        needs(this, "redis-server", "redis-cli");
        scratch = new Scratch();
        servers = new Servers(scratch);
        aclfile = path.join(scratch.folder, "user.acl");
        fs.writeFileSync(aclfile, aclFile(PASSWORD, USERS, PASSWORDS));
        redis = await servers.redis("--aclfile", aclfile);
        await redis.ask("SET", "shop:1", "a");
        await redis.ask("SET", "other:1", "b");
    });
    after(async () => {
        await servers?.stop();
        scratch?.remove();
    });

    async function as(user: string, ...command: readonly string[]): Promise<string> {
        const { output } = await execute(
            "redis-cli",
            ["-h", "127.0.0.1", "-p", String(redis.port), "--user", user, ...command],
            { REDISCLI_AUTH: PASSWORDS[user] ?? PASSWORD },
        );
        return output.trim();
    }

    const may: readonly (readonly [string, string, string | RegExp])[] = [
        ["shop", "SET shop:2 x", "OK"],
        ["shop", "GET shop:1", "a"],
        ["shop", "PUBLISH shop:news hello", "0"],
        ["shop", "EVAL return(1) 0", "1"],
        ["shop", "INFO server", /redis_version/],
        ["shop", "COMMAND COUNT", /\d+/],
        ["report", "GET shop:1", "a"],
        ["report", "PING", "PONG"],
        ["lister", "KEYS shop:1", "shop:1"],
        ["chief", "CONFIG GET maxclients", /10000/],
        [EXPORTER_USER, "CONFIG GET maxclients", /10000/],
        [EXPORTER_USER, "STRLEN other:1", "1"],
        [BACKUP_USER, "INFO replication", /role:master/],
        ["default", "FLUSHDB ASYNC", "OK"],
    ];
    const mayNot: readonly (readonly [string, string])[] = [
        ["shop", "GET other:1"],
        ["shop", "SET other:2 x"],
        ["shop", "SUBSCRIBE other:news"],
        ["shop", "FLUSHALL"],
        ["shop", "KEYS *"],
        ["shop", "CONFIG GET requirepass"],
        ["shop", "ACL LIST"],
        ["shop", "BGSAVE"],
        ["shop", "SHUTDOWN NOSAVE"],
        ["shop", "REPLICAOF NO ONE"],
        ["shop", "CLIENT KILL ID 1"],
        ["report", "SET shop:1 x"],
        ["report", "DEL shop:1"],
        ["report", "GETDEL shop:1"],
        ["report", "GET other:1"],
        ["report", "EVAL return(1) 0"],
        ["report", "CLIENT KILL ID 1"],
        ["lister", "EVAL return(1) 0"],
        [EXPORTER_USER, "SET shop:1 x"],
        [EXPORTER_USER, "DEL shop:1"],
        [EXPORTER_USER, "CONFIG SET maxclients 1"],
        [EXPORTER_USER, "CLIENT KILL ID 1"],
        [EXPORTER_USER, "FLUSHALL"],
        [EXPORTER_USER, "SLOWLOG RESET"],
        [EXPORTER_USER, "ACL LIST"],
        [EXPORTER_USER, "EVAL return(1) 0"],
        [BACKUP_USER, "GET shop:1"],
        [BACKUP_USER, "SET shop:1 x"],
        [BACKUP_USER, "CONFIG GET maxclients"],
        [BACKUP_USER, "FLUSHALL"],
        [BACKUP_USER, "CLUSTER RESET"],
    ];
    for (const [user, command, answer] of may) {
        it(`lets ${user} ${command}`, async () => {
            const said = await as(user, ...command.split(" "));
            if (typeof answer === "string") {
                assert.equal(said, answer);
            } else {
                assert.match(said, answer);
            }
        });
    }
    for (const [user, command] of mayNot) {
        it(`refuses ${user} ${command}`, async () => {
            assert.match(await as(user, ...command.split(" ")), /^NOPERM/);
        });
    }

    it("refuses everybody without a password, and a user with another one", async () => {
        const { output } = await execute("redis-cli", ["-p", String(redis.port), "PING"], {});
        assert.match(output, /NOAUTH/);
        const wrong = await execute(
            "redis-cli",
            ["-p", String(redis.port), "--user", "shop", "PING"],
            { REDISCLI_AUTH: PASSWORD },
        );
        assert.match(wrong.output, /WRONGPASS/);
    });

    it("keeps replicas in sync, which are the user default", async () => {
        const replica = await servers.redis(
            ...["--aclfile", aclfile],
            ...["--replicaof", "127.0.0.1", String(redis.port)],
        );
        await replica.inSync();
        await redis.ask("SET", "shop:1", "a");
    });

    it("gives backups everything, as the user of backups", async function () {
        await redis.ask("SET", "shop:1", "a");
        await redis.ask("SET", "other:1", "b");
        const log = await succeeds(
            runScript("export-redis.sh", {
                ...scratch.variables,
                MEMBERS: redis.member,
                REDISCLI_USER: BACKUP_USER,
                REDISCLI_AUTH: PASSWORDS[BACKUP_USER] ?? "",
                ALLOW_EMPTY: "false",
            }),
        );
        assert.match(log, /export: 2 keys of /);
    });

    it("shows the exporter what default shows it", async function () {
        needs(this, "prometheus-redis-exporter");
        await redis.ask("RPUSH", "jobs", "a");
        const names = async (user: string): Promise<string[]> => {
            const port = await freePort();
            servers.start("prometheus-redis-exporter", [], {
                REDIS_ADDR: `redis://127.0.0.1:${redis.port}`,
                REDIS_USER: user,
                REDIS_PASSWORD: PASSWORDS[user] ?? PASSWORD,
                REDIS_EXPORTER_WEB_LISTEN_ADDRESS: `127.0.0.1:${port}`,
                REDIS_EXPORTER_INCL_SYSTEM_METRICS: "true",
                REDIS_EXPORTER_CHECK_KEYS: "db0=shop%3A*",
                REDIS_EXPORTER_CHECK_SINGLE_KEYS: "db0=jobs",
                REDIS_EXPORTER_EXPORT_CLIENT_LIST: "true",
            });
            const text = await eventually("the exporter", 20, async () => {
                const answer = await fetch(`http://127.0.0.1:${port}/metrics`).catch(
                    () => undefined,
                );
                return answer?.text();
            });
            assert.match(text, /^redis_up 1$/m);
            return [...new Set(text.match(/^redis_\w+/gm))].sort();
        };
        // What is counted of refused commands is of no interest.
        assert.deepEqual(await names(EXPORTER_USER), await names("default"));
    });

    it("leaves the users when the password of default changes while it serves", async () => {
        const own = await servers.redis("--aclfile", aclfile);
        const before = redis;
        redis = own;
        await own.ask("CONFIG", "SET", "requirepass", "another0password0");
        assert.match(await as("default", "PING"), /WRONGPASS/);
        assert.equal(await as("shop", "SET", "shop:1", "x"), "OK");
        assert.match(await as("shop", "FLUSHALL"), /^NOPERM/);
        redis = before;
    });

    it("says what is left without users: no file", () => {
        assert.deepEqual(usersOf(INSTANCES.replication), {});
    });
});
