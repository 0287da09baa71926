import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { PULUMI } from "../../../components/settings/pending";
import { ROOT } from "../../../lab/program/stackFile";

/** Documents whose commands are run by a reader; decisions and records say what was, and name it as they like. */
function documents(): string[] {
    const docs = fs
        .readdirSync(path.join(ROOT, "docs"), { recursive: true })
        .map((file) => path.join("docs", String(file)))
        .filter((file) => file.endsWith(".md"))
        .filter((file) => !/^docs.(adr.|verified\.md|trials\.md)/.test(file));
    return ["README.md", "CONTRIBUTING.md", ...docs];
}

/** Lines of a document's blocks of commands, and in `docs/` its inline commands too. */
function commands(file: string): string[] {
    const text = fs.readFileSync(path.join(ROOT, file), "utf8");
    const [inline, blocks]: [string[], string[]] = [[], []];
    text.split(/^```.*$/m).forEach((part, i) => (i % 2 === 1 ? blocks : inline).push(part));
    const spans = file.startsWith("docs") ? inline.join().match(/`[^`\n]+`/g) : null;
    return [...blocks.join("\n").split("\n"), ...(spans ?? []).map((span) => span.slice(1, -1))];
}

describe("Commands in the documents", () => {
    it("call the Pulumi CLI of package.json, as the README does", () => {
        assert.equal(PULUMI, "npx pulumi");
        const bare = documents().flatMap((file) =>
            commands(file)
                .map((line) => line.replace(/^\$ /, ""))
                .filter((line) => /^pulumi (config|up|preview|destroy|stack|refresh)\b/.test(line))
                .map((line) => `${file}: ${line}`),
        );
        assert.deepEqual(bare, []);
    });
});
