import { suggestion } from "../../components/settings/problems";
import { name as environmentName } from "../../components/settings/scalars";

/** What the command line of `npm run new-stack` asks for. */
export interface NewStackRequest {
    /** Name of the new stack, which is that of its environment too. */
    readonly stack: string;
    /** The stack whose file is copied. */
    readonly from: string;
}

/** Reads the arguments after `npm run new-stack --`. Throws an Error with everything that is wrong, and what is allowed. */
export function newStackRequest(
    args: readonly string[],
    stacks: readonly string[],
): NewStackRequest {
    const at = args.indexOf("--from");
    const from = at < 0 ? undefined : args[at + 1];
    const others = at < 0 ? args : [...args.slice(0, at), ...args.slice(at + 2)];
    const flags = others.filter((argument) => argument.startsWith("-"));
    const [stack, ...more] = others.filter((argument) => !argument.startsWith("-"));
    const parsed = environmentName.safeParse(stack);
    const problems = flags.map((flag) => `"${flag}" is not an option; allowed: --from STACK`);
    if (stack === undefined || more.length > 0) {
        problems.push("name one new stack, such as dev");
    } else if (!parsed.success) {
        problems.push(
            `"${stack}" cannot be the name of an environment; ${parsed.error.issues[0]?.message ?? ""}`,
        );
    } else if (stacks.includes(stack)) {
        problems.push(
            `there is a stack "${stack}" already: Pulumi.${stack}.yaml; allowed: a new name`,
        );
    }
    if (from === undefined) {
        problems.push(`name the stack to copy: --from ${stacks[0] ?? "STACK"}`);
    } else if (!stacks.includes(from)) {
        problems.push(
            `there is no stack "${from}"; ${suggestion(from, stacks)}stacks: ${stacks.join(", ")}`,
        );
    }
    if (problems.length > 0 || stack === undefined || from === undefined) {
        throw new Error(
            [
                ...problems,
                `npm run new-stack -- NAME --from ${stacks[0] ?? "STACK"}`,
                "Nothing was written.",
            ].join("\n"),
        );
    }
    return { stack, from };
}
