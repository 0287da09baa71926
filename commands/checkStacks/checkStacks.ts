import * as fs from "node:fs";

import { OFFLINE_OWNER } from "../../lab/program/answers";
import { checkedStackFile } from "../../lab/program/checkedStackFile";
import { valueAt } from "../../lab/program/objects";
import type { ProgramOptions, ProgramRun } from "../../lab/program/program";
import { isolatedRun } from "../../lab/program/runs";
import { Settings, stackNames } from "../../lab/program/stackFile";
import { misreadDashboards } from "./ownDashboards";
import { refusedRules } from "./refusedRules";
import { unplacedAlerts } from "./unplacedAlerts";
import { routingTable } from "../preview/routes";
import { routingChanges } from "../preview/routingChanges";
import { routesFile } from "../preview/snapshots";

/** What is said to the owner of stack files: problems fail the check, notes are only worth knowing. */
export interface StackFindings {
    readonly problems: readonly string[];
    readonly notes: readonly string[];
}

type Run = (options: ProgramOptions) => Promise<ProgramRun>;

/** Checks every Pulumi.<stack>.yaml of a folder, and that they do not contradict each other. */
export async function checkStacks(root: string, run: Run = isolatedRun): Promise<StackFindings> {
    const problems: string[] = [];
    const notes: string[] = [];
    const files = new Map<string, Settings>();
    for (const stack of stackNames(root)) {
        try {
            const settings = checkedStackFile(stack, root);
            files.set(stack, settings);
            notes.push(...(await stackNotes(stack, { settings, root, run })));
        } catch (error) {
            problems.push(`${stack}: ${error instanceof Error ? error.message : String(error)}`);
        }
    }
    if (files.size + problems.length === 0) {
        problems.push("There is no Pulumi.<stack>.yaml: get Pulumi.staging.yaml back from git.");
    }
    return {
        problems: [...problems, ...contradictions(files)],
        notes: [...notes, ...differentKeys(files)],
    };
}

/** Throws what the program throws: the file is wrong. */
async function stackNotes(
    stack: string,
    { settings, root, run }: { settings: Settings; root: string; run: Run },
): Promise<string[]> {
    const { registrations } = await run({
        stack,
        settings,
        stackOutputs: OFFLINE_OWNER,
    });
    const refused = [
        // What Prometheus cannot read, no labels are followed through.
        (await refusedRules(registrations)) ?? unplacedAlerts(registrations),
        misreadDashboards(registrations, settings),
    ].filter((each) => each !== undefined);
    if (refused.length > 0) {
        throw new Error(refused.join("\n"));
    }
    const table = routingTable(registrations, settings);
    const file = routesFile(stack, root);
    const before = fs.existsSync(file) ? fs.readFileSync(file, "utf8") : undefined;
    const silent = table.filter((line) => / critical /.test(line) && line.includes(" nobody"));
    return [
        ...(before?.trimEnd() === table.join("\n")
            ? []
            : [`${stack}: ${routingChanges(stack, table, before).join("\n")}`]),
        ...(silent.length > 0
            ? [
                  `${stack}: nobody is told of ${silent.length} critical alerts: add a receiver and a route for them ` +
                      `under alerting in Pulumi.${stack}.yaml, as docs/components/routing.md shows`,
              ]
            : []),
    ];
}

/** What two stacks cannot both be. */
function contradictions(files: ReadonlyMap<string, Settings>): string[] {
    const owners = [...files].filter(
        ([, settings]) => valueAt(settings, "cluster", "role") === "owner",
    );
    const clusters = grouped(owners, (settings) => valueAt(settings, "cluster", "name"));
    return [...clusters]
        .filter(([, stacks]) => stacks.length > 1)
        .map(
            ([cluster, stacks]) =>
                `cluster.name: ${stacks.join(" and ")} both own the cluster ${cluster}, and would take each other's platform. ` +
                `Give each its own name, or make one the tenant of the other (docs/components/tenants.md).`,
        );
}

function grouped(
    files: readonly (readonly [string, Settings])[],
    keyOf: (settings: Settings) => unknown,
): Map<string, string[]> {
    const groups = new Map<string, string[]>();
    for (const [stack, settings] of files) {
        const key = String(keyOf(settings));
        groups.set(key, [...(groups.get(key) ?? []), stack]);
    }
    return groups;
}

/** Top-level keys that some stacks have and others have not: a reader of `diff` takes them for a difference of sizes. */
function differentKeys(files: ReadonlyMap<string, Settings>): string[] {
    const all = new Set([...files.values()].flatMap((settings) => Object.keys(settings)));
    return [...all].flatMap((key) => {
        const without = [...files]
            .filter(([, settings]) => !(key in settings))
            .map(([stack]) => stack);
        // Those that `pulumi config set` writes belong to one stack.
        const own = ["kubeContext", "receiverSecrets", "snapshotCredentials"].includes(key);
        return without.length === 0 || own || key.startsWith("backup")
            ? []
            : [`${key} is not in ${without.map((stack) => `Pulumi.${stack}.yaml`).join(", ")}`];
    });
}
