import * as fs from "node:fs";
import * as path from "node:path";

import { run } from "../support/commands";
import { ROOT } from "../support/stackFile";

/** What a program consists of. */
const PROGRAM = ["index.ts", "components", "package.json", "tsconfig.json", "Pulumi.yaml"];
const STACKS = ["Pulumi.staging.yaml", "Pulumi.prod.yaml"];

/**
 * Writes the program of the commit before this checkout into a folder: HEAD's when the program has changes that are not
 * committed, otherwise its parent's; UPGRADE_FROM names another revision. Returns the revision, or undefined when there
 * is no such commit here.
 */
export async function previousProgram(folder: string): Promise<string | undefined> {
    const git = (...args: readonly string[]): Promise<string> => run("git", args, { cwd: ROOT });
    const files = [...PROGRAM, ...STACKS];
    try {
        const changed = await git("status", "--porcelain", "--", ...files);
        const revision = process.env.UPGRADE_FROM ?? (changed === "" ? "HEAD~1" : "HEAD");
        const commit = (await git("rev-parse", "--verify", `${revision}^{commit}`)).trim();
        const archive = path.join(folder, "program.tar");
        await git("archive", "--output", archive, commit, "--", ...files);
        await run("tar", ["-xf", archive, "-C", folder]);
        fs.symlinkSync(path.join(ROOT, "node_modules"), path.join(folder, "node_modules"));
        return commit;
    } catch (error) {
        if (process.env.UPGRADE_FROM) {
            throw error;
        }
        return undefined;
    }
}
