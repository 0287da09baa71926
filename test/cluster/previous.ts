import * as fs from "node:fs";
import * as path from "node:path";

import { ROOT } from "../../lab/program/stackFile";
import { run } from "../../lab/tools/commands";

/** What a program consists of. */
const PROGRAM = ["index.ts", "components", "package.json", "tsconfig.json", "Pulumi.yaml"];
const STACKS = ["Pulumi.staging.yaml", "Pulumi.prod.yaml"];

/**
 * Writes the program of the commit before this checkout into a folder: HEAD's when the program has changes that are not
 * committed, otherwise its parent's; UPGRADE_FROM names another revision. Returns the commit, or undefined when a
 * shallow clone does not have it.
 */
export async function previousProgram(folder: string): Promise<string | undefined> {
    const git = (...args: readonly string[]): Promise<string> => run("git", args, { cwd: ROOT });
    const files = [...PROGRAM, ...STACKS];
    const changed = await git("status", "--porcelain", "--", ...files);
    const { UPGRADE_FROM: chosen } = process.env;
    const revision = chosen ?? (changed === "" ? "HEAD~1" : "HEAD");
    const verified = git("rev-parse", "--verify", `${revision}^{commit}`);
    const commit = (await (chosen ? verified : verified.catch(() => ""))).trim();
    if (commit === "") {
        return undefined;
    }
    fs.mkdirSync(folder, { recursive: true });
    const archive = path.join(folder, "program.tar");
    await git("archive", "--output", archive, commit, "--", ...files);
    await run("tar", ["-xf", archive, "-C", folder]);
    fs.symlinkSync(path.join(ROOT, "node_modules"), path.join(folder, "node_modules"));
    return commit;
}
