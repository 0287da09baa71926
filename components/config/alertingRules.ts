import { Problem, show, suggestion } from "./problems";
import type { Settings } from "./schema";

/** The rules between receivers and what names them. Returns every problem. */
export function alertingProblems({ alerting, receiverSecrets }: Settings): Problem[] {
    const problems: Problem[] = [];
    const receivers = Object.keys(alerting.receivers);
    if (receivers.includes("null")) {
        problems.push({
            path: "alerting.receivers.null",
            got: show("null"),
            allowed: "another name: alerts that nobody gets go to a receiver of that name",
        });
    }
    for (const name of Object.keys(receiverSecrets).filter((n) => !receivers.includes(n))) {
        problems.push({
            path: `receiverSecrets.${name}`,
            got: "a secret of no receiver",
            allowed: `${suggestion(name, receivers)}allowed: ${receivers.join(", ") || "none, since alerting.receivers is empty"}`,
        });
    }
    return problems;
}
