import * as fs from "node:fs";
import * as path from "node:path";

import { runProgram } from "../../lab/program/program";
import { readStackFile, ROOT } from "../../lab/program/stackFile";
import { renderManifests } from "./manifests";
import { routingTable } from "./routes";
import { resourceTree } from "./tree";

/**
 * The offline preview of stacks: `npm start`, or `npm start -- prod` for one. Prints the resources, the endpoints, who
 * gets which alert and what is still to set, and writes every manifest and Helm value to rendered/<stack>/.
 */
async function main(stacks: readonly string[]): Promise<void> {
    let failed = false;
    for (const stack of stacks) {
        console.log(`\n===== ${stack} =====`);
        failed = !(await preview(stack)) || failed;
    }
    process.exitCode = failed ? 1 : 0;
}

async function preview(stack: string): Promise<boolean> {
    try {
        const settings = readStackFile(stack);
        const { registrations, outputs, log } = await runProgram({
            stack,
            settings,
            stackOutputs: OWNER_STAND_IN,
        });
        const files = renderManifests(registrations);
        const folder = path.join(ROOT, "rendered", stack);
        writeFiles(folder, files);
        section("Resources", resourceTree(registrations));
        section("Endpoints", endpointLines(outputs));
        section("Alerts and their receivers", routingTable(registrations, settings));
        console.log(
            `\n${registrations.length} resources; ${Object.keys(files).length} files in rendered/${stack}/`,
        );
        log.forEach((line) => console.log(`\n${line.replace(/^warning: \[runtime\] /, "")}`));
        return true;
    } catch (error) {
        console.error(`\n${error instanceof Error ? error.message : String(error)}`);
        return false;
    }
}

/** Any stack name answers with this: offline there is no owner to ask. */
const OWNER_STAND_IN = new Proxy(
    {},
    {
        get: () => ({
            endpoints: "the owner's endpoints",
            wiring: {
                prometheus: { namespace: "monitoring", podLabels: {} },
                redisOperator: { namespace: "redis-operator-system", podLabels: {} },
            },
        }),
    },
);

function section(title: string, lines: readonly string[]): void {
    console.log(`\n${title}:\n${lines.map((line) => `  ${line}`).join("\n")}`);
}

interface Endpoint {
    readonly url: string;
    readonly host: string;
    readonly port: number;
    readonly externalUrl: string;
    readonly portForward: string;
}

/** A line for each endpoint and Redis instance: how to reach it in the cluster, and from here. */
function endpointLines(outputs: Record<string, unknown>): string[] {
    const lines: string[] = [];
    const walk = (name: string, value: unknown): void => {
        if (typeof value !== "object" || value === null) {
            return;
        }
        const { url, host, port, externalUrl, portForward } = value as Partial<Endpoint>;
        if (host !== undefined) {
            lines.push(`${name}: ${url ?? `${host}:${port}`}`);
            lines.push(`    ${externalUrl ?? portForward}`);
            return;
        }
        Object.entries(value).forEach(([key, each]) => walk(name ? `${name}.${key}` : key, each));
    };
    walk("", outputs.endpoints);
    walk("redis", outputs.redis);
    return lines;
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

// The SDK takes a stack for every promise, and ts-node maps each: more than half of the time, for stacks nobody sees.
Error.stackTraceLimit = 0;
const requested = process.argv.slice(2);
// Offline, the context need not be known on this machine.
process.env.KUBECONFIG = path.join(ROOT, "no-kubeconfig");
// A program that fails rejects more promises than the one that is awaited; its message is printed once, above.
process.on("unhandledRejection", () => undefined);
void main(requested.length > 0 ? requested : ["staging", "prod"]);
