import * as fs from "node:fs";
import * as path from "node:path";

import { parse } from "yaml";

import { ROOT, stackNames } from "../../lab/program/stackFile";
import { newStackRequest } from "./arguments";
import { stackCopy } from "./stackCopy";

/**
 * `npm run new-stack -- NAME --from STACK`: writes Pulumi.NAME.yaml, with a comment for each key, and says what to look at.
 * Nothing is asked of a cluster or a backend.
 */
export function newStack(args: readonly string[], root: string): string[] {
    const request = newStackRequest(args, stackNames(root));
    const { stack, from } = request;
    const source = fs.readFileSync(path.join(root, `Pulumi.${from}.yaml`), "utf8");
    const { text, renamed, leftOut } = stackCopy(source, request, descriptions(root));
    fs.writeFileSync(path.join(root, `Pulumi.${stack}.yaml`), text, { flag: "wx" });
    return [
        `Pulumi.${stack}.yaml is made of Pulumi.${from}.yaml. Here "${from}" became "${stack}":`,
        ...renamed.map((line) => `  ${line}`),
        ...(leftOut.length > 0
            ? [`Left out, since each stack has its own: ${leftOut.join(", ")}`]
            : []),
        "Look at receivers, hosts and buckets, then:",
        `  npm run check:stacks        whether it is right, and contradicts no other stack`,
        `  npm start -- ${stack}${" ".repeat(Math.max(1, 15 - stack.length))}what it installs, and what is still to set`,
        `  npx pulumi stack init ${stack}`,
    ];
}

/** What each key is for, as Pulumi.yaml has it. */
function descriptions(root: string): Map<string, string> {
    const { config } = parse(fs.readFileSync(path.join(root, "Pulumi.yaml"), "utf8")) as {
        config: Record<string, { description: string }>;
    };
    return new Map(Object.entries(config).map(([key, { description }]) => [key, description]));
}

if (require.main === module) {
    try {
        newStack(process.argv.slice(2), ROOT).forEach((line) => console.log(line));
    } catch (error) {
        console.error(error instanceof Error ? error.message : String(error));
        process.exitCode = 1;
    }
}
