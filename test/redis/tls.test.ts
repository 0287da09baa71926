import assert from "node:assert/strict";
import * as path from "node:path";

import { tlsLines, SENTINEL_TLS_LINES } from "../../components/redis/redisTls";
import { ROOT } from "../../lab/program/stackFile";
import { eventually } from "../../lab/tools/commands";
import {
    execute,
    fails,
    needs,
    Outcome,
    runScript,
    Scratch,
    succeeds,
    Variables,
} from "../backup/programs";
import { freePort, PASSWORD, Servers } from "../backup/servers";
import { INSTANCES } from "../support/exampleConfig";
import { asRestored, Sentinels, tlsCluster, TlsFolder, TlsRedis, tlsRedis } from "./tlsServers";

const RELOAD = path.join(ROOT, "components/redis/scripts/reload-certificates.sh");

/** Debian's Redis 7 with the lines that the image writes stands in for the image; test/unit/redis has what it is told. */
describe("TLS of Redis on real servers", function () {
    this.timeout(180_000);
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

    function members(all: readonly TlsRedis[]): string {
        return all.map(({ member }) => member).join(" ");
    }

    function backup(all: readonly TlsRedis[], change: Variables = {}): Promise<Outcome> {
        return runScript("export-redis.sh", {
            ...scratch.variables,
            MEMBERS: members(all),
            REDISCLI_AUTH: PASSWORD,
            ALLOW_EMPTY: "false",
            TLS_FOLDER: all[0]?.tls.folder ?? "",
            ...change,
        });
    }

    async function restore(all: readonly TlsRedis[], change: Variables = {}): Promise<Outcome> {
        return runScript("restore-redis.sh", {
            ...scratch.variables,
            MEMBERS: members(all),
            REDISCLI_AUTH: PASSWORD,
            LOCAL_PORT: String(await freePort()),
            TLS_FOLDER: all[0]?.tls.folder ?? "",
            ...change,
        });
    }

    /** The series of an exporter with the variables that the operator gives one beside an instance with TLS. */
    async function exported(redis: TlsRedis, password: Variables = {}): Promise<string> {
        const port = await freePort();
        servers.start("prometheus-redis-exporter", [], {
            REDIS_ADDR: `rediss://localhost:${redis.port}`,
            ...password,
            REDIS_EXPORTER_TLS_CLIENT_KEY_FILE: redis.tls.file("tls.key"),
            REDIS_EXPORTER_TLS_CLIENT_CERT_FILE: redis.tls.file("tls.crt"),
            REDIS_EXPORTER_TLS_CA_CERT_FILE: redis.tls.file("ca.crt"),
            REDIS_EXPORTER_SKIP_TLS_VERIFICATION: "true",
            REDIS_EXPORTER_WEB_LISTEN_ADDRESS: `127.0.0.1:${port}`,
        });
        return eventually("the exporter", 20, async () => {
            const answer = await fetch(`http://127.0.0.1:${port}/metrics`).catch(() => undefined);
            return answer?.text();
        });
    }

    function reload(
        redis: readonly TlsRedis[],
        sentinels: readonly TlsRedis[] = [],
        change: Variables = {},
    ): Promise<Outcome> {
        return execute("sh", [RELOAD], {
            MEMBERS: members(redis),
            SENTINELS: members(sentinels),
            REDISCLI_AUTH: PASSWORD,
            TLS_FOLDER: redis[0]?.tls.folder ?? "",
            SENTINEL_SECONDS: "0",
            WAIT_SECONDS: "60",
            ...change,
        });
    }

    describe("in mode standalone", () => {
        let redis: TlsRedis;
        beforeEach(async () => {
            redis = await tlsRedis(servers, scratch, await TlsFolder.of(scratch, "standalone"));
        });

        it("has no plain port, and an answer for nobody who does not know its authority", async () => {
            const port = String(redis.port);
            const plain = await execute("redis-cli", ["-p", port, "PING"], {
                REDISCLI_AUTH: PASSWORD,
            });
            assert.doesNotMatch(plain.output, /PONG/);
            const stranger = await TlsFolder.of(scratch, "standalone");
            const refused = await execute("redis-cli", [...stranger.client, "-p", port, "PING"], {
                REDISCLI_AUTH: PASSWORD,
            });
            assert.match(refused.output, /certificate verify failed/);
        });

        it("has the names of its Service, of its pod and of no other", async () => {
            for (const name of [
                "it.orders.svc",
                "it.orders.svc.cluster.local",
                "it-0.it-headless.orders.svc",
                "localhost",
            ]) {
                assert.ok(await redis.tls.served(redis.port, name), name);
            }
            await assert.rejects(redis.tls.served(redis.port, "other.orders.svc"), /altnames/);
        });

        it("is ready by the operator's probe", async () => {
            const probe = await execute(
                "redis-cli",
                [
                    ...["-h", "127.0.0.1", "-p", String(redis.port), "--tls"],
                    ...["--cert", redis.tls.file("tls.crt"), "--key", redis.tls.file("tls.key")],
                    ...["--cacert", redis.tls.file("ca.crt"), "ping"],
                ],
                { REDISCLI_AUTH: PASSWORD },
            );
            assert.equal(probe.output.trim(), "PONG");
        });

        it("is exported", async function () {
            needs(this, "prometheus-redis-exporter");
            const text = await exported(redis, { REDIS_PASSWORD: PASSWORD });
            assert.match(text, /^redis_up 1$/m);
        });

        it("is backed up, tried and restored", async () => {
            await redis.ask("MSET", "a", "1", "b", "2", "c", "3");
            await redis.ask("-n", "3", "SADD", "set", "x", "y");
            assert.match(await succeeds(backup([redis])), /export: 4 keys of /);
            await asRestored(scratch);
            assert.match(
                await succeeds(runScript("drill-redis.sh", scratch.variables)),
                /gave 4 keys/,
            );
            await redis.ask("FLUSHALL");
            assert.match(await succeeds(restore([redis])), /4 keys into /);
            assert.equal((await redis.ask("GET", "b")).trim(), "2");
            assert.equal((await redis.ask("-n", "3", "SCARD", "set")).trim(), "2");
        });

        it("is backed up by nobody who speaks no TLS", async () => {
            await redis.ask("SET", "a", "1");
            await fails(backup([redis], { TLS_FOLDER: "" }), /does not answer/);
        });

        it("serves a renewed certificate after a reload, while clients go on", async () => {
            const before = await redis.tls.served(redis.port);
            const id = (await redis.ask("INFO", "server")).match(/run_id:\w+/)?.[0];
            await redis.tls.renew();
            assert.equal(await redis.tls.served(redis.port), before);
            assert.match(await succeeds(reload([redis])), /read its certificate/);
            const after = await redis.tls.served(redis.port);
            assert.notEqual(after, before);
            assert.equal((await redis.ask("INFO", "server")).match(/run_id:\w+/)?.[0], id);
        });
    });

    it("in mode replication goes from pod to pod, and is restored into the master", async () => {
        const secret = await TlsFolder.of(scratch, "replication");
        const master = await tlsRedis(servers, scratch, secret);
        // The operator names the master by its host.
        const replica = await tlsRedis(servers, scratch, secret, [
            `replicaof localhost ${master.port}`,
        ]);
        await replica.inSync();
        await master.ask("SET", "a", "1");
        await replica.says(/^1/, "GET", "a");
        const log = await succeeds(backup([master, replica]));
        assert.match(log, new RegExp(`1 keys of ${replica.member}`));
        await asRestored(scratch);
        await master.ask("FLUSHALL");
        await succeeds(restore([master, replica]));
        await replica.says(/^1/, "GET", "a");
    });

    it("in mode cluster takes the bus too, tells clients addresses that they can reach, and is restored", async () => {
        const secret = await TlsFolder.of(scratch, "cluster");
        const lines = tlsLines({ ...INSTANCES.cluster, tls: {} });
        const nodes = await tlsCluster(servers, scratch, secret, lines);
        const [first] = nodes as [TlsRedis];
        // A client is sent to the shard of a key by what it can connect to: no pod's short name.
        const slots = await first.ask("CLUSTER", "SLOTS");
        assert.match(slots, /^127\.0\.0\.1$/m);
        for (let i = 0; i < 30; i++) {
            await first.ask("-c", "SET", `key:${i}`, "value");
        }
        for (const node of nodes) {
            await node.says(/^slave[^]*connected|^master/, "ROLE");
        }
        const log = await succeeds(backup(nodes));
        assert.equal([...log.matchAll(/export: \d+ keys of/g)].length, 3, log);
        await asRestored(scratch);
        for (const node of nodes) {
            await node.ask("FLUSHALL").catch(() => "a follower");
        }
        await succeeds(restore(nodes));
        for (const i of [0, 7, 29]) {
            assert.equal((await first.ask("-c", "GET", `key:${i}`)).trim(), "value");
        }
    });

    describe("in mode sentinel", () => {
        let sentinels: Sentinels;
        let master: TlsRedis;
        let replica: TlsRedis;
        beforeEach(async () => {
            const secret = await TlsFolder.of(scratch, "sentinel");
            sentinels = new Sentinels(scratch, secret);
            master = await tlsRedis(servers, scratch, secret);
            replica = await tlsRedis(servers, scratch, secret, [
                `replicaof localhost ${master.port}`,
            ]);
            await replica.inSync();
        });
        afterEach(() => sentinels.stop());

        it("fails over, with one more line than the image writes", async () => {
            await sentinels.watch(master, 1, SENTINEL_TLS_LINES);
            const [sentinel] = sentinels.all as [TlsRedis];
            await sentinel.ask("SENTINEL", "FAILOVER", "mymaster");
            await replica.says(/^master/, "ROLE");
            await master.says(/role:slave[^]*master_link_status:up/, "INFO", "replication");
            await sentinel.says(String(replica.port), "SENTINEL", "MASTER", "mymaster");
        });

        it("takes a new password while it serves, Sentinels too", async () => {
            await sentinels.watch(master, 1, SENTINEL_TLS_LINES);
            const all = [master, replica, ...sentinels.all];
            const rotate = (step: string): Promise<Outcome> =>
                execute(
                    "sh",
                    [
                        "-c",
                        'printf "%s\\n" "$NEW" | sh "$0" "$@"',
                        path.join(ROOT, "commands/rotate/redis.sh"),
                        step,
                        ...all.map(({ member }) => member),
                    ],
                    {
                        NEW: "theNewPassword1234",
                        REDIS_PASSWORD: PASSWORD,
                        REDIS_TLS_CA_CERT: master.tls.file("ca.crt"),
                    },
                );
            await succeeds(rotate("accept"));
            assert.equal([...(await succeeds(rotate("use"))).matchAll(/use, done/g)].length, 5);
        });

        it("does not see its master without that line", async () => {
            await assert.rejects(sentinels.watch(master, 1, [], 8), /not within 8 s/);
            assert.match(
                await (sentinels.all[0] as TlsRedis).ask("SENTINEL", "MASTER", "mymaster"),
                /s_down/,
            );
        });

        it("has every Sentinel exported", async function () {
            needs(this, "prometheus-redis-exporter");
            await sentinels.watch(master, 1, SENTINEL_TLS_LINES);
            const text = await exported(sentinels.all[0] as TlsRedis);
            assert.match(text, /^redis_sentinel_masters 1$/m);
        });

        it("starts Sentinels again one after the other, and each serves the renewed certificate", async () => {
            await sentinels.watch(master, 1, SENTINEL_TLS_LINES);
            const [one] = sentinels.all as [TlsRedis];
            const before = await one.tls.served(one.port, "it-sentinel.orders.svc");
            await eventually("a second of a Sentinel", 5, async () => {
                const info = await one.ask("INFO", "server");
                return Number(/uptime_in_seconds:(\d+)/.exec(info)?.[1]) > 0 || undefined;
            });
            await one.tls.renew();
            const log = await succeeds(reload([master, replica], sentinels.all));
            assert.equal([...log.matchAll(/started again/g)].length, 3, log);
            for (const { port, tls } of [master, replica, ...sentinels.all]) {
                assert.notEqual(await tls.served(port, "it-sentinel.orders.svc"), before);
            }
        });

        it("leaves Sentinels that have not run for long, and all when one watches no master", async () => {
            await sentinels.watch(master, 1, SENTINEL_TLS_LINES);
            const young = await succeeds(
                reload([master], sentinels.all, { SENTINEL_SECONDS: "3600" }),
            );
            assert.equal([...young.matchAll(/has run for/g)].length, 3, young);
            await (sentinels.all[0] as TlsRedis).ask("SENTINEL", "REMOVE", "mymaster");
            await fails(
                reload([master], sentinels.all, { SENTINEL_SECONDS: "-1" }),
                /watches no master with other Sentinels, and is left as it is/,
            );
        });
    });

    it("says which Redis did not read its certificate, and reads that of the others", async () => {
        const secret = await TlsFolder.of(scratch, "replication");
        const redis = await tlsRedis(servers, scratch, secret);
        const gone = new TlsRedis(1, secret);
        await fails(reload([gone, redis]), /127\.0\.0\.1:1 did not read[^]*not every Redis/);
    });
});
