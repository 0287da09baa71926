import { execFile } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

/** The files whose tests fail. Throws when promtool could not run one of them. */
export async function runStatus(promtool: string, files: readonly string[]): Promise<Set<string>> {
    const [first = ""] = files;
    const report = path.join(path.dirname(first), "junit.xml");
    const output = await new Promise<string>((resolve) => {
        execFile(
            promtool,
            ["test", "rules", `--junit=${report}`, ...files],
            { maxBuffer: 256 * 2 ** 20 },
            (_error, stdout, stderr) => resolve(`${stdout}\n${stderr}`),
        );
    });
    const failed = new Set<string>();
    const suites = fs.existsSync(report) ? fs.readFileSync(report, "utf8") : "";
    const seen = [
        ...suites.matchAll(
            /<testsuite name="([^"]+)" tests="(\d+)" failures="(\d+)" errors="(\d+)"/g,
        ),
    ];
    for (const [, file = "", tests, failures, errors] of seen) {
        if (tests !== "1" || errors !== "0") {
            throw new Error(`promtool could not run ${file}:\n${output.slice(-2000)}`);
        }
        if (failures !== "0") {
            failed.add(file);
        }
    }
    if (seen.length !== files.length) {
        throw new Error(
            `promtool ran ${seen.length} of ${files.length} files:\n${output.slice(-2000)}`,
        );
    }
    return failed;
}
