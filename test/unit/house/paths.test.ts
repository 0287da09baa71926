import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

import { ROOT } from "../../../lab/program/stackFile";

/** Our own folders; what is in them and named in a text must be there. */
const NAMED = /\b(?:components|commands|lab|test|docs)\/[\w./-]*\w/g;
/** The part that CONTRIBUTING.md adds as an example, a folder of kube-state-metrics, and the routes of a stack. */
const ELSEWHERE = /^(?:components\/federation|docs\/metrics$|docs\/routes\/\w+\.txt$)/;

function filesBelow(folder: string, ends: RegExp): string[] {
    return fs
        .readdirSync(path.join(ROOT, folder), { recursive: true, encoding: "utf8" })
        .map((name) => path.posix.join(folder, name))
        .filter((name) => ends.test(name));
}

describe("The texts of this project", () => {
    const documents = ["README.md", "CONTRIBUTING.md", ...filesBelow("docs", /\.md$/)];
    const sources = ["components", "commands", "lab", "test"]
        .flatMap((folder) => filesBelow(folder, /\.(ts|cjs|mjs|sh|ya?ml)$/))
        .filter((file) => !file.startsWith("test/unit/house/"));

    it("name files and folders that are there", () => {
        const missing = [...documents, ...sources].flatMap((file) => {
            const text = fs
                .readFileSync(path.join(ROOT, file), "utf8")
                .split("\n")
                // An import is checked by the compiler, and a URL is somebody else's.
                .filter((line) => !/\bfrom "|https?:\/\/|require\(/.test(line))
                .join("\n");
            return (
                [...text.matchAll(NAMED)]
                    .filter(({ index }) => !/[\w./@<>*-]/.test(text.charAt(index - 1)))
                    .map(([name]) => name)
                    .filter((name) => !ELSEWHERE.test(name))
                    // A link in a document starts where the document is.
                    .filter(
                        (name) =>
                            !fs.existsSync(path.join(ROOT, name)) &&
                            !fs.existsSync(path.join(ROOT, path.dirname(file), name)) &&
                            // So does one in a description, which is for docs/configuration.md.
                            !fs.existsSync(path.join(ROOT, "docs", name)),
                    )
                    .map((name) => `${file}: ${name}`)
            );
        });
        assert.deepEqual([...new Set(missing)], []);
    });
});
