import { ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";

/** Runs a command and returns what it printed; throws with its whole output when it fails. */
export function run(
    command: string,
    args: readonly string[],
    options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<string> {
    return new Promise((resolve, reject) => {
        execFile(
            command,
            [...args],
            { ...options, maxBuffer: 256 * 2 ** 20 },
            (error, stdout, stderr) => {
                if (error) {
                    const output = `${stdout}\n${stderr}`.trim();
                    reject(new Error(`${command} ${args.join(" ")} failed:\n${output}`));
                } else {
                    resolve(stdout);
                }
            },
        );
    });
}

/** Whether a command of that name is on the PATH. */
export function isOnPath(command: string, env: NodeJS.ProcessEnv = process.env): boolean {
    return spawnSync("sh", ["-c", `command -v "$0"`, command], { env }).status === 0;
}

/** Starts a process in the background; returns what stops it. */
export function start(
    command: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv,
): () => Promise<void> {
    const child = spawn(command, [...args], { env, stdio: "ignore" });
    const kill = (): void => void child.kill("SIGKILL");
    process.on("exit", kill);
    return async () => {
        await terminate(child);
        process.off("exit", kill);
    };
}

/**
 * Ends a process as the kubelet ends a container: SIGTERM, and SIGKILL when it has not ended in its grace period. One that first delivers what it holds,
 * to a store that takes nothing, would else keep the test that stops it for as long as it tries.
 */
export async function terminate(
    child: ChildProcess,
    signal: "SIGTERM" | "SIGKILL" = "SIGTERM",
    graceSeconds = 30,
): Promise<void> {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) {
        return;
    }
    const ended = once(child, "exit");
    child.kill(signal);
    const late = setTimeout(() => child.kill("SIGKILL"), graceSeconds * 1000);
    await ended;
    clearTimeout(late);
}

/** An error after which waiting is of no use. */
export class Hopeless extends Error {}

/**
 * Calls `check` until it returns something, with `pause` ms between two calls; throws what it lacked when the time is
 * over, and at once what is Hopeless.
 */
export async function eventually<T>(
    what: string,
    seconds: number,
    check: () => Promise<T | undefined>,
    pause = 1000,
): Promise<T> {
    const end = Date.now() + seconds * 1000;
    let last: unknown = "nothing yet";
    while (Date.now() < end) {
        try {
            const value = await check();
            if (value !== undefined) {
                return value;
            }
        } catch (error) {
            if (error instanceof Hopeless) {
                throw error;
            }
            last = error;
        }
        await new Promise((resolve) => setTimeout(resolve, pause));
    }
    throw new Error(`${what}: not within ${seconds} s; last: ${String(last)}`);
}
