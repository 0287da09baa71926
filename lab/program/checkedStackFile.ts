import * as fs from "node:fs";
import * as path from "node:path";

import { formatProblems } from "../../components/settings/problems";
import { configurationProblems } from "../../components/stack/config";
import { readStackText } from "../../components/stack/stackFileText";
import { PROJECT, Settings, stackSettings, withoutPrefix } from "./stackFile";

/**
 * The values of Pulumi.<stack>.yaml in a folder. Throws what is wrong in its text and, where that can be read, in its
 * values too: the program, which checks values, is not run with a text that the engine reads differently.
 */
export function checkedStackFile(stack: string, root: string): Settings {
    const text = fs.readFileSync(path.join(root, `Pulumi.${stack}.yaml`), "utf8");
    const { config, problems } = readStackText(text, PROJECT);
    const settings = withoutPrefix(config);
    if (problems.length === 0) {
        return settings;
    }
    const told = new Set(problems.map((each) => each.path));
    const others =
        Object.keys(config).length > 0
            ? configurationProblems(PROJECT, stackSettings(settings).config)
            : [];
    const all = [...problems, ...others.filter((each) => !told.has(each.path))];
    throw new Error(formatProblems(all, PROJECT, stack));
}
