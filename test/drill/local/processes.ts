import { ChildProcess, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as net from "node:net";
import * as path from "node:path";

/** A process of the drill; its output is in a file. */
export interface Started {
    readonly name: string;
    /** Ends it at once, as a crash would, and waits for its end. */
    kill(): Promise<void>;
}

/** The processes of one drill: each ends with it, however the drill ends. */
export class Processes {
    private readonly running = new Map<ChildProcess, Promise<void>>();
    private readonly killAll = (): void =>
        this.running.forEach((_, child) => child.kill("SIGKILL"));

    /** `folder` gets a log of each. */
    constructor(private readonly folder: string) {
        process.on("exit", this.killAll);
    }

    start(
        name: string,
        command: string,
        args: readonly string[],
        env: Readonly<Record<string, string>> = {},
    ): Started {
        const log = fs.openSync(this.logFile(name), "a");
        const child = spawn(command, [...args], {
            cwd: this.folder,
            env: { ...process.env, ...env },
            stdio: ["ignore", log, log],
        });
        fs.closeSync(log);
        const ended = new Promise<void>((resolve) => {
            child.on("error", (error) => {
                fs.appendFileSync(this.logFile(name), `${error.message}\n`);
                resolve();
            });
            child.on("exit", () => resolve());
        }).then(() => void this.running.delete(child));
        this.running.set(child, ended);
        return {
            name,
            kill: () => {
                child.kill("SIGKILL");
                return ended;
            },
        };
    }

    /** The end of a process' output, for a message. */
    lastLines(name: string): string {
        const file = this.logFile(name);
        const text = fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "";
        return text.trim().split("\n").slice(-5).join("\n");
    }

    async stop(): Promise<void> {
        const ends = [...this.running.values()];
        this.killAll();
        await Promise.all(ends);
        process.off("exit", this.killAll);
    }

    private logFile(name: string): string {
        return path.join(this.folder, `${name}.log`);
    }
}

/** A port of loopback that nobody listens on. */
export function freePort(): Promise<number> {
    return new Promise((resolve, reject) => {
        const server = net.createServer();
        server.on("error", reject);
        server.listen(0, "127.0.0.1", () => {
            const address = server.address();
            server.close(() =>
                typeof address === "object" && address
                    ? resolve(address.port)
                    : reject(new Error("the system gave no port")),
            );
        });
    });
}
