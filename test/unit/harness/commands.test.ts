import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";

import { terminate } from "../../../lab/tools/commands";

describe("a process that a test ends", () => {
    for (const [what, script, signal] of [
        ["ends with SIGTERM", "", "SIGTERM"],
        [
            "is killed when it holds on past its grace period",
            "process.on('SIGTERM', () => {});",
            "SIGKILL",
        ],
    ] as const) {
        it(what, async () => {
            const program = `${script} setInterval(() => {}, 1000); console.log("up");`;
            const child = spawn(process.execPath, ["-e", program]);
            await once(child.stdout, "data");
            await terminate(child, "SIGTERM", 0.5);
            assert.equal(child.signalCode, signal);
        });
    }

    it("is left alone when it has ended by itself", async () => {
        const child = spawn(process.execPath, ["-e", ""]);
        await once(child, "exit");
        await terminate(child);
        assert.equal(child.exitCode, 0);
    });
});
