import { suggestion } from "../../components/settings/problems";

/** What the command line of `npm run grow` asks for. */
export interface GrowRequest {
    readonly stack: string;
    /** Grow; otherwise only say what would be done. */
    readonly yes: boolean;
}

/** Reads the arguments after `npm run grow --`. Throws an Error that says what is allowed. */
export function growRequest(args: readonly string[], stacks: readonly string[]): GrowRequest {
    const names = args.filter((argument) => !argument.startsWith("-"));
    const flags = args.filter((argument) => argument.startsWith("-"));
    const problems = [
        ...flags
            .filter((flag) => flag !== "--yes")
            .map((flag) => `"${flag}" is not an option; allowed: --yes`),
        ...names
            .filter((name) => !stacks.includes(name))
            .map(
                (name) =>
                    `there is no stack "${name}"; ${suggestion(name, stacks)}stacks: ${stacks.join(", ")}`,
            ),
    ];
    const [stack] = names;
    if (stack === undefined || names.length > 1) {
        problems.push(`name one stack: npm run grow -- ${stacks[0] ?? "STACK"} [--yes]`);
    }
    if (problems.length > 0 || stack === undefined) {
        throw new Error([...problems, "Nothing was looked at."].join("\n"));
    }
    return { stack, yes: flags.length > 0 };
}
