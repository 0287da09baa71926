import { ChildProcess, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { Hopeless } from "../tools/commands";

/** Milliseconds that a process gets to end by itself. */
const PATIENCE = 10_000;

/** A process of the run that ended although nobody stopped it. */
export class ProcessEnded extends Hopeless {}

interface Running {
    readonly name: string;
    readonly child: ChildProcess;
    readonly ended: Promise<void>;
}

/**
 * Background processes of one run, with a temporary folder for their data and logs. Whatever happens to the run, also
 * Ctrl-C and SIGKILL, they end and the folder goes: a guard process waits for the run's end.
 */
export class Processes {
    public readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), "observability-cluster-"));
    private readonly running: Running[] = [];
    private readonly guard: ChildProcess;
    private problem: ProcessEnded | undefined;

    constructor() {
        this.guard = spawn(process.execPath, [path.join(__dirname, "guard.cjs")], {
            detached: true,
            stdio: ["pipe", "ignore", "ignore"],
        });
        // Not to keep the run alive, and no error when the guard is gone.
        this.guard.unref();
        this.guard.stdin?.on("error", () => undefined);
        this.tellGuard(this.folder);
    }

    /** Starts a program in a process group of its own; its output is `<name>.log` in the folder. */
    start(
        name: string,
        command: string,
        args: readonly string[],
        env: NodeJS.ProcessEnv = process.env,
    ): void {
        const log = fs.openSync(this.logFile(name), "a");
        const child = spawn(command, [...args], {
            // Some leave temporary files behind.
            env: { ...env, TMPDIR: this.folder },
            cwd: this.folder,
            detached: true,
            stdio: ["ignore", log, log],
        });
        fs.closeSync(log);
        child.unref();
        const ended = new Promise<void>((resolve) => {
            const end = (how: string): void => {
                this.tellGuard(`-${child.pid}`);
                this.ended(name, how);
                resolve();
            };
            child.on("error", (error) => end(`could not be started: ${error.message}`));
            child.on("exit", (code, signal) =>
                end(signal ? `was ended by ${signal}` : `ended with exit code ${code}`),
            );
        });
        if (child.pid !== undefined) {
            this.tellGuard(`+${child.pid}`);
        }
        this.running.push({ name, child, ended });
    }

    /** Throws a `ProcessEnded` when one of the processes ended although it should run. */
    check(): void {
        if (this.problem) {
            throw this.problem;
        }
    }

    /** The id of a running process, for tests that end it. */
    pid(name: string): number | undefined {
        return this.running.find((each) => each.name === name)?.child.pid;
    }

    /** Stops one process; with SIGKILL, as a crash would. */
    async stop(name: string, signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
        const index = this.running.findIndex((each) => each.name === name);
        const [found] = index < 0 ? [] : this.running.splice(index, 1);
        if (found) {
            await end(found, signal);
        }
    }

    /** Stops everything, the last started first, and removes the folder. */
    async stopAll(): Promise<void> {
        for (const { name } of [...this.running].reverse()) {
            await this.stop(name);
        }
        fs.rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
        this.guard.stdin?.end();
    }

    log(name: string): string {
        const file = this.logFile(name);
        return fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "";
    }

    private logFile(name: string): string {
        return path.join(this.folder, `${name}.log`);
    }

    private ended(name: string, how: string): void {
        const index = this.running.findIndex((each) => each.name === name);
        if (index < 0) {
            // It was stopped.
            return;
        }
        this.running.splice(index, 1);
        const log = this.log(name);
        const busy = /listen tcp[46]? (\S+): bind: address already in use/.exec(log)?.[1];
        this.problem ??= new ProcessEnded(
            busy
                ? `${name} could not start: ${busy} is in use by another process. End that process, or run again: the ports are chosen afresh`
                : `${name} ${how} in the middle of the run; everything is stopped. Run again; memory is often short, and docs/cluster-tests.md says how much it takes. Its last lines:\n${lastLines(log)}`,
        );
    }

    private tellGuard(line: string): void {
        this.guard.stdin?.write(`${line}\n`);
    }
}

async function end({ child, ended }: Running, first: NodeJS.Signals): Promise<void> {
    const signal = (name: NodeJS.Signals): void => {
        try {
            process.kill(-(child.pid ?? 0), name);
        } catch {
            // It ended meanwhile.
        }
    };
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
        signal(first);
        const kill = setTimeout(() => signal("SIGKILL"), PATIENCE);
        await ended;
        clearTimeout(kill);
    }
}

function lastLines(log: string): string {
    return log.trim().split("\n").slice(-5).join("\n") || "(it printed nothing)";
}
