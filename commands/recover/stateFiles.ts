import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import type { Finding } from "./findings";

const SCHEME = "file://";

/**
 * What a CLI that was killed as it wrote leaves in a state that is in files: the backend writes each file's attributes beside it first, and an empty
 * file of attributes fails every command, with `failed to load checkpoint: EOF` or when it lists locks. The state itself is written beside and renamed,
 * so it is whole.
 *
 * @param url of the backend, as `pulumi whoami --json` gives it
 * @param folder that a relative URL begins at: the CLI's
 */
export function stateFileFindings(url: string, folder: string): Finding[] {
    if (!url.startsWith(SCHEME)) {
        return [];
    }
    const [at = ""] = url.slice(SCHEME.length).split("?");
    const home = at.replace(/^~(?=\/|$)/, os.homedir());
    const state = path.join(path.resolve(folder, home), ".pulumi");
    // A folder that nobody has written to has nothing to mend.
    const files = fs.existsSync(state)
        ? fs.readdirSync(state, { recursive: true, encoding: "utf8" })
        : [];
    return files
        .filter((file) => file.endsWith(".attrs"))
        .map((file) => path.join(state, file))
        .filter((file) => fs.statSync(file).size === 0)
        .sort()
        .map((file) => ({
            what: `${file} is empty, as a CLI that was killed as it wrote leaves it`,
            then: "no command can read the state until it is removed; the state beside it is whole",
            fix: { kind: "removeFile", file },
        }));
}
