// Lets `require` take TypeScript, for what people wait for: `pulumi` and `npm start`. Each file is transpiled once, as
// everywhere by ts-node, and kept by what it says: a run without a change in the code loads neither. Types are checked by
// `npm run check`.
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");

const kept = path.join(__dirname, "node_modules", ".cache", "observability", "program");
/** What the answer depends on beside the file. */
const tools = [
    fs.readFileSync(path.join(__dirname, "tsconfig.json"), "utf8"),
    ...["ts-node", "typescript", "@swc/core"].map(
        (name) => require(`${name}/package.json`).version,
    ),
];
let service;

/** JavaScript of a file; made by ts-node when nobody has before. */
function javascript(file) {
    const source = fs.readFileSync(file, "utf8");
    const key = createHash("sha256").update(JSON.stringify([...tools, source]));
    const answer = path.join(kept, `${key.digest("hex")}.js`);
    try {
        return fs.readFileSync(answer, "utf8");
    } catch {
        service ??= require("ts-node").create({ cwd: __dirname, transpileOnly: true });
        const output = service.compile(source, file);
        keep(answer, output);
        return output;
    }
}

/** Another run at the same time writes the same. A folder that cannot be written costs time only. */
function keep(answer, output) {
    try {
        fs.mkdirSync(kept, { recursive: true });
        const partial = `${answer}.${process.pid}`;
        fs.writeFileSync(partial, output);
        fs.renameSync(partial, answer);
    } catch {
        // The next run transpiles again.
    }
}

require.extensions[".ts"] = (module, file) => module._compile(javascript(file), file);
