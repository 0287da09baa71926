// Outlives the run that started it only to clean up: reads `+PID`, `-PID` and `/FOLDER` lines, and when its input ends,
// which it does however the run ends, kills every process group that is left and removes the folders.
const fs = require("node:fs");
const readline = require("node:readline");

const groups = new Set();
const folders = [];
const input = readline.createInterface({ input: process.stdin });
input.on("line", (line) => {
    if (line.startsWith("+")) groups.add(Number(line.slice(1)));
    else if (line.startsWith("-")) groups.delete(Number(line.slice(1)));
    else folders.push(line);
});
input.on("close", () => {
    for (const group of groups) {
        try {
            process.kill(-group, "SIGKILL");
        } catch {
            // It ended by itself.
        }
    }
    for (const folder of folders) {
        fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    }
});
