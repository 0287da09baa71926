import * as fs from "node:fs";
import * as path from "node:path";

import * as ts from "typescript";

const FOLDER = path.join(__dirname, "programs");

/** Programs of `programs/`, by the file that Node.js is given. */
export type ProgramName = "setup" | "drill";

/** A program and what it imports, as JavaScript that Node.js runs without anything installed, by file name. */
export function programFiles(program: ProgramName): Record<string, string> {
    const files = new Map<string, string>();
    const add = (name: string) => {
        const file = `${name}.js`;
        if (!files.has(file)) {
            const text = javaScript(`${name}.ts`);
            files.set(file, text);
            [...text.matchAll(/require\("\.\/(\w+)"\)/g)].forEach(([, other = ""]) => add(other));
        }
    };
    add(program);
    return Object.fromEntries(files);
}

const known = new Map<string, string>();

/** Programs share files, and the compiler takes its time with each. */
function javaScript(file: string): string {
    const text = known.get(file) ?? compile(file);
    known.set(file, text);
    return text;
}

function compile(file: string): string {
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
