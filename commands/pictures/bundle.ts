import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { pathToFileURL } from "node:url";

const PAGE = path.join(__dirname, "page");

/** What draws is large and nobody else needs it: it has a package.json of its own, installed here. */
export function install(): void {
    const lock = fs.readFileSync(path.join(PAGE, "package-lock.json"), "utf8");
    const installed = path.join(PAGE, "node_modules", ".observability-lock.json");
    if (fs.existsSync(installed) && fs.readFileSync(installed, "utf8") === lock) {
        return;
    }
    console.error("Installing the packages of commands/pictures/page/package-lock.json ...");
    const { status } = spawnSync(
        "npm",
        ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--legacy-peer-deps"],
        { cwd: PAGE, stdio: ["ignore", 2, 2] },
    );
    if (status !== 0) {
        throw new Error("`npm ci` failed in commands/pictures/page: see above");
    }
    fs.writeFileSync(installed, lock);
}

/** A package of the page's own, which the program's has not. */
export async function packageOf(name: string): Promise<unknown> {
    const found = require.resolve(name, { paths: [PAGE] });
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
        loader: { ".woff2": "dataurl", ".woff": "empty", ".ttf": "empty" },
        define: { "process.env.NODE_ENV": '"production"' },
        logLevel: "error",
    });
    const html = path.join(folder, "page.html");
    fs.copyFileSync(path.join(PAGE, "page.html"), html);
    return html;
}
