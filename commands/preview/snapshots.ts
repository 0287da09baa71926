import * as fs from "node:fs";
import * as path from "node:path";

import { isolatedRun } from "../../lab/program/runs";
import { readStackFile, ROOT, stackNames } from "../../lab/program/stackFile";
import { routingTable } from "./routes";

/** The file whose changes show in a pull request who would be told of what. */
export function routesFile(stack: string, root = ROOT): string {
    return path.join(root, "docs", "routes", `${stack}.txt`);
}

/** What the file must hold. */
export async function routesText(stack: string, root = ROOT): Promise<string> {
    const settings = readStackFile(stack, root);
    const { registrations } = await isolatedRun({ stack, settings });
    return `${routingTable(registrations, settings).join("\n")}\n`;
}

/** `npm run routes`: writes the files of all stacks afresh. */
async function main(): Promise<void> {
    for (const stack of stackNames(ROOT)) {
        const file = routesFile(stack);
        fs.mkdirSync(path.dirname(file), { recursive: true });
        fs.writeFileSync(file, await routesText(stack));
        console.log(`wrote ${path.relative(ROOT, file)}`);
    }
}

if (require.main === module) {
    void main();
}
