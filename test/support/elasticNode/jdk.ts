import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

/** What Elasticsearch 9 needs at least. */
const OLDEST_JAVA = 21;
/** Where distributions put what is not the default. */
const JDK_FOLDER = "/usr/lib/jvm";

/** Folder `bin` of a JDK that runs and compiles for Elasticsearch, or undefined when there is none. */
export function jdk(): string | undefined {
    const named = process.env.JAVA_HOME ? [path.join(process.env.JAVA_HOME, "bin")] : [];
    const onPath = (process.env.PATH ?? "").split(path.delimiter);
    const installed = fs.existsSync(JDK_FOLDER)
        ? fs
              .readdirSync(JDK_FOLDER)
              .sort()
              .map((each) => path.join(JDK_FOLDER, each, "bin"))
        : [];
    return [...named, ...onPath, ...installed].find((folder) => version(folder) >= OLDEST_JAVA);
}

/** Major version of the JDK, or 0 when there is none. */
function version(folder: string): number {
    const javac = path.join(folder, "javac");
    if (!fs.existsSync(javac)) {
        return 0;
    }
    const { stdout } = spawnSync(javac, ["--version"], { encoding: "utf8" });
    return Number(/^javac (\d+)/.exec(stdout ?? "")?.[1] ?? 0);
}
