// What the exports share: files below the folder EXPORT, and the MANIFEST that counts them.
import * as fs from "node:fs";
import * as path from "node:path";

/** The value of an environment variable; ends the program when it is not set. */
export function required(name) {
    const value = process.env[name];
    if (!value) {
        fail(`${name} is not set`);
    }
    return value;
}

/** Ends the program: a backup without a part of its content is none. */
export function fail(message) {
    console.error(`export: ${message}`);
    process.exit(1);
}

/** Answer of a URL as JSON; ends the program on any other. */
export async function getJson(url, headers) {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(60_000) }).catch(
        (error) => fail(`GET ${url}: ${error.cause?.message ?? error.message}`),
    );
    const text = await response.text();
    if (!response.ok) {
        fail(`GET ${url}: ${response.status} ${text.slice(0, 300)}`);
    }
    try {
        return JSON.parse(text);
    } catch {
        fail(`GET ${url}: not JSON: ${text.slice(0, 300)}`);
    }
}

/** Writes each entry of `contents` (file name to text) into a folder of EXPORT, and counts them in MANIFEST. */
export function writeFiles(folder, contents) {
    const target = path.join(required("EXPORT"), folder);
    fs.mkdirSync(target, { recursive: true });
    for (const [name, text] of Object.entries(contents)) {
        fs.writeFileSync(path.join(target, name), text);
    }
    const count = Object.keys(contents).length;
    fs.appendFileSync(path.join(required("EXPORT"), "MANIFEST"), `${count} ${folder}\n`);
    console.log(`export: ${count} ${folder}`);
}

/** JSON for files that a person may read. */
export function json(value) {
    return `${JSON.stringify(value, undefined, 2)}\n`;
}
