// Installs the locked packages when they are missing or not those of the lock file. Run before every npm command of
// this project, so that each works in a fresh clone.
const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");

const root = path.resolve(__dirname, "..");
const installed = path.join(root, "node_modules", ".observability-lock.json");
const lock = fs.readFileSync(path.join(root, "package-lock.json"), "utf8");

if (!fs.existsSync(installed) || fs.readFileSync(installed, "utf8") !== lock) {
    console.error("Installing the packages of package-lock.json ...");
    const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund"], {
        cwd: root,
        stdio: ["ignore", 2, 2],
    });
    if (status !== 0) {
        console.error("`npm ci` failed: see above. Nothing was run.");
        process.exit(1);
    }
    fs.writeFileSync(installed, lock);
}
