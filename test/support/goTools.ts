import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { isOnPath, run } from "./commands";
import { ROOT } from "./stackFile";
import { skip } from "./skip";

const MODULE = path.join(ROOT, "test/tools");

/** Tools of test/tools/go.mod, which pins their versions. */
const TOOLS = {
    promtool: {
        package: "github.com/prometheus/prometheus/cmd/promtool",
        // Service discovery is half of the build and no rule needs it.
        tags: "remove_all_sd",
    },
    amtool: { package: "github.com/prometheus/alertmanager/cmd/amtool", tags: "" },
} as const;

export type GoTool = keyof typeof TOOLS;

/**
 * Path of a tool: the binary that PROMTOOL or AMTOOL names, or one built from the pinned sources and kept in the
 * user's cache. For a `before` hook without a time limit; without `go`, the tests of its suite are skipped.
 */
export async function goTool(context: Mocha.Context, tool: GoTool): Promise<string> {
    const variable = tool.toUpperCase();
    const given = process.env[variable];
    if (given) {
        return given;
    }
    const folder = path.join(cacheFolder(), "observability", "tools", pinnedVersions());
    const binary = path.join(folder, tool);
    if (fs.existsSync(binary)) {
        return binary;
    }
    if (!isOnPath("go")) {
        skip(
            context,
            `it needs ${tool}: put Go on the PATH to build it, or name a binary in ${variable}`,
        );
    }
    process.stderr.write(
        `Building ${tool} from test/tools/go.mod: minutes the first time, then it is kept in ${folder}\n`,
    );
    fs.mkdirSync(folder, { recursive: true });
    // Under another name first: a build that is interrupted, or runs twice, leaves no broken binary.
    const building = `${binary}.${process.pid}`;
    const { package: source, tags } = TOOLS[tool];
    await run("go", ["build", "-tags", tags, "-o", building, source], { cwd: MODULE });
    fs.renameSync(building, binary);
    return binary;
}

function cacheFolder(): string {
    return process.env.XDG_CACHE_HOME || path.join(os.homedir(), ".cache");
}

/** A folder name that changes with what is built. */
function pinnedVersions(): string {
    return createHash("sha256")
        .update(fs.readFileSync(path.join(MODULE, "go.sum")))
        .update(JSON.stringify(TOOLS))
        .digest("hex")
        .slice(0, 16);
}
