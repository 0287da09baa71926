import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { isOnPath, run } from "./commands";
import {
    Family,
    fingerprint,
    goVariables,
    linkerFlags,
    moduleFolder,
    Tool,
    TOOL_FAMILIES,
    ToolFamily,
} from "./toolFamilies";

/** Seconds between two lines about a build that goes on. */
const PROGRESS = 15;

/**
 * Paths of tools: for each the binary that its variable names (KUBE_APISERVER for kube-apiserver), or one built from
 * the versions that lab/tools/ pins and kept in the user's cache. Builds only what is asked for, one family at a time,
 * and says so on stderr. Safe when several runs build at once. Throws when Go is missing or a build fails.
 */
export async function tools<T extends Tool>(...names: readonly T[]): Promise<Record<T, string>> {
    const missing = names.filter((name) => !fs.existsSync(toolPath(name)));
    const named = missing.filter((name) => process.env[variable(name)]);
    if (named.length > 0) {
        throw new Error(
            named
                .map((name) => `${variable(name)} names ${toolPath(name)}, which is not there`)
                .join("\n"),
        );
    }
    if (missing.length > 0 && !isOnPath("go")) {
        throw new Error(
            `cannot build ${missing.join(", ")}: there is no \`go\` on the PATH. Install Go 1.26 or later, ` +
                `or name a binary of each: ${missing.map(variable).join(", ")}`,
        );
    }
    for (const family of TOOL_FAMILIES) {
        const wanted = missing.filter((name) => name in family.packages);
        if (wanted.length > 0) {
            await build(family, wanted);
        }
    }
    return Object.fromEntries(names.map((name) => [name, toolPath(name)])) as Record<T, string>;
}

/** The path of one tool; see `tools`. */
export async function tool(name: Tool): Promise<string> {
    return (await tools(name))[name];
}

/** The folder with the sources of a module that a family pins; downloads it when it is not there. */
export async function moduleSources(family: Family, module: string): Promise<string> {
    if (!isOnPath("go")) {
        throw new Error(
            `the sources of ${module} need \`go\` on the PATH: install Go 1.26 or later`,
        );
    }
    const answer = await run("go", ["mod", "download", "-json", module], {
        cwd: moduleFolder(family),
        env: goVariables(family),
    });
    return (JSON.parse(answer) as { Dir: string }).Dir;
}

export function variable(name: Tool): string {
    return name.toUpperCase().replaceAll("-", "_");
}

export function toolPath(name: Tool): string {
    const family = TOOL_FAMILIES.find(({ packages }) => name in packages) as ToolFamily;
    return process.env[variable(name)] || path.join(cacheFolder(), fingerprint(family), name);
}

/** Where the user's machine keeps what is large and made once, by what it is. */
export function cacheFolder(kind = "tools"): string {
    const cache = process.env.XDG_CACHE_HOME || path.join(os.homedir(), ".cache");
    return path.join(cache, "observability", kind);
}

/** One `go build` for all, in a folder of its own first: an interrupted build, or a second one, leaves no broken tool. */
async function build(family: ToolFamily, names: readonly Tool[]): Promise<void> {
    const folder = path.join(cacheFolder(), fingerprint(family));
    fs.mkdirSync(folder, { recursive: true });
    const building = fs.mkdtempSync(`${folder}.building-`);
    try {
        await goBuild(
            [
                ...["build", "-v", "-trimpath", "-mod=readonly"],
                ...(await completedModule(family, building)),
                ...["-tags", family.tags ?? "", "-ldflags", linkerFlags(family)],
                ...["-o", `${building}/`],
                ...names.map((name) => family.packages[name] ?? ""),
            ],
            family.folder,
            names,
        );
        for (const name of names) {
            const built = binaryName(family.packages[name] ?? "");
            fs.renameSync(path.join(building, built), path.join(folder, name));
        }
    } finally {
        fs.rmSync(building, { recursive: true, force: true });
    }
}

/** Flags with which `go build` takes a copy of the family's module that has its additions; none without any. */
async function completedModule(
    { folder, module, additions }: ToolFamily,
    building: string,
): Promise<string[]> {
    if (module === undefined || additions === undefined) {
        return [];
    }
    const copy = path.join(building, "module");
    fs.cpSync(await moduleSources(folder as Family, module), copy, { recursive: true });
    // Go keeps modules read-only, and so is the copy.
    const entries = fs.readdirSync(copy, { recursive: true, withFileTypes: true });
    const folders = entries.filter((entry) => entry.isDirectory());
    [copy, ...folders.map(({ parentPath, name }) => path.join(parentPath, name))].forEach((each) =>
        fs.chmodSync(each, 0o755),
    );
    for (const [name, content] of Object.entries(additions)) {
        const file = path.join(copy, name);
        fs.mkdirSync(path.dirname(file), { recursive: true });
        fs.writeFileSync(file, content);
    }
    const modFile = path.join(building, "go.mod");
    const text = fs.readFileSync(path.join(moduleFolder(folder), "go.mod"), "utf8");
    fs.writeFileSync(modFile, `${text}\nreplace ${module} => ${copy}\n`);
    fs.copyFileSync(path.join(moduleFolder(folder), "go.sum"), path.join(building, "go.sum"));
    return [`-modfile=${modFile}`];
}

/** What `go build` calls the binary of a package: its last folder that is not a major version. */
function binaryName(source: string): string {
    const parts = source.split("/").filter((part) => !/^v\d+$/.test(part));
    return parts.at(-1) ?? source;
}

function goBuild(args: readonly string[], family: string, names: readonly Tool[]): Promise<void> {
    const what = names.join(", ");
    const say = (text: string): void => void process.stderr.write(`${text}\n`);
    say(`Building ${what} from lab/tools/${family}: minutes the first time, then it is kept`);
    const began = Date.now();
    const seconds = (): number => Math.round((Date.now() - began) / 1000);
    const child = spawn("go", args, {
        cwd: moduleFolder(family),
        env: { ...goVariables(family), CGO_ENABLED: "0" },
        stdio: ["ignore", "ignore", "pipe"],
    });
    let output = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
    const progress = setInterval(() => {
        const done = output.split("\n");
        const downloaded = done.filter((line) => line.startsWith("go: downloading")).length;
        say(
            `  ${what}: ${done.length - 1 - downloaded} packages built, ${downloaded} modules fetched, ${seconds()} s`,
        );
    }, PROGRESS * 1000);
    return new Promise<void>((resolve, reject) => {
        child.on("error", reject);
        child.on("close", (code) => {
            if (code === 0) {
                say(`  ${what}: done in ${seconds()} s`);
                resolve();
            } else {
                const lines = output.trim().split("\n").slice(-20).join("\n");
                reject(new Error(`building ${what} from lab/tools/${family} failed:\n${lines}`));
            }
        });
    }).finally(() => clearInterval(progress));
}
