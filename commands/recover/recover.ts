import * as fs from "node:fs";

import { PULUMI } from "../../components/settings/pending";
import { Cluster, connect } from "../../components/stack/cluster";
import { FIELD_MANAGER, stackMark } from "../../components/stack/ownership";
import { OFFLINE_OWNER } from "../../lab/program/answers";
import { isolatedRun } from "../../lab/program/runs";
import { PROJECT, readStackFile } from "../../lab/program/stackFile";
import { run } from "../../lab/tools/commands";
import { ExportedState, Finding, findings } from "./findings";
import { stateFileFindings } from "./stateFiles";

/** What the command line of `npm run recover` asks for. */
export interface RecoverRequest {
    readonly stack: string;
    /** False to look only. */
    readonly apply: boolean;
}

const USAGE = "npm run recover -- --stack STACK [--apply]";

/** Reads the arguments after `npm run recover --`. Throws an Error with every problem and what is allowed. */
export function recoverRequest(args: readonly string[], stacks: readonly string[]): RecoverRequest {
    const at = args.indexOf("--stack");
    const stack = at < 0 ? undefined : args[at + 1];
    const rest = args.filter((_, index) => at < 0 || (index !== at && index !== at + 1));
    const unknown = rest.filter((each) => each !== "--apply");
    const problems = [
        ...unknown.map((each) => `"${each}" is not an option`),
        ...(stack === undefined ? ["--stack is missing"] : []),
        ...(stack !== undefined && !stacks.includes(stack)
            ? [`there is no stack "${stack}"; stacks: ${stacks.join(", ")}`]
            : []),
    ];
    if (problems.length > 0 || stack === undefined) {
        throw new Error([...problems, `usage: ${USAGE}`, "Nothing was read."].join("\n"));
    }
    return { stack, apply: rest.includes("--apply") };
}

/** Runs `pulumi ARGS` in the project and gives what it printed. */
export type Pulumi = (...args: readonly string[]) => Promise<string>;

/**
 * Says what an interrupted update of a stack left, and what becomes of it; with `apply`, does what an update does not.
 * Reads the state through the CLI and the cluster through the stack's context.
 */
export async function recover(
    { stack, apply }: RecoverRequest,
    root: string,
    print: (line: string) => void,
    pulumi: Pulumi = (...args) => run("pulumi", [...args, "--non-interactive"], { cwd: root }),
): Promise<void> {
    const settings = readStackFile(stack, root);
    const context = typeof settings.kubeContext === "string" ? settings.kubeContext : "";
    const cluster = await connect(context);
    if (cluster === undefined) {
        throw new Error(
            `kubeContext: got "${context}"; name the context of the stack's cluster in Pulumi.${stack}.yaml, with a kubeconfig that has it.`,
        );
    }
    const user = await whoAmI(pulumi);
    const mark = stackMark(await organization(user, pulumi), PROJECT, stack);
    const place = { stack, mark, cluster, pulumi, print };
    // What keeps the state from being read comes first, and alone: the rest is not known before it is gone.
    const unreadable = stateFileFindings(user.url ?? "", root);
    if (unreadable.length > 0) {
        report(unreadable, stack, apply).forEach(print);
        if (!apply) {
            return;
        }
        await applyFixes(unreadable, place);
    }
    const text = await pulumi("stack", "export", "--stack", stack);
    const state = JSON.parse(text) as ExportedState;
    const { registrations } = await isolatedRun({ stack, settings, stackOutputs: OFFLINE_OWNER });
    const found = await findings({ stack, mark, state, declared: registrations, cluster });
    report(found, stack, apply).forEach(print);
    if (apply) {
        await applyFixes(found, place);
    }
}

/** What `pulumi whoami` says of the one who is logged in. */
interface User {
    readonly organizations?: readonly string[];
    /** Of the backend. */
    readonly url?: string;
}

async function whoAmI(pulumi: Pulumi): Promise<User> {
    return JSON.parse(await pulumi("whoami", "--json")) as User;
}

/** A self-managed backend has one for all. */
async function organization({ organizations, url }: User, pulumi: Pulumi): Promise<string> {
    const name = url?.startsWith("http") ? (await pulumi("org", "get-default")).trim() : "";
    return name || organizations?.[0] || "organization";
}

/** The findings as text; same text for same findings. */
export function report(found: readonly Finding[], stack: string, apply: boolean): string[] {
    if (found.length === 0) {
        return [
            `Stack "${stack}": program, state and cluster agree; an interrupted update left nothing.`,
        ];
    }
    const fixes = found.filter(({ fix }) => fix !== undefined);
    return [
        `Stack "${stack}": an interrupted update left ${found.length} traces.`,
        ...found.map(({ what, then, fix }) => `  ${fix ? "*" : "-"} ${what}; ${then}`).sort(),
        "",
        ...(fixes.length > 0 && !apply
            ? [
                  `What has a star is done by:  npm run recover -- --stack ${stack} --apply`,
                  "Make sure before that nobody updates the stack now.",
              ]
            : []),
        `Then:  ${PULUMI} cancel --stack ${stack}   (where it says that the stack is locked)`,
        `       ${PULUMI} up --stack ${stack}`,
    ];
}

/** What fixes are done to, and with. */
interface Place {
    readonly stack: string;
    readonly mark: string;
    readonly cluster: Cluster;
    readonly pulumi: Pulumi;
    readonly print: (line: string) => void;
}

async function applyFixes(
    found: readonly Finding[],
    { stack, mark, cluster, pulumi, print }: Place,
): Promise<void> {
    for (const { what, fix } of found) {
        switch (fix?.kind) {
            case undefined:
                continue;
            case "mark":
                await cluster.annotate(fix.object, { [FIELD_MANAGER]: mark });
                print(`marked as this stack's: ${what}`);
                break;
            case "forgetRecord":
                await cluster.deleteSecret(fix.namespace, fix.secret);
                print(`removed Helm's record: ${what}`);
                break;
            case "removeFile":
                fs.rmSync(fix.file);
                print(`removed: ${fix.file}`);
                break;
            case "clearPending":
                await pulumi(
                    ...["refresh", "--stack", stack, "--yes", "--skip-preview"],
                    "--clear-pending-creates",
                );
                print(`cleared: ${what}`);
        }
    }
}
