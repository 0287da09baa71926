import * as path from "node:path";

import { ROOT, stackNames } from "../../lab/program/stackFile";
import { checkStacks } from "./checkStacks";

/** `npm run check:stacks`: what is wrong in the stack files, and what their owner may want to know. */
async function main(): Promise<void> {
    Error.stackTraceLimit = 0;
    process.env.KUBECONFIG = path.join(ROOT, "no-kubeconfig");
    process.on("unhandledRejection", () => undefined);
    const { problems, notes } = await checkStacks(ROOT);
    notes.forEach((note) => console.log(`note: ${note}`));
    problems.forEach((problem) => console.error(problem));
    const stacks = stackNames(ROOT);
    console.log(
        problems.length === 0 ? `right: ${stacks.join(", ")}` : `problems: ${problems.length}`,
    );
    process.exitCode = problems.length === 0 ? 0 : 1;
}

if (require.main === module) {
    void main();
}
