import assert from "node:assert/strict";
import { ChildProcess, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

import { redisUser, rights } from "../../components/redis/redisUsers";
import { ROOT } from "../../lab/program/stackFile";
import { eventually, isOnPath } from "../../lab/tools/commands";
import { cluster, sentinels } from "../backup/redisModes";
import { execute, needs, Outcome, Scratch, succeeds, Variables } from "../backup/programs";
import { PASSWORD, Redis, Servers } from "../backup/servers";
import { skip } from "../support/skip";
import { Sentinels, TlsFolder, tlsCluster, tlsRedis } from "./tlsServers";

const PROGRAMS = path.join(ROOT, "docs/redis/clients");
const INSTALL = process.env.CLIENTS_INSTALL === "1";
/** Writes of each program; between two of them it waits PAUSE_MS. */
const WRITES = 1500;
const PAUSE_MS = 10;
/** What asynchronous replication may lose of what was acknowledged: a second of one program's writes. */
const MAY_BE_LOST = 1000 / PAUSE_MS;

interface Program {
    readonly command: string;
    readonly args: readonly string[];
}

interface Told {
    /** Commands that failed, of those that are tried again. */
    readonly failed: number;
    /** Milliseconds between two acknowledged writes, at most. */
    readonly longest: number;
    /** Keys that were not there when they were read right after their write. */
    readonly missing: number;
    /** INCRs with an answer, and without one. */
    readonly counted: number;
    readonly unknown: number;
}

const running = new Set<ChildProcess>();
const killAll = (): void => running.forEach((child) => child.kill("SIGKILL"));

/** Runs a program of the page; one that does not end in two minutes is killed, and so it is when the tests are. */
function runProgram({ command, args }: Program, env: Variables): Promise<Outcome> {
    return new Promise((resolve, reject) => {
        const child = spawn(command, [...args], {
            env: { PATH: process.env.PATH, ...env },
            timeout: 120_000,
            killSignal: "SIGKILL",
        });
        running.add(child);
        let output = "";
        child.stdout.on("data", (chunk) => (output += String(chunk)));
        child.stderr.on("data", (chunk) => (output += String(chunk)));
        child.on("error", reject);
        child.on("close", (status) => {
            running.delete(child);
            resolve({ status, output });
        });
    });
}

/** Commands that need what the user's own home has: caches of modules. */
function atHome(
    command: string,
    args: readonly string[],
    env: Variables = {},
    cwd?: string,
): Promise<Outcome> {
    return execute(command, args, { HOME: process.env.HOME ?? "/", ...env }, cwd);
}

/** How each language's program is started, or why it cannot be; nothing is fetched without CLIENTS_INSTALL=1. */
const LANGUAGES: Readonly<Record<string, (folder: string) => Promise<Program | string>>> = {
    async node(folder) {
        const own = process.env.CLIENTS_NODE;
        for (const file of ["client.mjs", "package.json"]) {
            fs.copyFileSync(path.join(PROGRAMS, "node", file), path.join(folder, file));
        }
        if (INSTALL) {
            await succeeds(atHome("npm", ["install", "--silent"], {}, folder));
        } else if (own) {
            fs.symlinkSync(path.join(own, "node_modules"), path.join(folder, "node_modules"));
        }
        return fs.existsSync(path.join(folder, "node_modules/ioredis"))
            ? { command: process.execPath, args: [path.join(folder, "client.mjs")] }
            : "CLIENTS_NODE names no folder with ioredis in node_modules";
    },
    async go(folder) {
        if (!isOnPath("go")) {
            return "go is not on the PATH";
        }
        const built = path.join(folder, "client");
        const { status, output } = await atHome(
            "go",
            ["build", "-o", built, "."],
            {
                GOFLAGS: "-mod=readonly",
                GOTOOLCHAIN: "local",
                ...(INSTALL ? {} : { GOPROXY: "off" }),
                ...(process.env.GOMODCACHE ? { GOMODCACHE: process.env.GOMODCACHE } : {}),
            },
            path.join(PROGRAMS, "go"),
        );
        if (/module lookup disabled|requires go/.test(output)) {
            return "go-redis is not in Go's module cache";
        }
        assert.equal(status, 0, output);
        return { command: built, args: [] };
    },
    async python(folder) {
        let python = process.env.CLIENTS_PYTHON ?? "python3";
        if (!isOnPath(python)) {
            return `${python} is not on the PATH`;
        }
        if (INSTALL) {
            await succeeds(atHome(python, ["-m", "venv", folder]));
            python = path.join(folder, "bin/python");
            const wanted = path.join(PROGRAMS, "python/requirements.txt");
            await succeeds(atHome(python, ["-m", "pip", "install", "-q", "-r", wanted]));
        }
        const { status } = await atHome(python, ["-c", "import redis.retry"]);
        return status === 0
            ? { command: python, args: [path.join(PROGRAMS, "python/client.py")] }
            : "redis-py is not there for python3, nor for the Python that CLIENTS_PYTHON names";
    },
    async java(folder) {
        const jars = INSTALL ? folder : process.env.CLIENTS_JAVA;
        if (!isOnPath("java")) {
            return "java is not on the PATH";
        }
        if (INSTALL) {
            const pom = path.join(PROGRAMS, "java/pom.xml");
            await succeeds(
                atHome("mvn", [
                    ...["-q", "-B", "-f", pom, "dependency:copy-dependencies"],
                    `-DoutputDirectory=${folder}`,
                ]),
            );
        }
        return jars && fs.readdirSync(jars).some((file) => /^jedis-.*\.jar$/.test(file))
            ? {
                  command: "java",
                  args: ["-cp", `${jars}/*`, path.join(PROGRAMS, "java/Client.java")],
              }
            : "CLIENTS_JAVA names no folder with the jars of Jedis";
    },
};

describe("Clients of docs/redis on real servers", function () {
    this.timeout(300_000);
    let tools: Scratch;
    const programs = new Map<string, Program | string>();
    before(async function () {
        needs(this, "redis-server", "redis-sentinel", "redis-cli");
        tools = new Scratch();
        process.on("exit", killAll);
        for (const [language, prepare] of Object.entries(LANGUAGES)) {
            const folder = path.join(tools.folder, language);
            fs.mkdirSync(folder);
            programs.set(language, await prepare(folder));
        }
        const reasons = [...programs.values()].filter((each) => typeof each === "string");
        if (reasons.length === programs.size) {
            skip(this, reasons.join("; "));
        }
    });
    after(() => {
        process.off("exit", killAll);
        tools?.remove();
    });

    /** Starts every program that there is, all at once; each has keys of its own. */
    function startAll(variables: Variables): Map<string, Promise<Outcome>> {
        const started = new Map<string, Promise<Outcome>>();
        for (const [language, program] of programs) {
            if (typeof program !== "string") {
                const outcome = runProgram(program, {
                    REDIS_USERNAME: "default",
                    ...variables,
                    REDIS_PASSWORD: PASSWORD,
                    PREFIX: language,
                    PAUSE_MS: String(PAUSE_MS),
                });
                started.set(language, outcome);
            }
        }
        return started;
    }

    async function told(
        context: Mocha.Context,
        outcomes: Map<string, Outcome>,
        language: string,
    ): Promise<Told> {
        const program = programs.get(language);
        if (typeof program === "string") {
            skip(context, program);
        }
        const outcome = outcomes.get(language) as Outcome;
        const output = await succeeds(Promise.resolve(outcome));
        return JSON.parse(/^\{.*\}$/m.exec(output)?.[0] ?? "") as Told;
    }

    for (const mode of ["replication", "sentinel", "cluster"] as const) {
        describe(`in mode ${mode}, whose master is killed`, () => {
            let scratch: Scratch;
            let servers: Servers;
            /** Those that are left, or are back. */
            let nodes: readonly Redis[];
            const outcomes = new Map<string, Outcome>();
            before(async () => {
                scratch = new Scratch();
                servers = new Servers(scratch);
                let seed: Redis;
                let master: Redis;
                if (mode === "cluster") {
                    const shards = await cluster(servers);
                    [master, seed] = shards.leaders as [Redis, Redis];
                    nodes = shards.nodes.filter((node) => node !== master);
                } else {
                    master = await servers.redis("--appendonly", "yes");
                    const replicas = [
                        await servers.replicaOf(master),
                        await servers.replicaOf(master),
                    ];
                    nodes = mode === "sentinel" ? replicas : [master];
                    seed =
                        mode === "sentinel" ? await sentinels(servers, scratch, master, 2) : master;
                }
                const started = startAll({
                    MODE: mode,
                    REDIS_HOST: "127.0.0.1",
                    REDIS_PORT: String(seed.port),
                    WRITES: String(WRITES),
                    ...(mode === "sentinel" ? { REDIS_SENTINEL_MASTER: "mymaster" } : {}),
                });
                const of = mode === "cluster" ? (nodes as Redis[]).concat(master) : [master];
                await eventually("a hundred writes of each", 60, async () => {
                    const counts = await Promise.all(
                        [...started.keys()].map((language) => count(of, language)),
                    );
                    return counts.every((each) => each >= 100) || undefined;
                });
                const pid = /process_id:(\d+)/.exec(await master.ask("INFO", "server"))?.[1];
                process.kill(Number(pid), "SIGKILL");
                if (mode === "replication") {
                    await new Promise((resolve) => setTimeout(resolve, 3000));
                    // As the kubelet does: the same address, the same volume.
                    servers.start("redis-server", [
                        ...["--port", String(master.port), "--bind", "127.0.0.1", "--save", ""],
                        ...["--dir", path.join(scratch.folder, `redis-${master.port}`)],
                        ...["--requirepass", PASSWORD, "--masterauth", PASSWORD],
                        ...["--appendonly", "yes"],
                    ]);
                }
                for (const [language, outcome] of started) {
                    outcomes.set(language, await outcome);
                }
            });
            after(async () => {
                await servers?.stop();
                scratch?.remove();
            });

            for (const language of Object.keys(LANGUAGES)) {
                it(`the program in ${language} goes on, and says what it does not know`, async function () {
                    const said = await told(this, outcomes, language);
                    const keys = await keysOf(nodes, language);
                    const lost = WRITES - keys.size;
                    const counter = await count(nodes, language);
                    if (process.env.CLIENTS_FIGURES === "1") {
                        console.log(JSON.stringify({ mode, language, ...said, lost, counter }));
                    }
                    assert.ok(said.failed > 0, "it noticed nothing");
                    assert.ok(said.longest > 1000, `writes went on after ${said.longest} ms`);
                    assert.ok(said.longest < 60_000, `no write for ${said.longest} ms`);
                    assert.equal(said.counted + said.unknown, WRITES);
                    assert.ok(lost <= MAY_BE_LOST, `${lost} acknowledged writes are lost`);
                    assert.ok(said.missing <= lost, `${said.missing} keys were not there`);
                    // Nothing was added twice, and what was acknowledged is there but for what may be lost.
                    assert.ok(counter <= said.counted + said.unknown, `counted twice: ${counter}`);
                    assert.ok(counter >= said.counted - MAY_BE_LOST, `lost counts: ${counter}`);
                });
            }
        });

        describe(`in mode ${mode} with TLS, as a user of an application`, () => {
            let scratch: Scratch;
            let servers: Servers;
            let watchers: Sentinels;
            let nodes: readonly { ask(...command: string[]): Promise<string> }[];
            const outcomes = new Map<string, Outcome>();
            before(async () => {
                scratch = new Scratch();
                servers = new Servers(scratch);
                const secret = await TlsFolder.of(scratch, mode);
                watchers = new Sentinels(scratch, secret);
                let port: number;
                if (mode === "cluster") {
                    const members = await tlsCluster(servers, scratch, secret, [
                        "cluster-preferred-endpoint-type ip",
                    ]);
                    nodes = members;
                    port = members[0]?.port ?? 0;
                } else {
                    const master = await tlsRedis(servers, scratch, secret);
                    nodes = [master];
                    port = master.port;
                    if (mode === "sentinel") {
                        await watchers.watch(master, 0, ["tls-replication yes"]);
                        port = watchers.all[0]?.port ?? 0;
                    }
                }
                const may = rights(redisUser.parse({})).split(" ");
                for (const node of nodes) {
                    await node.ask("ACL", "SETUSER", "shop", "on", `>${PASSWORD}`, ...may);
                }
                const started = startAll({
                    MODE: mode,
                    REDIS_USERNAME: "shop",
                    // A certificate has names, and those of Services are not known here.
                    REDIS_HOST: "localhost",
                    REDIS_PORT: String(port),
                    REDIS_CA: fs.readFileSync(secret.file("ca.crt"), "utf8"),
                    WRITES: "50",
                    ...(mode === "sentinel" ? { REDIS_SENTINEL_MASTER: "mymaster" } : {}),
                });
                for (const [language, outcome] of started) {
                    outcomes.set(language, await outcome);
                }
            });
            after(async () => {
                await watchers?.stop();
                await servers?.stop();
                scratch?.remove();
            });

            for (const language of Object.keys(LANGUAGES)) {
                it(`the program in ${language} writes and reads`, async function () {
                    const said = await told(this, outcomes, language);
                    assert.equal((await keysOf(nodes, language)).size, 50);
                    assert.equal(said.missing, 0);
                    assert.ok(said.counted > 0);
                });
            }
        });
    }
});

type Asked = readonly { ask(...command: string[]): Promise<string> }[];

/** Keys of a program, without its counter, on whichever node has them. */
async function keysOf(nodes: Asked, prefix: string): Promise<Set<string>> {
    const answers = await Promise.all(nodes.map((node) => node.ask("KEYS", `${prefix}:[0-9]*`)));
    return new Set(answers.flatMap((answer) => answer.split("\n").filter((line) => line !== "")));
}

/** A program's counter on whichever node has it; in a cluster, the others say MOVED. */
async function count(nodes: Asked, prefix: string): Promise<number> {
    const answers = await Promise.all(
        nodes.map((node) => node.ask("GET", `${prefix}:count`).catch(() => "")),
    );
    return Math.max(...answers.map(Number).filter((each) => !Number.isNaN(each)));
}
