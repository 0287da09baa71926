import * as fs from "node:fs";
import * as path from "node:path";

import { ROOT } from "../../lab/program/stackFile";
import { catalogueFile, exposersOf } from "./files";

/**
 * `npm run catalogue -- FOLDER`: writes the catalogue's file of each exposer that FOLDER has dumps of, and
 * of each that only has a list in commands/catalogue/lists. The others stay as they are.
 */
async function main(folder: string | undefined): Promise<void> {
    if (folder === undefined) {
        throw new Error(
            "usage: npm run catalogue -- FOLDER; docs/components/metric-catalogue.md says how to fill it",
        );
    }
    for (const exposer of exposersOf(folder)) {
        const { file, content } = await catalogueFile(folder, exposer);
        fs.writeFileSync(file, content);
        console.log(path.relative(ROOT, file));
    }
}

void main(process.argv[2]);
