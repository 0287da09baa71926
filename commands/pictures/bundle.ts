import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { pathToFileURL } from "node:url";

import { cacheFolder } from "../../lab/tools/goTools";

const PAGE = path.join(__dirname, "page");

/** The folder of the page's packages, in the user's cache, by what is locked. */
function packages(): string {
    const lock = fs.readFileSync(path.join(PAGE, "package-lock.json"));
    const name = createHash("sha256").update(lock).digest("hex").slice(0, 16);
    return path.join(cacheFolder("pictures"), name);
}

/**
 * Installs what draws, where it is not there yet. It is large and nobody else needs it, so that it has a package.json of its
 * own; in the user's cache, as nobody reads it as a part of this project there.
 */
export function install(): void {
    const folder = packages();
    const done = path.join(folder, "installed");
    if (fs.existsSync(done)) {
        return;
    }
    console.error("Installing the packages of commands/pictures/page/package-lock.json ...");
    fs.mkdirSync(folder, { recursive: true });
    for (const file of ["package.json", "package-lock.json"]) {
        fs.copyFileSync(path.join(PAGE, file), path.join(folder, file));
    }
    const { status } = spawnSync(
        "npm",
        // Grafana's packages ask for React 18 and 19 at once.
        ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--legacy-peer-deps"],
        { cwd: folder, stdio: ["ignore", 2, 2] },
    );
    if (status !== 0) {
        throw new Error(`\`npm ci\` failed in ${folder}: see above`);
    }
    fs.writeFileSync(done, "");
}

/** A package of the page's own, which the program's has not. */
export async function packageOf(name: string): Promise<unknown> {
    const found = require.resolve(name, { paths: [packages()] });
    const loaded = (await import(pathToFileURL(found).href)) as { default?: unknown };
    return loaded.default ?? loaded;
}

/** The page as one file of JavaScript, beside the HTML that loads it. */
export async function bundled(folder: string): Promise<string> {
    interface Bundler {
        readonly build: (options: object) => Promise<unknown>;
    }
    const { build } = (await packageOf("esbuild")) as Bundler;
    await build({
        entryPoints: [path.join(PAGE, "page.jsx")],
        outfile: path.join(folder, "page.js"),
        bundle: true,
        minify: true,
        jsx: "automatic",
        nodePaths: [path.join(packages(), "node_modules")],
        loader: { ".woff2": "dataurl", ".woff": "empty", ".ttf": "empty" },
        define: { "process.env.NODE_ENV": '"production"' },
        logLevel: "error",
    });
    const html = path.join(folder, "page.html");
    fs.copyFileSync(path.join(PAGE, "page.html"), html);
    return html;
}
