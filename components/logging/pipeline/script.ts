import * as fs from "node:fs";
import * as path from "node:path";

export const SCRIPT_FILE = "log_schema.lua";

/** Parts of the script, in the order in which they need each other. */
const PARTS = ["operations", "redact", "values", "streams", "entries"];

/** What the script adds to records. */
export interface ScriptSettings {
    readonly cluster: string;
    /** Environment of every namespace that is not in `environments`. */
    readonly environment: string;
    readonly environments: Readonly<Record<string, string>>;
}

/** The Lua script that brings every record into the common schema (docs/components/log-schema.md), settings first. */
export function logSchemaScript({ cluster, environment, environments }: ScriptSettings): string {
    const known = Object.entries(environments).map(
        ([namespace, name]) => `    [${JSON.stringify(namespace)}] = ${JSON.stringify(name)},\n`,
    );
    return [
        `local CLUSTER = ${JSON.stringify(cluster)}`,
        `local ENVIRONMENT = ${JSON.stringify(environment)}`,
        `local ENVIRONMENTS = {\n${known.join("")}}\n`,
        ...PARTS.map((part) => fs.readFileSync(path.join(__dirname, "lua", `${part}.lua`), "utf8")),
    ].join("\n");
}
