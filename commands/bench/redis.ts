import { isOnPath } from "../../lab/tools/commands";
import { median } from "./offline";
import { printChanges } from "./redisChanges";
import { printCosts } from "./redisCosts";
import { AWAY, Case, CUT_OFF, failover, FAULTS, Outcome } from "./redisFailover";
import { DOWN_AFTER, Mode } from "./redisServers";

const MODES: readonly Mode[] = ["standalone", "replication", "sentinel", "cluster"];
/** Without it, with it as Redis has it, and with a lag that bounds the loss more closely. */
const GUARDS: Readonly<Record<string, readonly string[]>> = {
    none: [],
    "1 replica": ["min-replicas-to-write 1"],
    "and lag 2 s": ["min-replicas-to-write 1", "min-replicas-max-lag 2"],
};
/** What takes longer than so many times the floor is a client's or Redis' own fault. */
const AIM = 1.2;

/**
 * `npm run bench:redis`: what writers see when the master of a real Redis is lost, by mode and fault, beside the time
 * that the configuration asks for; then what an instance costs in objects, series and rules. Names of modes and a number
 * of runs may be given: `npm run bench:redis -- sentinel cluster 3`. Needs redis-server, redis-sentinel and redis-cli. With
 * `changes` first, it tries changes of an instance under the real operator instead.
 */
async function main(args: readonly string[]): Promise<void> {
    if (args[0] === "changes") {
        await printChanges(args.slice(1));
        return;
    }
    const runs = Number(args.find((each) => /^[1-9]\d*$/.test(each)) ?? 1);
    const wrong = args.filter(
        (each) => !/^[1-9]\d*$/.test(each) && !MODES.some((mode) => mode === each),
    );
    if (wrong.length > 0) {
        throw new Error(
            `got ${wrong.join(", ")}; allowed: ${MODES.join(", ")}, and a number of runs`,
        );
    }
    const missing = ["redis-server", "redis-sentinel", "redis-cli"].filter(
        (each) => !isOnPath(each),
    );
    if (missing.length > 0) {
        throw new Error(`${missing.join(", ")} must be on the PATH: install Redis' programs`);
    }
    const modes = MODES.filter((mode) => args.includes(mode));
    await printFailovers(casesOf(modes.length > 0 ? modes : MODES), runs);
    await printCosts();
}

/** What a lost replica changes is nothing without one; the lag is what a master that is cut off goes by. */
function casesOf(modes: readonly Mode[]): (Case & { readonly guard: string })[] {
    return modes.flatMap((mode) =>
        Object.entries(FAULTS)
            .filter(([, fault]) => fault.modes.includes(mode))
            .flatMap(([fault]) =>
                Object.entries(GUARDS)
                    .filter(([guard]) => guard === "none" || mode !== "standalone")
                    .filter(([guard]) => guard !== "and lag 2 s" || fault === "master cut off")
                    .map(([guard, config]) => ({ mode, fault, guard, config })),
            ),
    );
}

async function printFailovers(cases: ReturnType<typeof casesOf>, runs: number): Promise<void> {
    console.log(
        `Failovers, ${runs} of each, medians; Sentinels and clusters wait ${DOWN_AFTER / 1000} s, what nothing takes over from ` +
            `is back after ${AWAY / 1000} s, a master is cut off for ${CUT_OFF / 1000} s:`,
    );
    console.log(
        row([
            ...["mode", "fault", "min-replicas", "set", "floor", "without a write", "of the floor"],
            ...["failed", "acknowledged", "lost"],
        ]),
    );
    for (const each of cases) {
        const outcomes: Outcome[] = [];
        for (let run = 0; run < runs; run++) {
            outcomes.push(await failover(each));
        }
        const of = (value: (outcome: Outcome) => number) => median(outcomes.map(value));
        const times = of(({ longest, floor }) => longest / floor);
        console.log(
            row([
                ...[each.mode, each.fault, each.guard],
                seconds(of(({ nominal }) => nominal)),
                seconds(of(({ floor }) => floor)),
                seconds(of(({ longest }) => longest)),
                `${times.toFixed(2)}${times > AIM ? " !" : ""}`,
                String(of(({ failed }) => failed)),
                String(of(({ acknowledged }) => acknowledged)),
                // The worst: a median would hide it.
                String(Math.max(...outcomes.map(({ lost }) => lost))),
            ]),
        );
    }
}

const WIDTHS = [12, 15, 13, 7, 7, 16, 13, 7, 13, 6];

function row(cells: readonly string[]): string {
    return `  ${cells.map((cell, i) => cell.padEnd(WIDTHS[i] ?? 0)).join(" ")}`.trimEnd();
}

function seconds(milliseconds: number): string {
    return `${(milliseconds / 1000).toFixed(1)} s`;
}

main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(`\n${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
});
