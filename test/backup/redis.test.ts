import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { eventually } from "../../lab/tools/commands";
import { fails, needs, Outcome, runScript, Scratch, succeeds, Variables } from "./programs";
import { cluster, fillCluster, RedisCluster, sentinels } from "./redisModes";
import { Repository } from "./repository";
import { freePort, PASSWORD, Redis, Servers } from "./servers";

/** INFO answers of the replication alone: the question after it fails, as at a server that just went. */
const REPLICATION_ONLY = ["ACL", "SETUSER", "default", "-info", "+info|replication"];

describe("Redis backup", function () {
    this.timeout(180_000);
    let scratch: Scratch;
    let servers: Servers;
    let repository: Repository;

    before(function () {
        needs(this, "redis-server", "redis-cli", "redis-sentinel", "restic", "jq");
    });
    beforeEach(() => {
        scratch = new Scratch();
        servers = new Servers(scratch);
        repository = Repository.inFolder(scratch);
    });
    afterEach(async () => {
        await servers.stop();
        scratch.remove();
    });

    function backup(members: readonly Redis[], change: Variables = {}): Promise<Outcome> {
        scratch.empty();
        return runScript("export-redis.sh", {
            ...repository.env,
            MEMBERS: members.map(({ member }) => member).join(" "),
            REDISCLI_AUTH: PASSWORD,
            ALLOW_EMPTY: "false",
            ...change,
        });
    }

    /** What the export counts as backed up, a line each. */
    function manifest(): string[] {
        const file = path.join(scratch.exported, "MANIFEST");
        return fs.existsSync(file) ? fs.readFileSync(file, "utf8").trim().split("\n") : [];
    }

    /** Exports, stores, restores and counts; gives the export's and the drill's log. */
    async function roundTrip(members: readonly Redis[]): Promise<{ log: string; drill: string }> {
        const log = await succeeds(backup(members));
        await succeeds(repository.store());
        return { log, drill: await succeeds(repository.drill("drill-redis.sh")) };
    }

    /** Writes the newest backup into an instance. */
    async function restore(members: readonly Redis[]): Promise<Outcome> {
        await succeeds(repository.fetch());
        return runScript("restore-redis.sh", {
            ...repository.env,
            MEMBERS: members.map(({ member }) => member).join(" "),
            REDISCLI_AUTH: PASSWORD,
            LOCAL_PORT: String(await freePort()),
        });
    }

    describe("of a standalone", () => {
        let redis: Redis;
        beforeEach(async () => {
            redis = await servers.redis();
        });

        it("restores every key, of every database and type, also those that expire", async () => {
            await redis.fill(200);
            await redis.ask("-n", "3", "SADD", "set", "a", "b");
            await redis.ask("SET", "session", "x", "EX", "1000");
            const { drill } = await roundTrip([redis]);
            assert.match(drill, /shard-0\.rdb gave 202 keys/);
        });

        it("counts a key that expired after the backup as restored", async () => {
            await redis.fill(5);
            await redis.ask("SET", "session", "x", "PX", "1500");
            await succeeds(backup([redis]));
            await succeeds(repository.store());
            await eventually("the key's end", 20, async () => {
                return (await redis.ask("EXISTS", "session")).trim() === "0" || undefined;
            });
            const drill = await succeeds(repository.drill("drill-redis.sh"));
            assert.match(drill, /shard-0\.rdb gave 6 keys/);
        });

        it("fails without a key: an instance that lost its data must not look well", async () => {
            await fails(backup([redis]), /not one key/);
        });

        it("may be empty where the configuration says so", async () => {
            await succeeds(backup([redis], { ALLOW_EMPTY: "true" }));
            await succeeds(repository.store());
            await succeeds(repository.drill("drill-redis.sh"));
        });

        it("fails with a wrong password", async () => {
            await redis.fill(1);
            await fails(backup([redis], { REDISCLI_AUTH: "wrong" }), /no Redis of .* can be read/);
        });

        it("fails when it does not tell whether it is of a cluster", async () => {
            await redis.fill(5);
            await redis.ask(...REPLICATION_ONLY);
            await fails(backup([redis]), /does not tell its shard/);
            assert.deepEqual(manifest(), []);
        });

        it("is not restored into an instance that does not tell whether it is of a cluster", async () => {
            await redis.fill(5);
            await succeeds(backup([redis]));
            await succeeds(repository.store());
            await redis.ask("FLUSHALL");
            await redis.ask(...REPLICATION_ONLY);
            await fails(restore([redis]), /does not tell whether it is of a cluster/);
        });

        it("fails when the instance is down", async () => {
            await servers.stop();
            await fails(backup([redis]), /does not answer[^]*no Redis of .* can be read/);
        });

        it("restores into the instance: what was lost comes back, what is new stays", async () => {
            await redis.fill(700);
            await redis.ask("-n", "3", "SADD", "a key\nof two lines", "a", "b");
            await redis.ask("SET", "session", "x", "EX", "1000");
            await succeeds(backup([redis]));
            await succeeds(repository.store());
            await redis.ask("FLUSHALL");
            await redis.ask("SET", "key5", "changed since");
            await redis.ask("SET", "new", "1");
            const log = await succeeds(restore([redis]));
            assert.match(log, /702 keys into/);
            assert.match(
                log,
                /counted, 701 keys without an end were written, and the instance holds 702/,
            );
            assert.equal((await redis.ask("DBSIZE")).trim(), "702");
            assert.equal((await redis.ask("GET", "key5")).trim(), "5".repeat(20));
            assert.equal((await redis.ask("-n", "3", "SCARD", "a key\nof two lines")).trim(), "2");
            assert.ok(Number(await redis.ask("TTL", "session")) > 900);
        });

        it("is not restored in silence into an instance that evicts what comes", async () => {
            await redis.fill(20_000);
            await succeeds(backup([redis]));
            await succeeds(repository.store());
            const small = await servers.redis(
                ...["--maxmemory", "3mb", "--maxmemory-policy", "allkeys-lru"],
            );
            await fails(
                restore([small]),
                /20000 keys without an end were written, and \d{1,5} are there: the instance evicts/,
            );
        });

        it("is not restored into an instance that is down", async () => {
            await redis.fill(5);
            await succeeds(backup([redis]));
            await succeeds(repository.store());
            await fails(restore([new Redis(1)]), /no Redis of .* is a master that answers/);
        });

        it("leaves no process and no file of the drill", async () => {
            await redis.fill(1);
            await roundTrip([redis]);
            const temporary = scratch.variables.TMPDIR ?? "";
            assert.deepEqual(fs.readdirSync(temporary), []);
        });
    });

    describe("of a replication", () => {
        let master: Redis;
        let replica: Redis;
        beforeEach(async () => {
            master = await servers.redis();
            await master.fill(50);
            replica = await servers.replicaOf(master);
        });

        it("reads a replica, not the master that clients write to", async () => {
            const { log, drill } = await roundTrip([master, replica]);
            assert.match(log, new RegExp(`50 keys of ${replica.member}`));
            assert.match(drill, /gave 50 keys/);
        });

        it("reads the master while no replica is in sync: a late copy is no backup", async () => {
            await replica.ask("REPLICAOF", "127.0.0.1", "1");
            const { log } = await roundTrip([master, replica]);
            assert.match(log, /is a replica that is not in sync/);
            assert.match(log, new RegExp(`50 keys of ${master.member}`));
        });

        it("restores into the master, whichever it is", async () => {
            await succeeds(backup([master, replica]));
            await succeeds(repository.store());
            await master.ask("FLUSHALL");
            const log = await succeeds(restore([replica, master]));
            assert.match(log, new RegExp(`50 keys into ${master.member}`));
            await eventually("the keys on the replica", 20, async () => {
                return (await replica.ask("DBSIZE")).trim() === "50" || undefined;
            });
        });

        it("is not restored while two call themselves master", async () => {
            await succeeds(backup([master, replica]));
            await succeeds(repository.store());
            await replica.ask("REPLICAOF", "NO", "ONE");
            await fails(restore([master, replica]), /more than one master/);
        });

        it("goes on when a replica is gone", async () => {
            const gone = new Redis(1);
            const { log } = await roundTrip([gone, master, replica]);
            assert.match(log, new RegExp(`${gone.member} does not answer`));
        });
    });

    it("of a replication with Sentinel finds a replica after a failover", async () => {
        const master = await servers.redis();
        await master.fill(40);
        const replica = await servers.replicaOf(master);
        const sentinel = await sentinels(servers, scratch, master, 1);
        await sentinel.ask("SENTINEL", "FAILOVER", "mymaster");
        await eventually("the failover", 60, async () => {
            return (await replica.ask("ROLE")).startsWith("master") || undefined;
        });
        await eventually("the old master as a replica", 60, async () => {
            const info = await master.ask("INFO", "replication");
            return /role:slave[^]*master_link_status:up/.test(info) || undefined;
        });
        const { log, drill } = await roundTrip([master, replica]);
        assert.match(log, new RegExp(`40 keys of ${master.member}`));
        assert.match(drill, /gave 40 keys/);
    });

    describe("of a cluster", () => {
        let shards: RedisCluster;
        beforeEach(async () => {
            shards = await cluster(servers);
            await fillCluster(shards, 60);
        });

        it("has the keys of every shard, from its follower", async () => {
            const { log, drill } = await roundTrip(shards.nodes);
            const counts = [...drill.matchAll(/gave (\d+) keys/g)].map(([, count]) =>
                Number(count),
            );
            assert.equal(counts.length, 3, drill);
            assert.equal(
                counts.reduce((sum, count) => sum + count, 0),
                60,
            );
            for (const { member } of shards.leaders) {
                assert.ok(!log.includes(`keys of ${member}`), log);
            }
        });

        it("restores into a cluster, each key into its shard", async () => {
            await succeeds(backup(shards.nodes));
            await succeeds(repository.store());
            for (const leader of shards.leaders) {
                await leader.ask("FLUSHALL");
            }
            await succeeds(restore(shards.nodes));
            const sizes = await Promise.all(shards.leaders.map((leader) => leader.ask("DBSIZE")));
            assert.equal(
                sizes.reduce((sum, size) => sum + Number(size), 0),
                60,
            );
        });

        it("restores what was a standalone's, in which every key is in database 0", async () => {
            const single = await servers.redis();
            await single.fill(300);
            await succeeds(backup([single]));
            await succeeds(repository.store());
            const log = await succeeds(restore(shards.nodes));
            // 60 were there.
            assert.match(log, /counted, 300 keys .* written, and the instance holds 360/);
            const sizes = await Promise.all(shards.leaders.map((leader) => leader.ask("DBSIZE")));
            assert.ok(
                sizes.every((size) => Number(size) > 60),
                String(sizes),
            );
        });

        it("takes nothing of an instance with keys in another database, which it does not have", async () => {
            const single = await servers.redis();
            await single.fill(3);
            await single.ask("-n", "2", "SET", "other", "1");
            await succeeds(backup([single]));
            await succeeds(repository.store());
            await fails(restore(shards.nodes), /keys in the databases 2 and a cluster has/);
            const sizes = await Promise.all(shards.leaders.map((leader) => leader.ask("DBSIZE")));
            assert.equal(
                sizes.reduce((sum, size) => sum + Number(size), 0),
                60,
            );
        });

        it("is restored into a replication, all shards into one", async () => {
            await succeeds(backup(shards.nodes));
            await succeeds(repository.store());
            const master = await servers.redis();
            const replica = await servers.replicaOf(master);
            const log = await succeeds(restore([replica, master]));
            assert.match(log, /counted, 60 keys .* written, and the instance holds 60/);
            assert.equal((await master.ask("DBSIZE")).trim(), "60");
        });

        it("fails when a shard cannot be read: a part of the keys is no backup", async () => {
            const known = await Promise.all(
                shards.nodes.map(async (node) => ({ node, id: await shardOf(node) })),
            );
            const lost = known[0]?.id;
            const others = known.filter(({ id }) => id !== lost).map(({ node }) => node);
            assert.equal(others.length, 4);
            await fails(backup(others), /shards of the cluster cannot be read: {2}127\.0\.0\.1:/);
        });

        it("fails when masters do not tell their shards: three of them are not one", async () => {
            for (const leader of shards.leaders) {
                await leader.ask(...REPLICATION_ONLY);
            }
            await fails(backup(shards.leaders), /does not tell its shard[^]*can be read/);
            assert.deepEqual(manifest(), []);
        });

        it("reads a shard's follower when its master does not tell its shard", async () => {
            const [silent] = shards.leaders;
            await silent?.ask(...REPLICATION_ONLY);
            const { drill } = await roundTrip(shards.nodes);
            assert.equal([...drill.matchAll(/gave \d+ keys/g)].length, 3, drill);
        });

        it("does not take a master without a slot for the shard that is missing", async () => {
            const bus = String(await freePort());
            const empty = await servers.redis("--cluster-enabled", "yes", "--cluster-port", bus);
            const [first, , lost] = shards.leaders;
            await first?.ask("CLUSTER", "MEET", "127.0.0.1", String(empty.port), bus);
            await eventually("the master without a slot", 30, async () => {
                return (
                    (await empty.ask("CLUSTER", "INFO")).includes("cluster_state:ok") || undefined
                );
            });
            const id = lost && (await shardOf(lost));
            const known = await Promise.all(
                shards.nodes.map(async (node) => ({ node, id: await shardOf(node) })),
            );
            const others = known.filter((each) => each.id !== id).map(({ node }) => node);
            await fails(backup([...others, empty]), /shards of the cluster cannot be read/);
        });
    });
});

/** The id of a node's leader. */
async function shardOf(node: Redis): Promise<string | undefined> {
    const nodes = await node.ask("CLUSTER", "NODES");
    const fields = nodes
        .split("\n")
        .map((line) => line.split(" "))
        .find(([, , flags]) => flags?.includes("myself"));
    return fields?.[3] === "-" ? fields[0] : fields?.[3];
}
