import * as fs from "node:fs";

import { isOnPath } from "../../lab/tools/commands";
import { tool, toolPath, variable } from "../../lab/tools/goTools";
import type { Tool } from "../../lab/tools/toolFamilies";
import { skip } from "./skip";

/** The same for a `before` hook without a time limit: without Go, the tests of its suite are skipped. */
export async function goTool(context: Mocha.Context, name: Tool): Promise<string> {
    if (!fs.existsSync(toolPath(name)) && !process.env[variable(name)] && !isOnPath("go")) {
        skip(
            context,
            `it needs ${name}: put Go on the PATH to build it, or name a binary in ${variable(name)}`,
        );
    }
    return tool(name);
}

/** Skips the tests of a suite whose tools take long to build, where one is neither there nor asked for. */
export function skipUnlessBuilt(context: Mocha.Context, ...names: readonly Tool[]): void {
    const missing = names.filter((name) => !fs.existsSync(toolPath(name)));
    if (missing.length > 0 && process.env.SLOW_TOOLS !== "1") {
        skip(
            context,
            `${missing.join(" and ")} not built, which takes long: set SLOW_TOOLS=1 to build, or name binaries in ${missing.map(variable).join(" and ")}`,
        );
    }
}
