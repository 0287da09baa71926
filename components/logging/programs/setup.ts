import type { Plan, Step } from "../setup/plan";
import type { Patience, Server } from "./client";
import { patienceOf, reasonOf, runProgram, server } from "./environment";
import { applyResource, check, importSavedObjects, Outcome, remove } from "./steps";

/**
 * Makes Elasticsearch and Kibana what a plan says. Ends at the first step that cannot be done; running it again goes
 * on, and changes nothing that is as it should be.
 */
runProgram(async (plan: Plan) => {
    const patience = patienceOf(plan);
    // Without Kibana, no step asks for it.
    const servers = {
        elasticsearch: () => server("ELASTICSEARCH"),
        kibana: () => server("KIBANA"),
    };
    const counts = new Map<Outcome, number>();
    for (const step of plan.steps) {
        const outcome = await run(step, servers, patience).catch((error: unknown) => {
            throw new Error(`${step.name}: ${reasonOf(error)}`);
        });
        console.log(`${step.name}: ${outcome}`);
        counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    }
    const summary = [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(", ");
    console.log(`Done: ${summary}`);
});

function run(
    step: Step,
    servers: Readonly<Record<"elasticsearch" | "kibana", () => Server>>,
    patience: Patience,
): Promise<Outcome> {
    switch (step.kind) {
        case "resource":
            return applyResource(servers.elasticsearch(), step, patience);
        case "absence":
            return remove(servers.elasticsearch(), step, patience);
        case "check":
            return check(servers[step.server](), step, patience);
        case "savedObjects":
            return importSavedObjects(servers.kibana(), step, patience);
    }
}
