import * as fs from "node:fs";

import { Patience, Server } from "./client";
import type { Plan, Step } from "../plan";
import { applyResource, check, importSavedObjects, Outcome, remove } from "./steps";

/**
 * Makes Elasticsearch and Kibana what a plan says: `node main.js PLAN`. Ends with status 1 and the reason at the first
 * step that cannot be done; running it again goes on, and changes nothing that is as it should be.
 */
async function main(planFile: string): Promise<void> {
    const plan = JSON.parse(fs.readFileSync(planFile, "utf8")) as Plan;
    const patience = {
        deadline: Date.now() + plan.deadlineSeconds * 1000,
        pause: plan.pauseSeconds * 1000,
    };
    const servers = { elasticsearch: server("ELASTICSEARCH"), kibana: server("KIBANA") };
    const counts = new Map<Outcome, number>();
    for (const step of plan.steps) {
        const outcome = await run(step, servers, patience).catch((error: unknown) => {
            throw new Error(
                `${step.name}: ${error instanceof Error ? error.message : String(error)}`,
            );
        });
        console.log(`${step.name}: ${outcome}`);
        counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    }
    const summary = [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(", ");
    console.log(`Done: ${summary}`);
}

function run(
    step: Step,
    servers: Readonly<Record<"elasticsearch" | "kibana", Server>>,
    patience: Patience,
): Promise<Outcome> {
    switch (step.kind) {
        case "resource":
            return applyResource(servers.elasticsearch, step, patience);
        case "absence":
            return remove(servers.elasticsearch, step, patience);
        case "check":
            return check(servers[step.server], step, patience);
        case "savedObjects":
            return importSavedObjects(servers.kibana, step, patience);
    }
}

function server(name: string): Server {
    return {
        name: name.toLowerCase(),
        url: env(`${name}_URL`),
        caFile: env(`${name}_CA`),
        username: env("SETUP_USERNAME"),
        password: env("SETUP_PASSWORD"),
    };
}

function env(name: string): string {
    const value = process.env[name];
    if (value === undefined) {
        throw new Error(`the environment variable ${name} is not set`);
    }
    return value;
}

main(process.argv[2] ?? "").catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
});
