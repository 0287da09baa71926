import * as fs from "node:fs";
import * as path from "node:path";

import { schema } from "../../components/stack/config";
import { ROOT } from "../../lab/program/stackFile";
import { GENERATED } from "./documents";

/** `npm run configuration`: writes what is made of the schema of the configuration. */
for (const { file, generate } of GENERATED) {
    const at = path.join(ROOT, file);
    const text = fs.existsSync(at) ? fs.readFileSync(at, "utf8") : "";
    const made = generate(text, schema);
    fs.writeFileSync(at, made);
    console.log(`${made === text ? "unchanged" : "wrote"} ${file}`);
}
