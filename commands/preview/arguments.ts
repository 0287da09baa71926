import { PULUMI } from "../../components/settings/pending";
import { suggestion } from "../../components/settings/problems";

/** What the command line of `npm start` asks for. */
export interface PreviewRequest {
    readonly stacks: readonly string[];
    /** True for the tree of resources, the whole routing table and the commands that reach each endpoint as well. */
    readonly verbose: boolean;
}

const FLAGS = ["--verbose"] as const;

/**
 * Reads the arguments after `npm start --`; without names, every stack. Throws an Error that lists every argument that
 * is none, with the stacks there are and what to do.
 */
export function previewRequest(args: readonly string[], stacks: readonly string[]): PreviewRequest {
    const named = args.filter((argument) => !argument.startsWith("-"));
    const flags = args.filter((argument) => argument.startsWith("-"));
    const unknownFlags = flags.filter((flag) => !FLAGS.some((known) => known === flag));
    const unknown = named.filter((name) => !stacks.includes(name));
    const problems = [
        ...unknownFlags.map(
            (flag) =>
                `"${flag}" is not an option; ${suggestion(flag, FLAGS)}allowed: ${FLAGS.join(", ")}`,
        ),
        ...unknown.map((name) => `there is no stack "${name}"; ${suggestion(name, stacks)}`.trim()),
    ];
    if (unknown.length > 0 || stacks.length === 0) {
        problems.push(stackHelp(stacks, unknown[0]));
    }
    if (problems.length > 0) {
        throw new Error([...problems, "Nothing was previewed."].join("\n"));
    }
    return {
        stacks: named.length > 0 ? [...new Set(named)] : stacks,
        verbose: flags.length > 0,
    };
}

/** Which stacks there are, and how one more comes to be. */
function stackHelp(stacks: readonly string[], wanted = "NAME"): string {
    if (stacks.length === 0) {
        return "There is no stack: a stack is a file Pulumi.<stack>.yaml beside Pulumi.yaml, and there is none. Get Pulumi.staging.yaml back from git.";
    }
    return [
        `Stacks are the files Pulumi.<stack>.yaml beside Pulumi.yaml: ${stacks.join(", ")}.`,
        `For one of these: npm start -- ${stacks[0]}`,
        `For a new one, copy the file that is nearest, edit it, and make its state:`,
        `  cp Pulumi.${stacks[0]}.yaml Pulumi.${wanted}.yaml`,
        `  ${PULUMI} stack init ${wanted}`,
    ].join("\n");
}
