import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { find, valueAt } from "../../../lab/program/objects";
import { isolatedRun } from "../../../lab/program/runs";
import { readStackFile, ROOT, Settings } from "../../../lab/program/stackFile";
import { withoutUnhandledRejections } from "../../support/refusal";

const FEDERATION = { sources: { east: "prometheus.east.example.com:9090" } };

/** The section of CONTRIBUTING.md that adds a part. */
function section(): string {
    const text = fs.readFileSync(path.join(ROOT, "CONTRIBUTING.md"), "utf8");
    const [, found] = /\n## Add a part\n([\s\S]*?)\n## /.exec(text) ?? [];
    assert.ok(found, "CONTRIBUTING.md has no section `Add a part`");
    return found;
}

/** A copy of the program with what the section says: whole files, and lines after the lines that they follow. */
function programWithPart(folder: string): void {
    const copied = ["index.ts", "components", "package.json", "tsconfig.json", "Pulumi.yaml"];
    for (const name of [...copied, ".dependency-cruiser.cjs"]) {
        fs.cpSync(path.join(ROOT, name), path.join(folder, name), { recursive: true });
    }
    fs.symlinkSync(path.join(ROOT, "node_modules"), path.join(folder, "node_modules"));
    for (const [, name = "", code = ""] of section().matchAll(
        /`([\w./]+)`: [^\n]*\n\n```ts\n([\s\S]*?)```/g,
    )) {
        fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
        fs.writeFileSync(path.join(folder, name), code);
    }
    const [, diff = ""] = /```diff\n([\s\S]*?)```/.exec(section()) ?? [];
    for (const part of diff.split("--- ").slice(1)) {
        const [name = "", ...lines] = part.trimEnd().split("\n");
        const file = path.join(folder, name);
        fs.writeFileSync(file, patched(fs.readFileSync(file, "utf8"), lines, name));
    }
}

function patched(text: string, lines: readonly string[], name: string): string {
    let at = 0;
    return lines.reduce((before, line) => {
        const content = `${line.slice(1)}\n`;
        if (line.startsWith("+")) {
            const after = before.slice(0, at) + content + before.slice(at);
            at += content.length;
            return after;
        }
        const found = before.indexOf(content, at);
        assert.ok(found >= 0, `${name} has no line ${line.slice(1)}`);
        at = found + content.length;
        return before;
    }, text);
}

describe("A part as CONTRIBUTING.md adds one", () => {
    let folder: string;
    before(() => {
        folder = fs.mkdtempSync(path.join(os.tmpdir(), "observability-part-"));
        programWithPart(folder);
    });
    after(() => fs.rmSync(folder, { recursive: true, force: true }));

    const settings = (federation: Settings): Settings => ({
        ...readStackFile("staging"),
        federation,
    });

    const refusal = (bad: Settings) =>
        withoutUnhandledRejections(() =>
            isolatedRun({ stack: "staging", settings: bad, root: folder }).then(
                () => "nothing was refused",
                (error: Error) => error.message,
            ),
        );

    it("installs what its settings say", async () => {
        const run = await isolatedRun({
            stack: "staging",
            settings: settings(FEDERATION),
            root: folder,
        });
        const { manifest } = find(run, "ScrapeConfig", "east");
        assert.equal(valueAt(manifest, "metadata", "namespace"), "monitoring");
        assert.deepEqual(valueAt(manifest, "spec", "staticConfigs"), [
            { targets: ["prometheus.east.example.com:9090"] },
        ]);
    });

    it("has its bad settings refused like those of every other part", async () => {
        const bad = settings({ sources: {} });
        assert.match(
            await refusal(bad),
            /observability:federation\.sources: got no source; one or more, or no federation/,
        );
        const typo = settings({ ...FEDERATION, source: "x" });
        assert.match(
            await refusal(typo),
            /federation\.source: got an unknown key; did you mean "sources"\?/,
        );
    });

    it("has types that fit, and stands on its floor", () => {
        const node = (...args: readonly string[]) => {
            const { status, stdout } = spawnSync(process.execPath, [...args], {
                cwd: folder,
                encoding: "utf8",
            });
            assert.equal(status, 0, stdout);
        };
        const bin = (name: string) => path.join(ROOT, "node_modules", name);
        const program = { extends: "./tsconfig.json", include: ["index.ts", "components/**/*.ts"] };
        fs.writeFileSync(path.join(folder, "tsconfig.part.json"), JSON.stringify(program));
        node(bin("typescript/bin/tsc"), "--noEmit", "-p", "tsconfig.part.json");
        node(bin("dependency-cruiser/bin/dependency-cruise.mjs"), "index.ts", "components");
    }).timeout(240_000);
});
