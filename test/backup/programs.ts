import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { ROOT } from "../../lab/program/stackFile";
import { isOnPath } from "../../lab/tools/commands";
import { skip } from "../support/skip";

export const SCRIPTS = path.join(ROOT, "components/backup/scripts");

export type Variables = Readonly<Record<string, string>>;

export interface Outcome {
    readonly status: number | null;
    /** Both streams, as a pod's log has them. */
    readonly output: string;
}

/** Skips a suite whose commands are not all on the PATH. */
export function needs(context: Mocha.Context, ...commands: readonly string[]): void {
    const missing = commands.filter((command) => !isOnPath(command));
    if (missing.length > 0) {
        skip(context, `it needs ${missing.join(", ")} on the PATH`);
    }
}

/** Runs a program of the pods, or another command, with exactly these variables beside the PATH. */
export function execute(
    command: string,
    args: readonly string[],
    env: Variables,
    cwd?: string,
): Promise<Outcome> {
    return new Promise((resolve, reject) => {
        const child = spawn(command, [...args], {
            env: { PATH: process.env.PATH, ...env },
            ...(cwd ? { cwd } : {}),
        });
        let output = "";
        child.stdout.on("data", (chunk) => (output += String(chunk)));
        child.stderr.on("data", (chunk) => (output += String(chunk)));
        child.on("error", reject);
        child.on("close", (status) => resolve({ status, output }));
    });
}

/** Runs a file of components/backup/scripts with the interpreter that its pods use. */
export function runScript(file: string, env: Variables): Promise<Outcome> {
    const interpreter = file.endsWith(".mjs") ? process.execPath : "sh";
    return execute(interpreter, [path.join(SCRIPTS, file)], env);
}

/** The program's output; fails with it when the program failed. */
export async function succeeds(outcome: Promise<Outcome>): Promise<string> {
    const { status, output } = await outcome;
    assert.equal(status, 0, output);
    return output;
}

/** Fails unless the program failed and said why. */
export async function fails(outcome: Promise<Outcome>, why: RegExp): Promise<void> {
    const { status, output } = await outcome;
    assert.notEqual(status, 0, `it succeeded:\n${output}`);
    assert.match(output, why);
}

/** What the pods of one source have: a scratch volume, and the variables that name its folders. */
export class Scratch {
    readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), "observability-backup-"));
    readonly exported = path.join(this.folder, "export");
    readonly restored = path.join(this.folder, "restored");

    get variables(): Variables {
        const temporary = path.join(this.folder, "tmp");
        fs.mkdirSync(temporary, { recursive: true });
        return {
            EXPORT: this.exported,
            RESTORED: this.restored,
            TMPDIR: temporary,
            HOME: this.folder,
            RESTIC_CACHE_DIR: path.join(this.folder, "cache"),
        };
    }

    /** A new pod starts with empty folders. */
    empty(): void {
        fs.rmSync(this.exported, { recursive: true, force: true });
        fs.rmSync(this.restored, { recursive: true, force: true });
    }

    remove(): void {
        fs.rmSync(this.folder, { recursive: true, force: true });
    }
}
