import * as fs from "node:fs";
import * as path from "node:path";

import { stringify } from "yaml";

import { valueAt } from "../../lab/program/objects";
import type { Registration } from "../../lab/program/program";
import { withFolder } from "../../lab/program/runs";
import { run } from "../../lab/tools/commands";
import { tool } from "../../lab/tools/goTools";

/** What `promtool check rules` says of the rules of the stack's owner; undefined where they are right, or there are none. */
export async function refusedRules(
    registrations: readonly Registration[],
): Promise<string | undefined> {
    const own = registrations
        .filter(({ name, type }) => /^extra-rules-/.test(name) && /PrometheusRule$/.test(type))
        .map(({ name, inputs }) => [name, valueAt(inputs, "spec")] as const);
    if (own.length === 0) {
        return undefined;
    }
    const promtool = await tool("promtool");
    return withFolder(async (folder) => {
        const files = own.map(([name, spec]) => {
            const file = path.join(folder, `${name}.yaml`);
            fs.writeFileSync(file, stringify(spec));
            return file;
        });
        try {
            await run(promtool, ["check", "rules", ...files]);
            return undefined;
        } catch (error) {
            const text = error instanceof Error ? error.message : String(error);
            return `alerting.extraRules: Prometheus refuses them:\n${text.replaceAll(`${folder}/extra-rules-`, "")}`;
        }
    });
}
