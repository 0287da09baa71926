import * as fs from "node:fs";
import * as path from "node:path";

import { ROOT } from "../../lab/program/stackFile";
import { specFields } from "./fields";

/** What is written, and of which kinds. */
export const SPEC_FIELDS: Readonly<Record<string, readonly string[]>> = {
    "components/redis/specFields.json": [
        "Redis",
        "RedisReplication",
        "RedisSentinel",
        "RedisCluster",
    ],
    "components/logging/specFields.json": ["Elasticsearch", "Kibana"],
};

/** The text of such a file: a line for each kind. */
export function specFieldsText(crds: string, kinds: readonly string[]): string {
    const lines = Object.entries(specFields(crds, kinds)).map(
        ([kind, fields]) => `    ${JSON.stringify(kind)}: ${JSON.stringify(fields)}`,
    );
    return `{\n${lines.join(",\n")}\n}\n`;
}

/** `npm run spec-fields -- FILE...`: writes what the CRDs in these files have. */
function main(): void {
    const files = process.argv.slice(2);
    if (files.length === 0) {
        throw new Error(
            "usage: npm run spec-fields -- FILE..., files with the CRDs of the Redis operator and of ECK, such as `kubectl get crd --output yaml` or `helm template` writes them",
        );
    }
    const crds = files.map((file) => fs.readFileSync(file, "utf8")).join("\n---\n");
    for (const [file, kinds] of Object.entries(SPEC_FIELDS)) {
        fs.writeFileSync(path.join(ROOT, file), specFieldsText(crds, kinds));
        console.log(`wrote ${file}`);
    }
}

if (require.main === module) {
    try {
        main();
    } catch (error) {
        console.error(error instanceof Error ? error.message : String(error));
        process.exitCode = 1;
    }
}
