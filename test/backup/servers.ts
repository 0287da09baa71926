import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as net from "node:net";
import * as path from "node:path";

import { eventually } from "../../lab/tools/commands";
import { execute, Scratch, succeeds } from "./programs";

export const PASSWORD = "the-password-of-redis";

/** A port that nothing listens on. */
export function freePort(): Promise<number> {
    return new Promise((resolve, reject) => {
        const server = net.createServer();
        server.on("error", reject);
        server.listen(0, "127.0.0.1", () => {
            const { port } = server.address() as net.AddressInfo;
            server.close(() => resolve(port));
        });
    });
}

/** Processes of a suite; `stop` ends all of them. */
export class Servers {
    private readonly stops: (() => Promise<void>)[] = [];

    constructor(private readonly scratch: Scratch) {}

    /** Starts a process; its output goes into a file that a failure names. */
    start(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): void {
        const log = fs.openSync(path.join(this.scratch.folder, "servers.log"), "a");
        const child = spawn(command, [...args], {
            env: { ...process.env, ...env },
            stdio: ["ignore", log, log],
        });
        fs.closeSync(log);
        const ended = new Promise<void>((resolve) => child.on("exit", () => resolve()));
        const kill = (): void => void child.kill("SIGKILL");
        process.on("exit", kill);
        this.stops.push(async () => {
            kill();
            await ended;
            process.off("exit", kill);
        });
    }

    async stop(): Promise<void> {
        await Promise.all(this.stops.splice(0).map((stop) => stop()));
    }

    /** Starts a Redis with a password and waits until it answers. */
    async redis(...options: readonly string[]): Promise<Redis> {
        const port = await freePort();
        const folder = path.join(this.scratch.folder, `redis-${port}`);
        fs.mkdirSync(folder);
        this.start("redis-server", [
            ...["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""],
            ...["--requirepass", PASSWORD, "--masterauth", PASSWORD],
            ...["--repl-diskless-sync-delay", "0", ...options],
        ]);
        const redis = new Redis(port);
        await eventually(`Redis on port ${port}`, 20, async () => {
            return (await redis.ask("PING")).includes("PONG") || undefined;
        });
        return redis;
    }

    /** A replica in sync. */
    async replicaOf(master: Redis): Promise<Redis> {
        const replica = await this.redis("--replicaof", "127.0.0.1", String(master.port));
        await replica.inSync();
        return replica;
    }
}

export class Redis {
    constructor(readonly port: number) {}

    get member(): string {
        return `127.0.0.1:${this.port}`;
    }

    /** Answer of a command; throws on an error reply. */
    ask(...command: readonly string[]): Promise<string> {
        return succeeds(
            execute("redis-cli", ["-e", "-h", "127.0.0.1", "-p", String(this.port), ...command], {
                REDISCLI_AUTH: PASSWORD,
            }),
        );
    }

    /** Writes so many keys with values of some size. */
    async fill(keys: number, prefix = "key"): Promise<void> {
        const script =
            "for i = 1, ARGV[1] do redis.call('SET', ARGV[2] .. i, string.rep(tostring(i), 20)) end";
        await this.ask("EVAL", script, "0", String(keys), prefix);
    }

    async inSync(): Promise<void> {
        await eventually(`sync of ${this.member}`, 30, async () => {
            return (
                (await this.ask("INFO", "replication")).includes("master_link_status:up") ||
                undefined
            );
        });
    }
}
