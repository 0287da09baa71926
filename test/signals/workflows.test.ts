import { ROOT } from "../../lab/program/stackFile";
import { run } from "../../lab/tools/commands";
import { goTool } from "../support/goTool";

describe("Workflows", () => {
    let actionlint: string;
    before(async function () {
        this.timeout(0);
        actionlint = await goTool(this, "actionlint");
    });

    it("are taken by actionlint: syntax, expressions, inputs of actions, and what needs what", async () => {
        // Throws with every finding. Without shellcheck, which not every machine has.
        await run(actionlint, ["-shellcheck=", "-pyflakes="], { cwd: ROOT });
    });
});
