import assert from "node:assert/strict";
import { ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

import { eventually } from "../../lab/tools/commands";
import { skip } from "../support/skip";
import { execute, needs, Outcome, Scratch, SCRIPTS, succeeds } from "./programs";
import { Repository } from "./repository";

const STORE = path.join(SCRIPTS, "store.sh");

/** Each pod has a host name of its own, which restic writes into its locks. */
describe("A repository whose lock a killed pod left", function () {
    this.timeout(180_000);
    let scratch: Scratch;
    let repository: Repository;
    const holders: ChildProcess[] = [];

    before(function () {
        needs(this, "restic", "jq", "unshare", "hostname");
        try {
            execFileSync("unshare", ["--uts", "true"], { stdio: "ignore" });
        } catch {
            skip(this, "it needs the right to make a UTS namespace");
        }
    });
    beforeEach(async () => {
        scratch = new Scratch();
        repository = Repository.inFolder(scratch);
        fs.mkdirSync(scratch.exported);
        fs.writeFileSync(path.join(scratch.exported, "MANIFEST"), "1 shard-0.rdb\n");
        fs.writeFileSync(path.join(scratch.exported, "shard-0.rdb"), randomBytes(200_000));
        await succeeds(store("backup-x-100-aaaaa"));
    });
    afterEach(() => {
        holders.splice(0).forEach((holder) => holder.kill("SIGKILL"));
        scratch.remove();
    });

    /** Runs store.sh as the pod of that name does. */
    function store(pod: string): Promise<Outcome> {
        const env = { ...repository.env, KEEP_WITHIN: "30d" };
        return execute("unshare", ["--uts", "sh", "-c", `hostname ${pod}; exec sh ${STORE}`], env);
    }

    /** A pod that holds a lock until it is killed. */
    async function hold(pod: string, command: string): Promise<ChildProcess> {
        const before = locks();
        const script = `hostname ${pod}; exec restic ${command}`;
        const env = { PATH: process.env.PATH, ...repository.env };
        const child = spawn("unshare", ["--uts", "sh", "-c", script], {
            env,
            stdio: ["pipe", "ignore", "ignore"],
        });
        holders.push(child);
        await eventually("the lock", 60, () => Promise.resolve(locks() > before || undefined));
        return child;
    }

    async function kill(child: ChildProcess): Promise<void> {
        const ended = new Promise((resolve) => child.on("exit", resolve));
        child.kill("SIGKILL");
        await ended;
    }

    function locks(): number {
        return fs.readdirSync(path.join(repository.folder, "locks")).length;
    }

    // Nothing of an open stream is stored before it ends; a slow check reads for minutes.
    const shared = "backup --host backup --stdin";
    const exclusive = "check --read-data --limit-download 1";
    for (const [name, command] of [
        ["while it stored", shared],
        ["while it checked, which lets nobody else in", exclusive],
    ] as const) {
        it(`is stored into by the Job's next pod, when the first was killed ${name}`, async () => {
            await kill(await hold("backup-x-200-first", command));
            assert.equal(locks(), 1);
            await succeeds(store("backup-x-200-second"));
            assert.equal((await repository.times()).length, 2);
            assert.equal(locks(), 0);
        });
    }

    it("is not taken from a pod of another Job that runs", async () => {
        const other = await hold("backup-x-by-hand-zzzzz", exclusive);
        let ended = false;
        const waiting = store("backup-x-200-first").finally(() => (ended = true));
        await new Promise((resolve) => setTimeout(resolve, 12_000));
        assert.equal(ended, false, "it must wait");
        assert.equal(locks(), 1, "the lock of the other stays");
        assert.equal((await repository.times()).length, 1, "nothing is stored beside it");
        // Ends as a program does that is done.
        other.kill("SIGINT");
        const log = await succeeds(waiting);
        assert.match(log, /waits for backup-x-by-hand-zzzzz/);
        assert.equal((await repository.times()).length, 2);
    });
});
