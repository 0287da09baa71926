// Runs test rings: `node test/run.cjs unit signals`. Prints why each skipped test was skipped and ends with the counts.
const fs = require("node:fs");
const path = require("node:path");
const { setTimeout } = require("node:timers");

require("ts-node/register/transpile-only");
const Mocha = require("mocha");

// `--quick`: without the files that run the whole program or build a tool, which take most of the time.
const quick = process.argv.includes("--quick");
const rings = process.argv.slice(2).filter((argument) => argument !== "--quick");
const known = fs
    .readdirSync(__dirname, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && testFiles(entry.name).length > 0)
    .map((entry) => entry.name);
const unknown = rings.filter((ring) => !known.includes(ring));
if (rings.length === 0 || unknown.length > 0) {
    console.error(
        `usage: node test/run.cjs RING... [--quick]; rings: ${known.join(", ")}; got: ${rings.join(", ") || "none"}`,
    );
    process.exit(2);
}

function testFiles(ring) {
    const folder = path.join(__dirname, ring);
    return fs
        .readdirSync(folder, { recursive: true })
        .filter((file) => file.endsWith(".test.ts"))
        .map((file) => path.join(folder, file))
        .sort();
}

// A promise that nobody awaits must not fail unseen.
process.on("unhandledRejection", (reason) => {
    throw reason;
});

// Ctrl-C ends what the tests have started as well: each process goes with the event `exit`, which a signal alone does not give.
for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
]) {
    process.once(signal, () => process.exit(code));
}

// A user edits Pulumi.<stack>.yaml on the first day, and no test of the product may fail for it.
const { readFileSync } = fs;
fs.readFileSync = (file, ...rest) => {
    if (/^Pulumi\..+\.yaml$/.test(path.relative(path.dirname(__dirname), String(file)))) {
        throw new Error(
            `a test reads ${file}, which is the user's: read lab/program/fixtures, or check it in \`npm run check:stacks\``,
        );
    }
    return readFileSync(file, ...rest);
};

const SLOW =
    /lab\/(program\/(runs|program)|tools\/|cluster)|commands\/pictures|support\/(refusal|refusalTable|goTool|alertmanager|pipeline)/;
const isQuick = (file) => !SLOW.test(readFileSync(file, "utf8"));

const mocha = new Mocha({ reporter: "spec", timeout: 60_000, forbidOnly: true });
const all = rings.flatMap(testFiles);
const chosen = quick ? all.filter(isQuick) : all;
chosen.forEach((file) => mocha.addFile(file));
console.log(`${rings.join(" and ")}: ${chosen.length} of ${all.length} files`);

const counts = { passed: 0, failed: 0, skipped: 0 };
const skips = [];
const runner = mocha.run(() => {
    // After the reporter's own epilogue, which it prints on the same event.
    if (skips.length > 0) {
        console.log(`Skipped:\n${skips.join("\n")}\n`);
    }
    console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
    process.exitCode = counts.failed > 0 ? 1 : 0;
    // A server that no test closed would keep this process, and the run after it, for ever.
    setTimeout(() => {
        console.error(`A test left this open: ${process.getActiveResourcesInfo().join(", ")}`);
        process.exit(1);
    }, 30_000).unref();
});
// Where it stands, after each group: some take minutes.
const began = Date.now();
runner.on("suite end", ({ parent }) => {
    if (parent?.root) {
        const done = counts.passed + counts.failed + counts.skipped;
        console.log(
            `  (${done} of ${runner.total} tests, ${Math.round((Date.now() - began) / 1000)} s)`,
        );
    }
});
runner.on("pass", () => counts.passed++);
runner.on("fail", () => counts.failed++);
runner.on("pending", (test) => {
    counts.skipped++;
    skips.push(
        `  ${test.fullTitle()}: ${test.skipReason ?? test.parent.skipReason ?? "no reason given"}`,
    );
});
