import * as fs from "node:fs";
import * as path from "node:path";

import { ROOT } from "./program/stackFile";

/** CRDs and default values of the pinned versions, beside the checkout; not every machine has them. */
const FACTS = path.resolve(ROOT, "../shared");

/** The text of a file of facts, such as `charts/fluent-bit-0.58.1.values.json`, or undefined when it is not there. */
export function factFile(name: string): string | undefined {
    const file = path.join(FACTS, name);
    return fs.existsSync(file) ? fs.readFileSync(file, "utf8") : undefined;
}

/** Names of the files in a folder of facts; none when it is not there. */
export function factFiles(folder: string): string[] {
    const full = path.join(FACTS, folder);
    return fs.existsSync(full) ? fs.readdirSync(full).sort() : [];
}
