import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

import { ROOT } from "../../lab/program/stackFile";
import { eventually } from "../../lab/tools/commands";
import { execute, fails, needs, Outcome, Scratch, succeeds } from "./programs";
import { sentinels } from "./redisModes";
import { Repository } from "./repository";
import { PASSWORD, Redis, Servers } from "./servers";

const ROTATE = fs.readFileSync(path.join(ROOT, "commands/rotate/redis.sh"), "utf8");
const NEW = "theNewPassword1234";
/** None on the standard input. */
const PASSWORD_OF_POD = "";

/** Debian's Redis 7 stands in for the one of the image; a pod that starts again has the Secret's password alone. */
describe("A Redis whose password is changed", function () {
    this.timeout(180_000);
    let scratch: Scratch;
    let servers: Servers;
    let master: Redis;
    let replica: Redis;

    before(function () {
        needs(this, "redis-server", "redis-cli", "redis-sentinel");
    });
    beforeEach(async () => {
        scratch = new Scratch();
        servers = new Servers(scratch);
        master = await servers.redis("--appendonly", "yes");
        replica = await servers.replicaOf(master);
    });
    afterEach(async () => {
        await servers.stop();
        scratch.remove();
    });

    /** A step of the rotation, as `kubectl exec` runs it in a pod. */
    function rotate(step: string, members: readonly Redis[], password = NEW): Promise<Outcome> {
        const args = ["-c", ROTATE, "rotate", step, ...members.map(({ member }) => member)];
        return new Promise((resolve, reject) => {
            const child = spawn("sh", args, {
                env: { PATH: process.env.PATH, REDIS_PASSWORD: PASSWORD },
            });
            let output = "";
            child.stdout.on("data", (chunk) => (output += String(chunk)));
            child.stderr.on("data", (chunk) => (output += String(chunk)));
            child.on("error", reject);
            child.on("close", (status) => resolve({ status, output }));
            child.stdin.end(`${password}\n`);
        });
    }

    /** What a client gets. */
    async function ping(redis: Redis, password: string): Promise<string> {
        const command = ["-h", "127.0.0.1", "-p", String(redis.port), "PING"];
        const { output } = await execute("redis-cli", command, { REDISCLI_AUTH: password });
        return output.includes("PONG") && !output.includes("WRONGPASS") ? "PONG" : "refused";
    }

    async function accepted(redis: Redis): Promise<Record<string, string>> {
        return { old: await ping(redis, PASSWORD), new: await ping(redis, NEW) };
    }

    /** The pod starts again, on its volume, after the Secret changed. */
    async function startAgain(redis: Redis, ...options: readonly string[]): Promise<void> {
        const port = String(redis.port);
        await execute("redis-cli", ["-p", port, "SHUTDOWN", "NOSAVE"], { REDISCLI_AUTH: NEW });
        const folder = path.join(scratch.folder, `redis-${port}`);
        servers.start("redis-server", [
            ...["--port", port, "--bind", "127.0.0.1", "--dir", folder, "--save", ""],
            ...["--requirepass", NEW, "--masterauth", NEW, ...options],
        ]);
        await eventually("the Redis", 20, async () => {
            return (await ping(redis, NEW)) === "PONG" || undefined;
        });
    }

    function inSync(redis: Redis): Promise<true> {
        return eventually("the sync", 60, async () => {
            const command = ["-p", String(redis.port), "INFO", "replication"];
            const { output } = await execute("redis-cli", command, { REDISCLI_AUTH: NEW });
            return output.includes("master_link_status:up") || undefined;
        });
    }

    const both = { old: "PONG", new: "PONG" };
    const newOnly = { old: "refused", new: "PONG" };

    it("takes both passwords until it starts again, and its replica follows all the time", async () => {
        const members = [master, replica];
        await master.fill(1000);
        await succeeds(rotate("accept", members));
        assert.deepEqual(await Promise.all(members.map(accepted)), [both, both]);
        // Here the Secret changes: the operator, backups and clients use the new one.
        await succeeds(rotate("use", members));
        await startAgain(replica, "--replicaof", "127.0.0.1", String(master.port));
        await inSync(replica);
        assert.deepEqual(await Promise.all(members.map(accepted)), [both, newOnly]);
        await startAgain(master, "--appendonly", "yes");
        await inSync(replica);
        assert.deepEqual(await Promise.all(members.map(accepted)), [newOnly, newOnly]);
        const size = await succeeds(
            execute("redis-cli", ["-p", String(replica.port), "DBSIZE"], { REDISCLI_AUTH: NEW }),
        );
        assert.equal(size.trim(), "1000");
    });

    it("is still watched by its Sentinels after it started again with the new one alone", async () => {
        const first = await sentinels(servers, scratch, master, 1);
        const members = [master, replica, first];
        await succeeds(rotate("accept", members));
        await succeeds(rotate("use", members));
        await startAgain(replica, "--replicaof", "127.0.0.1", String(master.port));
        await inSync(replica);
        await startAgain(master, "--appendonly", "yes");
        // A Sentinel with the old password sees the master as down after 2 s, for ever.
        await new Promise((resolve) => setTimeout(resolve, 6000));
        const command = ["-p", String(first.port), "SENTINEL", "MASTER", "mymaster"];
        const state = await succeeds(execute("redis-cli", command, {}));
        assert.doesNotMatch(state, /s_down/);
    });

    it("is waited for until its replica follows it, and its Sentinel has a quorum", async () => {
        const first = await sentinels(servers, scratch, master, 1);
        const members = [master, replica, first];
        await succeeds(rotate("settled", members, PASSWORD_OF_POD));
        // As a pod that has started again: a master of its own.
        await replica.ask("REPLICAOF", "NO", "ONE");
        const waiting = rotate("settled", members, PASSWORD_OF_POD);
        const inThreeSeconds = new Promise((resolve) => setTimeout(resolve, 3000, "it waits"));
        assert.equal(await Promise.race([waiting, inThreeSeconds]), "it waits");
        await replica.ask("REPLICAOF", "127.0.0.1", String(master.port));
        const said = await succeeds(waiting);
        assert.deepEqual(
            said.match(/127\.0\.0\.1:\d+: settled/g),
            members.map(({ member }) => `${member}: settled`),
        );
    });

    it("without the first step, refuses the new password: what the Secret alone does", async () => {
        assert.deepEqual(await accepted(master), { old: "PONG", new: "refused" });
        await fails(rotate("use", [master, replica]), /refuses it|did not take/);
    });

    it("is left alone when a member does not answer or the password is none", async () => {
        await fails(rotate("accept", [new Redis(1), master]), /127\.0\.0\.1:1 does not answer/);
        await fails(rotate("accept", [master], "short"), /16 characters/);
        await fails(rotate("accept", [master], "with a space and more"), /of a-z, A-Z and 0-9/);
        assert.deepEqual(await accepted(master), { old: "PONG", new: "refused" });
    });
});

describe("A repository whose key is changed", function () {
    this.timeout(120_000);
    let scratch: Scratch;

    before(function () {
        needs(this, "restic", "jq");
    });
    beforeEach(() => {
        scratch = new Scratch();
    });
    afterEach(() => scratch.remove());

    it("is stored into with the new key, and has the backups of before; the old one opens nothing", async () => {
        const repository = Repository.inFolder(scratch);
        fs.mkdirSync(scratch.exported);
        fs.writeFileSync(path.join(scratch.exported, "MANIFEST"), "1 file\n");
        await succeeds(repository.store());
        const file = path.join(scratch.folder, "new-key");
        fs.writeFileSync(file, NEW);
        await repository.restic("key", "passwd", "--new-password-file", file);
        await fails(repository.store(), /already (exists|initialized)|wrong password/);
        const changed = new Repository(scratch, {
            RESTIC_REPOSITORY: repository.folder,
            RESTIC_PASSWORD: NEW,
        });
        await succeeds(changed.store());
        assert.equal((await changed.times()).length, 2);
    });
});
