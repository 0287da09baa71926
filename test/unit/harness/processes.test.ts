import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as net from "node:net";
import * as path from "node:path";

import { freePorts } from "../../../lab/cluster/ports";
import { Processes, ProcessEnded } from "../../../lab/cluster/processes";
import { ROOT } from "../../../lab/program/stackFile";
import { eventually } from "../../../lab/tools/commands";

const MINUTES = "setInterval(() => undefined, 60_000)";

/** Whether a process is there and no zombie. */
function alive(pid: number): boolean {
    try {
        process.kill(pid, 0);
        return !/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, "utf8"));
    } catch {
        return false;
    }
}

function gone(...pids: readonly number[]): Promise<true> {
    return eventually("every process ends", 20, () =>
        Promise.resolve(pids.some(alive) ? undefined : true),
    );
}

describe("Processes of a cluster's run", () => {
    it("are stopped with their run, and their folder goes", async () => {
        const processes = new Processes();
        processes.start("waiting", process.execPath, ["-e", MINUTES]);
        const pid = processes.pid("waiting") ?? 0;
        assert.ok(alive(pid));
        await processes.stopAll();
        await gone(pid);
        assert.ok(!fs.existsSync(processes.folder));
        processes.check();
    });

    it("are told by name, with their last lines, when they end in the middle", async () => {
        const processes = new Processes();
        processes.start("kube-apiserver", process.execPath, ["-e", `console.log("etcd is gone")`]);
        try {
            const error = await eventually("its end is known", 20, () => {
                try {
                    processes.check();
                    return Promise.resolve(undefined);
                } catch (problem) {
                    return Promise.resolve(problem);
                }
            });
            assert.ok(error instanceof ProcessEnded);
            assert.match(error.message, /^kube-apiserver ended with exit code 0 in the middle/);
            assert.match(error.message, /Its last lines:\netcd is gone$/);
        } finally {
            await processes.stopAll();
        }
    });

    it("that find their port busy name the port and what to do", async () => {
        const [port = 0] = await freePorts(1);
        const server = net.createServer().listen(port, "127.0.0.1");
        const processes = new Processes();
        const message = `listen tcp 127.0.0.1:${port}: bind: address already in use`;
        processes.start("etcd", process.execPath, [
            "-e",
            `console.error("${message}"); process.exit(1)`,
        ]);
        try {
            await assert.rejects(
                eventually("its end is known", 20, () => {
                    try {
                        processes.check();
                    } catch (problem) {
                        return Promise.resolve(problem as Error);
                    }
                    return Promise.resolve(undefined);
                }).then((problem) => Promise.reject(problem)),
                {
                    message: `etcd could not start: 127.0.0.1:${port} is in use by another process. End that process, or run again: the ports are chosen afresh`,
                },
            );
        } finally {
            await processes.stopAll();
            server.close();
        }
    });

    it("that are not there are told as such", async () => {
        const processes = new Processes();
        processes.start("etcd", "/nowhere/etcd", []);
        await eventually("its end is known", 20, () => {
            try {
                processes.check();
                return Promise.resolve(undefined);
            } catch (problem) {
                assert.match(String(problem), /etcd could not be started: .*ENOENT/);
                return Promise.resolve(true);
            }
        });
        await processes.stopAll();
    });

    for (const signal of ["SIGINT", "SIGKILL"] as const) {
        it(`end with their run when it gets ${signal}, and their folder goes`, async () => {
            const script = `
                require("ts-node/register/transpile-only");
                const { Processes } = require("./lab/cluster/processes.ts");
                const processes = new Processes();
                processes.start("one", process.execPath, ["-e", ${JSON.stringify(MINUTES)}]);
                processes.start("two", process.execPath, ["-e", ${JSON.stringify(MINUTES)}]);
                console.log([processes.pid("one"), processes.pid("two"), processes.folder].join(" "));
                ${MINUTES};`;
            const run = spawn(process.execPath, ["-e", script], { cwd: ROOT });
            const [one = "", two = "", folder = ""] = await new Promise<string[]>((resolve) =>
                run.stdout.on("data", (data: Buffer) => resolve(data.toString().trim().split(" "))),
            );
            assert.ok(alive(Number(one)) && alive(Number(two)) && path.isAbsolute(folder));
            run.kill(signal);
            await gone(Number(one), Number(two));
            await eventually("the folder goes", 20, () =>
                Promise.resolve(fs.existsSync(folder) ? undefined : true),
            );
        });
    }

    it("of two runs have ports and folders of their own", async () => {
        const [first, second] = [new Processes(), new Processes()];
        assert.notEqual(first.folder, second.folder);
        const ports = await freePorts(20);
        assert.equal(new Set(ports).size, 20);
        await Promise.all([first.stopAll(), second.stopAll()]);
    });
});
