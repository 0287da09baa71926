import * as fs from "node:fs";

import type { Patience, Server } from "./client";

/** How long a program tries again, in all, and how long it waits in between. */
export interface Persistence {
    readonly deadlineSeconds: number;
    readonly pauseSeconds: number;
}

/** Runs a program: `node NAME.js PLAN`. It ends with status 1 and the reason when it throws. */
export function runProgram<Plan>(main: (plan: Plan) => Promise<void>): void {
    const planFile = process.argv[2] ?? "";
    Promise.resolve()
        .then(() => main(JSON.parse(fs.readFileSync(planFile, "utf8")) as Plan))
        .catch((error: unknown) => {
            console.error(reasonOf(error));
            process.exitCode = 1;
        });
}

export function reasonOf(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}

export function patienceOf({ deadlineSeconds, pauseSeconds }: Persistence): Patience {
    return { deadline: Date.now() + deadlineSeconds * 1000, pause: pauseSeconds * 1000 };
}

/** `NAME_URL`, `NAME_CA`, `USERNAME` and `PASSWORD` of the environment. */
export function server(name: string): Server {
    return {
        name: name.toLowerCase(),
        url: variable(`${name}_URL`),
        caFile: variable(`${name}_CA`),
        username: variable("USERNAME"),
        password: variable("PASSWORD"),
    };
}

function variable(name: string): string {
    const value = process.env[name];
    if (value === undefined) {
        throw new Error(`the environment variable ${name} is not set`);
    }
    return value;
}
