import * as fs from "node:fs";
import * as path from "node:path";

import * as pulumi from "@pulumi/pulumi";

import { OFFLINE_OWNER } from "../../lab/program/answers";
import { checkedStackFile } from "../../lab/program/checkedStackFile";
import { ProgramOptions, ProgramRun, runProgram } from "../../lab/program/program";
import { ROOT, stackNames } from "../../lab/program/stackFile";
import { previewRequest } from "./arguments";
import { portForwardLines } from "./endpoints";
import { imagesOf } from "./images";
import { renderManifests } from "./manifests";
import { routingTable } from "./routes";
import { routesFile } from "./snapshots";
import { summary } from "./summary";
import { resourceTree } from "./tree";

/**
 * The offline preview of stacks: `npm start`, or `npm start -- prod` for one, with `--verbose` for the whole of it. Prints
 * a summary of each, and writes every manifest and Helm value to rendered/<stack>/ below `root`, where the stack files
 * are. Returns whether every stack could be previewed.
 */
export async function previewStacks(
    args: readonly string[],
    print: (line: string) => void,
    root = ROOT,
    run: (options: ProgramOptions) => Promise<ProgramRun> = runProgram,
): Promise<boolean> {
    let failed = false;
    try {
        const { stacks, verbose } = previewRequest(args, stackNames(root));
        for (const stack of stacks) {
            print("");
            try {
                (await preview(stack, verbose, { root, run })).forEach(print);
            } catch (error) {
                failed = true;
                print(`${stack}: ${messageOf(error)}`);
            }
        }
    } catch (error) {
        failed = true;
        print(messageOf(error));
    }
    return !failed;
}

interface Surroundings {
    readonly root: string;
    readonly run: (options: ProgramOptions) => Promise<ProgramRun>;
}

async function preview(
    stack: string,
    verbose: boolean,
    { root, run: runStack }: Surroundings,
): Promise<string[]> {
    const settings = checkedStackFile(stack, root);
    const run = await runStack({ stack, settings, stackOutputs: OFFLINE_OWNER });
    const { registrations, outputs } = run;
    const files = {
        ...renderManifests(registrations),
        "images.txt": `${imagesOf(registrations, settings).join("\n")}\n`,
    };
    writeFiles(path.join(root, "rendered", stack), files);
    const routing = routingTable(registrations, settings);
    const routes = routesFile(stack, root);
    return [
        ...(verbose
            ? [
                  ...section("Resources", resourceTree(registrations)),
                  ...section("Alerts and their receivers", routing),
                  ...section("To reach the endpoints from here", portForwardLines(outputs)),
                  "",
              ]
            : []),
        ...summary({
            stack,
            settings,
            run,
            files: Object.keys(files).length,
            routing,
            routesFile: fs.existsSync(routes) ? fs.readFileSync(routes, "utf8") : undefined,
        }),
    ];
}

function section(title: string, lines: readonly string[]): string[] {
    return ["", `${title}:`, ...lines.map((line) => `  ${line}`)];
}

function messageOf(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}

/** Afresh: a file of an object that is gone must not stay. */
function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
    fs.rmSync(folder, { recursive: true, force: true });
    for (const [name, content] of Object.entries(files)) {
        const file = path.join(folder, name);
        fs.mkdirSync(path.dirname(file), { recursive: true });
        fs.writeFileSync(file, content);
    }
}

async function main(): Promise<void> {
    // The SDK takes a stack for every promise and every resource, and ts-node maps each: more than half of the time, for
    // stacks nobody sees.
    Error.stackTraceLimit = 0;
    Reflect.set(pulumi.Resource, "callsites", () => []);
    // Offline, the context need not be known on this machine.
    process.env.KUBECONFIG = path.join(ROOT, "no-kubeconfig");
    // A program that fails rejects more promises than the one that is awaited; its message is printed once, above.
    process.on("unhandledRejection", () => undefined);
    const good = await previewStacks(process.argv.slice(2), (line) => console.log(line));
    process.exitCode = good ? 0 : 1;
}

if (require.main === module) {
    void main();
}
