import * as fs from "node:fs";
import * as path from "node:path";

import { transformSync } from "@swc/core";

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
    // Of this repository's .swcrc or browsers nothing: what runs in the cluster depends on the file alone.
    return transformSync(text, {
        filename: file,
        configFile: false,
        swcrc: false,
        jsc: { parser: { syntax: "typescript" }, target: "es2022" },
        module: { type: "commonjs" },
    }).code;
}
