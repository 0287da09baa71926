import { imageProblem } from "../../lab/cluster/node/images";
import { nodeProblem } from "../../lab/cluster/node/realNode";
import { enterSandbox, sandboxName, sandboxProblem } from "../../lab/cluster/node/sandbox";
import { parseArguments, Request } from "./arguments";
import { DEAD_MANS_SWITCH } from "./deadMansSwitch";
import { DRILLS } from "./drills";
import { fetchForNode } from "./node/nodeStage";
import { Rehearsal } from "./rehearsal";
import { formatSummary, hasFailed } from "./timeline";

const CATALOGUE = [...DRILLS, DEAD_MANS_SWITCH];
const print = (line: string): void => console.log(line);

/** The fire drill: `npm run drill`, or `npm run drill -- redis-down` for one. Fails when a page is missing. */
async function main(args: readonly string[]): Promise<void> {
    const names = CATALOGUE.map(({ name }) => name);
    const request = parseArguments(args, names);
    if (request.list) {
        const width = Math.max(...names.map((name) => name.length));
        CATALOGUE.forEach(({ name, title }) => print(`${name.padEnd(width)}  ${title}`));
        return;
    }
    const missing = imageProblem();
    if (missing) {
        throw new Error(`A drill cannot run: ${missing}`);
    }
    if (request.local || sandboxName() !== undefined) {
        return run(request);
    }
    const problem = sandboxProblem() ?? nodeProblem() ?? (await buildProblem());
    if (problem) {
        print(`Local processes instead of a node: ${problem}`);
        return run(request);
    }
    process.exitCode = await enterSandbox();
}

/** Why what a node needs could not be built; undefined when it has been. */
async function buildProblem(): Promise<string | undefined> {
    try {
        await fetchForNode();
        return undefined;
    } catch (error) {
        return error instanceof Error ? error.message : String(error);
    }
}

async function run(request: Request): Promise<void> {
    const onNode = !request.local && sandboxName() !== undefined;
    const rehearsal = new Rehearsal({ ...request, onNode, print });
    let interrupted = false;
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
        process.once(signal, () => {
            interrupted = true;
            print(`\n${signal}: stopping everything that was started`);
            void rehearsal.stop().finally(() => process.exit(130));
        });
    }
    const outcomes = await rehearsal.run().catch((error: unknown) => {
        // What fails because it is being stopped is of no interest.
        if (!interrupted) {
            throw error;
        }
    });
    if (outcomes === undefined) {
        return;
    }
    print("\nTime from the fault to the last page:");
    formatSummary(outcomes).forEach(print);
    const failed = outcomes.filter(hasFailed).length;
    print(`\n${outcomes.length - failed} passed, ${failed} failed, 0 skipped`);
    process.exitCode = failed > 0 ? 1 : 0;
}

main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(`\n${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
});
