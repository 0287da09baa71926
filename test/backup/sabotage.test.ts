import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { eventually } from "../../lab/tools/commands";
import { goTool } from "../support/goTool";
import { fails, needs, runScript, Scratch, succeeds } from "./programs";
import { Repository } from "./repository";
import { freePort, PASSWORD, Redis, Servers } from "./servers";

const LONG_AGO = "2020-01-01 00:00:00";

describe("A repository of backups", function () {
    this.timeout(180_000);
    let scratch: Scratch;
    let servers: Servers;
    let repository: Repository;
    let redis: Redis;

    before(function () {
        needs(this, "redis-server", "redis-cli", "restic", "jq");
    });
    beforeEach(async () => {
        scratch = new Scratch();
        servers = new Servers(scratch);
        repository = Repository.inFolder(scratch);
        redis = await servers.redis();
        await redis.fill(100);
    });
    afterEach(async () => {
        await servers.stop();
        scratch.remove();
    });

    async function exportRedis(): Promise<void> {
        scratch.empty();
        await succeeds(
            runScript("export-redis.sh", {
                ...repository.env,
                MEMBERS: redis.member,
                REDISCLI_AUTH: PASSWORD,
                ALLOW_EMPTY: "false",
            }),
        );
    }

    async function backup(): Promise<void> {
        await exportRedis();
        await succeeds(repository.store());
    }

    const drill = () => repository.drill("drill-redis.sh");

    describe("turns the drill red when", () => {
        it("it holds no backup", async () => {
            await repository.restic("init");
            await fails(drill(), /holds no backup/);
        });

        it("it is not there at all", () => fails(drill(), /Is there a repository/));

        it("its newest backup is old, however good", async () => {
            await exportRedis();
            await repository.restic("init");
            await repository.storeAt(LONG_AGO);
            await fails(
                drill(),
                /the newest backup, of 2020-01-01.*, is \d+ s old; allowed: 3600 s/,
            );
        });

        it("a pack of it is cut off", async () => {
            await backup();
            repository.packs().forEach(cutOff);
            await fails(drill(), /pack|contains errors/);
        });

        it("a pack of it is another one of the same size", async () => {
            await backup();
            for (const pack of repository.packs()) {
                fs.chmodSync(pack, 0o600);
                const content = fs.readFileSync(pack);
                content[0] = (content[0] ?? 0) ^ 0xff;
                fs.writeFileSync(pack, content);
            }
            await fails(drill(), /pack|contains errors/);
        });

        it("its key is another one", async () => {
            await backup();
            await fails(repository.fetch({ RESTIC_PASSWORD: "another" }), /wrong password/);
        });

        it("the RDB file was empty", async () => {
            await exportRedis();
            fs.truncateSync(rdb());
            await succeeds(repository.store());
            await fails(drill(), /shard-0\.rdb is missing or empty/);
        });

        it("the RDB file was cut off before it was stored", async () => {
            await exportRedis();
            fs.truncateSync(rdb(), fs.statSync(rdb()).size / 2);
            await succeeds(repository.store());
            await fails(drill(), /shard-0\.rdb cannot be loaded/);
        });

        it("the RDB file is of fewer keys than the manifest says", async () => {
            await exportRedis();
            fs.writeFileSync(path.join(scratch.exported, "MANIFEST"), "101 shard-0.rdb\n");
            await succeeds(repository.store());
            await fails(drill(), /gave 100 keys, and MANIFEST says 101/);
        });

        it("a file is not the one that was summed", async () => {
            await backup();
            fs.appendFileSync(rdb(), "x");
            await repository.restic("backup", "--host", "backup", ".");
            await fails(drill(), /files are not those that were exported/);
        });

        it("a file is missing", async () => {
            await backup();
            fs.rmSync(rdb());
            await repository.restic("backup", "--host", "backup", ".");
            await fails(drill(), /files are not those that were exported/);
        });
    });

    describe("when it stores", () => {
        it("refuses an export without a manifest", async () => {
            fs.mkdirSync(scratch.exported);
            await fails(repository.store(), /nothing was exported/);
        });

        it("refuses to write with another key than the one that made it", async () => {
            await backup();
            const other = new Repository(scratch, {
                RESTIC_REPOSITORY: repository.folder,
                RESTIC_PASSWORD: "another",
            });
            await fails(other.store(), /already (exists|initialized)/);
        });

        it("forgets what is older than the retention, and only that", async () => {
            await exportRedis();
            await repository.restic("init");
            await repository.storeAt(LONG_AGO);
            await repository.storeAt(hoursAgo(20));
            await succeeds(repository.store("1d"));
            const times = await repository.times();
            assert.equal(times.length, 2, times.join(" "));
            assert.ok(times.every((time) => !time.startsWith("2020")));
        });

        it("keeps everything when it is damaged: the old ones may be the good ones", async () => {
            await exportRedis();
            await repository.restic("init");
            await repository.storeAt(LONG_AGO);
            repository.packs().forEach(cutOff);
            await fails(repository.store("1d"), /pack|contains errors/);
            assert.equal((await repository.times()).length, 2);
        });
    });

    it("in a bucket stores, forgets and restores as in a folder", async function () {
        this.timeout(0);
        const credentials = { access: "access-key", secret: "secret-access-key" };
        const port = await freePort();
        const folder = path.join(scratch.folder, "buckets");
        const attributes = path.join(scratch.folder, "attributes");
        [folder, attributes].forEach((each) => fs.mkdirSync(each));
        servers.start(
            await goTool(this, "versitygw"),
            ["--port", `127.0.0.1:${port}`, "posix", "--sidecar", attributes, folder],
            { ROOT_ACCESS_KEY: credentials.access, ROOT_SECRET_KEY: credentials.secret },
        );
        await eventually("the S3 server", 30, async () => {
            return (await fetch(`http://127.0.0.1:${port}/`)).status > 0 || undefined;
        });
        repository = new Repository(scratch, {
            RESTIC_REPOSITORY: `s3:http://127.0.0.1:${port}/backups/main/prod/orders/cache`,
            RESTIC_PASSWORD: "the-generated-key",
            AWS_ACCESS_KEY_ID: credentials.access,
            AWS_SECRET_ACCESS_KEY: credentials.secret,
            AWS_DEFAULT_REGION: "us-east-1",
        });
        await backup();
        await backup();
        assert.match(await succeeds(drill()), /gave 100 keys/);
        assert.equal((await repository.times()).length, 2);
        const stored = fs.readdirSync(folder, { recursive: true }).map(String);
        assert.ok(stored.some((file) => file.startsWith("backups/main/prod/orders/cache/data/")));
        const plain = stored.map((file) => path.join(folder, file)).filter(readsKey);
        assert.deepEqual(plain, [], "what is stored must be encrypted");
    });

    function rdb(): string {
        return path.join(scratch.exported, "shard-0.rdb");
    }
});

function cutOff(file: string): void {
    fs.chmodSync(file, 0o600);
    fs.truncateSync(file, fs.statSync(file).size - 10);
}

function readsKey(file: string): boolean {
    return fs.statSync(file).isFile() && fs.readFileSync(file, "latin1").includes("key1");
}

function hoursAgo(hours: number): string {
    const time = new Date(Date.now() - hours * 3_600_000);
    return time.toISOString().slice(0, 19).replace("T", " ");
}
