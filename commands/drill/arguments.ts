import { suggestion } from "../../components/settings/problems";

/** What the command line of `npm run drill` asks for. */
export interface Request {
    /** Names of drills, in the order of the catalogue. */
    readonly drills: readonly string[];
    /** True to print the drills and run none. */
    readonly list: boolean;
    /** True for the intervals that the stack ships, which makes a drill take minutes. */
    readonly realTime: boolean;
    /** True for local processes even where a node could be started. */
    readonly local: boolean;
    /** True for every message at every receiver; otherwise each message is printed once. */
    readonly verbose: boolean;
}

const FLAGS = ["--list", "--local", "--real-time", "--verbose"] as const;

/**
 * Reads the arguments after `npm run drill --`; without names, every drill. Throws an Error that lists every argument
 * that is none, with the nearest one that is.
 */
export function parseArguments(args: readonly string[], known: readonly string[]): Request {
    const problems = args.flatMap((argument) => problemOf(argument, known));
    if (problems.length > 0) {
        throw new Error(
            [...problems, "Nothing was broken. `npm run drill -- --list` names the drills."].join(
                "\n",
            ),
        );
    }
    const named = args.filter((argument) => !isFlag(argument));
    return {
        drills: known.filter((name) => named.length === 0 || named.includes(name)),
        list: args.includes("--list"),
        realTime: args.includes("--real-time"),
        local: args.includes("--local"),
        verbose: args.includes("--verbose"),
    };
}

function problemOf(argument: string, known: readonly string[]): string[] {
    const [what, allowed]: [string, readonly string[]] = isFlag(argument)
        ? ["an option", FLAGS]
        : ["a drill", known];
    if (allowed.includes(argument)) {
        return [];
    }
    return [
        `"${argument}" is not ${what}; ${suggestion(argument, allowed)}allowed: ${allowed.join(", ")}`,
    ];
}

function isFlag(argument: string): boolean {
    return argument.startsWith("-");
}
