// What `pulumi` runs: index.ts. Each file is transpiled once and kept by what it says, so that a run without a change in the
// code loads neither TypeScript nor ts-node. Types are checked by `npm run check`.
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");

const kept = path.join(__dirname, "node_modules", ".cache", "observability", "program");
const settings = fs.readFileSync(path.join(__dirname, "tsconfig.json"), "utf8");
const { version } = require("typescript/package.json");

/** JavaScript of a file; made by TypeScript when nobody has before. */
function javascript(file) {
    const source = fs.readFileSync(file, "utf8");
    const key = createHash("sha256").update(JSON.stringify([version, settings, source]));
    const answer = path.join(kept, `${key.digest("hex")}.js`);
    try {
        return fs.readFileSync(answer, "utf8");
    } catch {
        const output = transpiled(file, source);
        keep(answer, output);
        return output;
    }
}

function transpiled(file, source) {
    const typescript = require("typescript");
    const { config } = typescript.parseConfigFileTextToJson("tsconfig.json", settings);
    const { outputText } = typescript.transpileModule(source, {
        // By the name, it is CommonJS, in which an import() of a module of the other kind stays one.
        fileName: file.replace(/\.ts$/, ".cts"),
        compilerOptions: {
            ...config.compilerOptions,
            ...{ noEmit: false, inlineSourceMap: true, inlineSources: true },
        },
    });
    return outputText;
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

module.exports = require("./index.ts");
