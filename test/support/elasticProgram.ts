import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

import { ProgramName, programFiles } from "../../components/logging/programFiles";
import { ACCOUNT, ElasticStack } from "../../lab/endpoints/elasticStack";
import { withFolder } from "../../lab/program/runs";

export interface Ended {
    readonly status: number | null;
    readonly output: string;
}

export interface ProgramOptions {
    /** PEM to trust; the stack's own when not given. */
    readonly certificate?: string;
    readonly password?: string;
}

/** Runs a program that talks to Elasticsearch and Kibana in a process of its own, from its files, as its pod does. */
export function runProgram(
    program: ProgramName,
    plan: object,
    stack: Pick<ElasticStack, "url" | "certificate">,
    options: ProgramOptions = {},
): Promise<Ended> {
    return withFolder(async (folder) => {
        const files = {
            ...programFiles(program),
            "plan.json": JSON.stringify(plan),
            "ca.crt": options.certificate ?? stack.certificate,
        };
        for (const [name, content] of Object.entries(files)) {
            fs.writeFileSync(path.join(folder, name), content);
        }
        const ca = path.join(folder, "ca.crt");
        const child = spawn(process.execPath, [`${program}.js`, "plan.json"], {
            cwd: folder,
            env: {
                ELASTICSEARCH_URL: stack.url,
                ELASTICSEARCH_CA: ca,
                KIBANA_URL: stack.url,
                KIBANA_CA: ca,
                USERNAME: ACCOUNT.username,
                PASSWORD: options.password ?? ACCOUNT.password,
            },
        });
        let output = "";
        child.stdout.on("data", (chunk) => (output += String(chunk)));
        child.stderr.on("data", (chunk) => (output += String(chunk)));
        const status = await new Promise<number | null>((resolve) => child.on("close", resolve));
        return { status, output };
    });
}
