import { execFile } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

/** What failed in each file of `promtool test rules`, as it says it. Throws when it could not run one of them. */
export async function failuresOf(
    promtool: string,
    files: readonly string[],
): Promise<Map<string, readonly string[]>> {
    const report = path.join(path.dirname(files[0] ?? ""), "junit.xml");
    const output = await new Promise<string>((resolve) => {
        execFile(
            promtool,
            ["test", "rules", `--junit=${report}`, ...files],
            { maxBuffer: 1024 ** 3 },
            (_error, stdout, stderr) => resolve(`${stdout}\n${stderr}`),
        );
    });
    const text = fs.existsSync(report) ? fs.readFileSync(report, "utf8") : "";
    const suites = text.matchAll(
        /<testsuite name="([^"]+)"[^>]* errors="(\d+)"[^>]*>(.*?)<\/testsuite>/gs,
    );
    const found = new Map<string, readonly string[]>();
    for (const [, file = "", errors, content = ""] of suites) {
        if (errors !== "0") {
            throw new Error(`promtool could not run ${file}:\n${output.slice(-2000)}`);
        }
        found.set(
            file,
            [...content.matchAll(/<failure>(.*?)<\/failure>/gs)].map(([, failure = ""]) => failure),
        );
    }
    if (found.size !== files.length) {
        throw new Error(
            `promtool ran ${found.size} of ${files.length} files:\n${output.slice(-2000)}`,
        );
    }
    return found;
}
