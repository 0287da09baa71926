import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { isOnPath } from "../../tools/commands";

const CGROUPS = "/sys/fs/cgroup";
/** Those that the kubelet limits pods with. */
const CONTROLLERS = ["cpu", "cpuset", "memory", "pids"];
/** Name of the run's control groups; set inside a sandbox. */
const VARIABLE = "OBSERVABILITY_SANDBOX";
/** Followed by the id of the process outside. */
const PREFIX = "observability-sandbox-";
/** Namespaces of a run's own: nothing in them is seen outside, and the kernel removes them with their last process. */
const UNSHARE = [
    "unshare",
    ...["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"],
];

/** Name of the control groups of this sandbox; undefined outside of one. */
export function sandboxName(): string | undefined {
    return process.env[VARIABLE];
}

/** Makes a control group inside this sandbox's, and returns its path from the hierarchies' root. */
export function subgroup(name: string): string {
    const group = path.join(sandboxName() ?? "", name);
    hierarchies().forEach((hierarchy) => makeGroup(path.join(hierarchy, group)));
    return `/${group}`;
}

/** Why no sandbox can be had here; undefined when one can. */
export function sandboxProblem(): string | undefined {
    if (process.getuid?.() !== 0) {
        return "it needs root";
    }
    const missing = ["unshare", "setpriv", "ip", "mount"].filter((program) => !isOnPath(program));
    if (missing.length > 0) {
        return `it needs ${missing.join(", ")} (Debian: util-linux, mount, iproute2)`;
    }
    const closed = hierarchies().filter((hierarchy) => !isWritable(hierarchy));
    if (closed.length > 0) {
        return `it needs control groups, and may not write to ${closed.join(", ")}`;
    }
    const controllers = missingControllers();
    if (controllers.length > 0) {
        return `it needs the controllers ${controllers.join(", ")} of control groups, which ${CGROUPS} does not hand down`;
    }
    return failureInside("ip", "link", "add", "node0", "type", "bridge");
}

/** What a command says when it fails in namespaces of its own; undefined when it works there. */
export function failureInside(...command: readonly string[]): string | undefined {
    const [unshare = "", ...args] = UNSHARE;
    const { status, stderr } = spawnSync(unshare, [...args, ...command], { encoding: "utf8" });
    return status === 0
        ? undefined
        : `\`${command.join(" ")}\` fails in namespaces of its own: ${stderr.trim()}`;
}

/**
 * Runs this very process again in namespaces of its own (network, mounts, processes) with the same arguments, and
 * returns its exit code. Whatever it started has ended then, also after its crash: the kernel ends a process namespace
 * with its first process.
 */
export async function enterSandbox(): Promise<number> {
    removeLeftovers();
    const name = `${PREFIX}${process.pid}`;
    const folder = path.join(os.tmpdir(), name);
    const groups = hierarchies().map((hierarchy) => path.join(hierarchy, name));
    fs.mkdirSync(folder, { mode: 0o700 });
    groups.forEach(makeGroup);
    try {
        return await runAgain({ ...process.env, TMPDIR: folder, [VARIABLE]: name });
    } finally {
        groups.forEach(removeGroup);
        fs.rmSync(folder, { recursive: true });
    }
}

function runAgain(env: NodeJS.ProcessEnv): Promise<number> {
    // It must not outlive this process either.
    const args = ["--pdeathsig", "KILL", ...UNSHARE, process.execPath];
    return new Promise((resolve, reject) => {
        const child = spawn("setpriv", [...args, ...process.execArgv, ...process.argv.slice(1)], {
            stdio: "inherit",
            env,
        });
        // Ctrl-C reaches both; the one inside ends everything, and this one waits for it.
        process.on("SIGINT", () => undefined);
        process.on("SIGTERM", () => childrenOf(child.pid).forEach((pid) => process.kill(pid)));
        child.on("error", reject);
        child.on("exit", (code, signal) => resolve(signal ? 1 : (code ?? 1)));
    });
}

/** `unshare` passes no signal on to the process that it waits for. */
function childrenOf(pid: number | undefined): number[] {
    const file = `/proc/${pid}/task/${pid}/children`;
    const ids = fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "";
    return ids.trim().split(" ").filter(Boolean).map(Number);
}

/** What runs left that were killed: their processes ended with them. */
function removeLeftovers(): void {
    const all = [...hierarchies(), os.tmpdir()].flatMap((folder) =>
        fs.readdirSync(folder).map((name) => ({ folder, name })),
    );
    for (const { folder, name } of all.filter(({ name: each }) => isLeftover(each))) {
        const full = path.join(folder, name);
        if (folder === os.tmpdir()) {
            fs.rmSync(full, { recursive: true });
        } else {
            removeGroup(full);
        }
    }
}

function isLeftover(name: string): boolean {
    const pid = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : "";
    return /^\d+$/.test(pid) && (Number(pid) === process.pid || !fs.existsSync(`/proc/${pid}`));
}

/** Of version 2, which hands controllers down by name; in version 1 each is a hierarchy. */
function missingControllers(): string[] {
    const file = path.join(CGROUPS, "cgroup.subtree_control");
    const given = fs.existsSync(file) ? fs.readFileSync(file, "utf8").split(/\s+/) : CONTROLLERS;
    return CONTROLLERS.filter((controller) => !given.includes(controller));
}

function isWritable(folder: string): boolean {
    try {
        fs.accessSync(folder, fs.constants.W_OK);
        return true;
    } catch {
        return false;
    }
}

/** The mounted hierarchies of control groups: one for each controller in version 1, one in version 2. */
function hierarchies(): string[] {
    if (fs.existsSync(path.join(CGROUPS, "cgroup.controllers"))) {
        return [CGROUPS];
    }
    return fs
        .readdirSync(CGROUPS, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => path.join(CGROUPS, entry.name));
}

function makeGroup(group: string): void {
    fs.mkdirSync(group);
    // In version 1 a new cpuset is empty, and no process can enter it.
    for (const file of ["cpuset.cpus", "cpuset.mems"]) {
        const parent = path.join(group, "..", file);
        if (group.startsWith(path.join(CGROUPS, "cpuset/")) && fs.existsSync(parent)) {
            fs.writeFileSync(path.join(group, file), fs.readFileSync(parent));
        }
    }
}

/** From the innermost one on: a control group with others in it stays. */
function removeGroup(group: string): void {
    if (!fs.existsSync(group)) {
        return;
    }
    for (const entry of fs.readdirSync(group, { withFileTypes: true })) {
        if (entry.isDirectory()) {
            removeGroup(path.join(group, entry.name));
        }
    }
    fs.rmdirSync(group);
}
