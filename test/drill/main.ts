import { parseArguments, Request } from "./arguments";
import { DEAD_MANS_SWITCH } from "./deadMansSwitch";
import { DRILLS } from "./drills";
import { checkPrograms } from "./programs";
import { Rehearsal } from "./rehearsal";
import { formatSummary, missingPages } from "./timeline";

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
    await run(request);
}

async function run(request: Request): Promise<void> {
    checkPrograms();
    const rehearsal = new Rehearsal({ ...request, print });
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
        process.once(signal, () => {
            print(`\n${signal}: stopping everything that was started`);
            void rehearsal.stop().finally(() => process.exit(130));
        });
    }
    const outcomes = await rehearsal.run();
    print("\nTime from the fault to the last page:");
    formatSummary(outcomes).forEach(print);
    const failed = outcomes.filter((outcome) => missingPages(outcome).length > 0).length;
    print(`\n${outcomes.length - failed} passed, ${failed} failed, 0 skipped`);
    process.exitCode = failed > 0 ? 1 : 0;
}

main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(`\n${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
});
