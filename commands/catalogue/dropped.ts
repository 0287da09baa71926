import * as fs from "node:fs";
import * as path from "node:path";

import { parseExposition, Sample } from "./exposition";
import { DUMPS } from "./files";

export interface RecordedDump {
    /** What answered: `standalone`, `replication-master`, `sentinel`, ... */
    readonly name: string;
    readonly samples: readonly Sample[];
}

/** The recorded answers of redis_exporter by the kind of pod, without the one that was asked for single keys too. */
export function recordedDumps(): RecordedDump[] {
    const exposer = path.join(DUMPS, "redis-exporter");
    const [version = ""] = fs.readdirSync(exposer);
    return fs
        .readdirSync(path.join(exposer, version))
        .filter((file) => file !== "keys.prom")
        .map((file) => ({
            name: path.basename(file, ".prom"),
            samples: parseExposition(fs.readFileSync(path.join(exposer, version, file), "utf8"))
                .samples,
        }));
}

/** What is stored of an answer. */
export function samplesKept(samples: readonly Sample[], dropped: RegExp): Sample[] {
    return samples.filter(({ name }) => !dropped.test(name));
}
