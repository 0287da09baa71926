import { ProgramOptions } from "../../lab/program/program";
import { isolatedRun } from "../../lab/program/runs";
import type { Settings } from "../../lab/program/stackFile";

/** The list that a preview prints of values that are not set and that only a user knows. */
const UNSET = /To set before `npx pulumi up/;
const COMMAND = /pulumi config set (?:--\w+ )*'observability:([^']+)' ([A-Z]+) /g;

/** What stands for a user's values, by what the program's list says they are. */
const VALUES: Readonly<Record<string, string>> = {
    // A context of the control plane's kubeconfig.
    CONTEXT: "prod",
    URL: "https://example.com/runbooks",
    HOST: "web.example.com",
    NAME: "example",
};

/** The settings, with a value for everything that a preview of the program says is still to set. */
export async function withEverythingSet(options: ProgramOptions): Promise<Settings> {
    const { log } = await isolatedRun({ ...options, preview: true });
    const list = log.find((line) => UNSET.test(line));
    return list === undefined ? options.settings : filled(options.settings, list);
}

function filled(settings: Settings, list: string): Settings {
    const copy = structuredClone(settings);
    for (const [, path = "", placeholder = ""] of list.matchAll(COMMAND)) {
        const keys = path.split(".");
        const last = keys.pop() ?? "";
        const holder = keys.reduce<Settings>((here, key) => (here[key] ??= {}) as Settings, copy);
        // Most secrets are URLs, and what is none may be anything.
        holder[last] = VALUES[placeholder] ?? `https://example.com/${last}`;
    }
    return copy;
}
