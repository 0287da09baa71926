import * as fs from "node:fs";
import * as path from "node:path";

import * as ts from "typescript";

const FOLDER = path.join(__dirname, "job");

/** The Job's scripts as JavaScript that Node.js runs without anything installed, by file name. */
export function setupScripts(): Record<string, string> {
    const sources = fs.readdirSync(FOLDER).filter((file) => file.endsWith(".ts"));
    return Object.fromEntries(
        // The order in which a folder is read differs between file systems.
        sources.sort().map((file) => [file.replace(/\.ts$/, ".js"), javaScript(file)]),
    );
}

function javaScript(file: string): string {
    const text = fs.readFileSync(path.join(FOLDER, file), "utf8");
    return ts.transpileModule(text, {
        fileName: file,
        compilerOptions: {
            module: ts.ModuleKind.CommonJS,
            target: ts.ScriptTarget.ES2022,
            newLine: ts.NewLineKind.LineFeed,
        },
    }).outputText;
}
