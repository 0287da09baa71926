import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { parse } from "yaml";

import { withFolder } from "../../../lab/program/runs";
import { ROOT } from "../../../lab/program/stackFile";
import { run } from "../../../lab/tools/commands";

/** A project with program.cjs whose index.ts says this; gives what a run of it prints. */
async function printed(folder: string, index: string): Promise<string> {
    fs.writeFileSync(path.join(folder, "index.ts"), index);
    const script = `const all = require("./program.cjs"); console.log(all.text, Object.keys(require.cache).some((file) => /(ts-node|typescript).*[.]js$/.test(file)))`;
    return (await run(process.execPath, ["-e", script], { cwd: folder })).trim();
}

async function project<T>(use: (folder: string) => Promise<T>): Promise<T> {
    return withFolder((folder) => {
        for (const file of ["program.cjs", "transpile.cjs", "tsconfig.json"]) {
            fs.copyFileSync(path.join(ROOT, file), path.join(folder, file));
        }
        // The packages of here, and nothing that is kept here.
        const packages = path.join(folder, "node_modules");
        fs.mkdirSync(packages);
        for (const name of fs.readdirSync(path.join(ROOT, "node_modules"))) {
            if (!name.startsWith(".")) {
                fs.symlinkSync(path.join(ROOT, "node_modules", name), path.join(packages, name));
            }
        }
        return use(folder);
    });
}

describe("The program that the engine runs", function () {
    this.timeout(120_000);

    it("is transpiled once, and anew when it changes", () =>
        project(async (folder) => {
            const index = (text: string) => `export const text: string = "${text}";\n`;
            assert.equal(await printed(folder, index("one")), "one true");
            assert.equal(await printed(folder, index("one")), "one false");
            assert.equal(await printed(folder, index("two")), "two true");
            assert.equal(await printed(folder, index("one")), "one false");
        }));

    it("runs where nothing can be kept", () =>
        project(async (folder) => {
            fs.writeFileSync(path.join(folder, "node_modules", ".cache"), "in the way");
            assert.equal(await printed(folder, `export const text: string = "one";\n`), "one true");
        }));

    it("is index.ts, with modules of both kinds", () =>
        project(async (folder) => {
            const index = `import * as path from "node:path";\nexport const text: string = [path.sep, typeof require].join();\nexport const later = (): Promise<unknown> => import("./other.mjs");\n`;
            fs.writeFileSync(path.join(folder, "other.mjs"), "export const other = 1;\n");
            assert.equal(await printed(folder, index), "/,function true");
            const script = `require("./program.cjs").later().then(({ other }) => console.log(other))`;
            const output = await run(process.execPath, ["-e", script], { cwd: folder });
            assert.equal(output.trim(), "1");
        }));

    it("is what Pulumi.yaml names, without ts-node", () => {
        const text = fs.readFileSync(path.join(ROOT, "Pulumi.yaml"), "utf8");
        const { main, runtime } = parse(text) as {
            main: string;
            runtime: { options: Record<string, unknown> };
        };
        assert.equal(main, "program.cjs");
        assert.equal(runtime.options.typescript, false);
    });
});
