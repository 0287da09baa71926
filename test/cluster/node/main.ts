import * as fs from "node:fs";

import { enterSandbox, sandboxName } from "../../../lab/cluster/node/sandbox";
import { stagingOnNode } from "./stagingOnNode";

/** `main.ts FILE`: brings staging up on a real node, in a sandbox, and writes the report as JSON. */
async function main(file: string): Promise<void> {
    if (sandboxName() === undefined) {
        process.exitCode = await enterSandbox();
        return;
    }
    fs.writeFileSync(file, JSON.stringify(await stagingOnNode()));
}

main(process.argv[2] ?? "").catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
});
