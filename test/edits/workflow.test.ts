import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

import { parse } from "yaml";

import { withFolder } from "../../lab/program/runs";
import { FIXTURES, ROOT } from "../../lab/program/stackFile";
import { skip } from "../support/skip";

interface Step {
    readonly id?: string;
    readonly run?: string;
}

/** The commands of the workflow that checks a change, but for lint and tests: this is one of them. */
function commands(): string[] {
    const text = fs.readFileSync(path.join(ROOT, ".github/workflows/check.yml"), "utf8");
    const { jobs } = parse(text) as { jobs: { check: { steps: readonly Step[] } } };
    return jobs.check.steps
        .flatMap(({ run }) => run ?? [])
        .filter((run) => !["npm run lint", "npm test"].includes(run));
}

/** Runs a command as a runner does: an empty HOME, and no variables but those that a runner sets. */
function runner(folder: string): (command: string) => { status: number | null; printed: string } {
    const home = path.join(folder, "home");
    fs.mkdirSync(home);
    const env = {
        HOME: home,
        PATH: `${path.dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
        GITHUB_OUTPUT: path.join(folder, "output"),
    };
    return (command) => {
        const cwd = path.join(folder, "checkout");
        const { status, stdout, stderr } = spawnSync("bash", ["-e", "-c", command], { cwd, env });
        return { status, printed: `${command}:\n${String(stdout)}${String(stderr)}` };
    };
}

/** A checkout of what is here, with the product's own stack files and their routes. */
function checkout(folder: string, tracked: readonly string[]): void {
    const at = path.join(folder, "checkout");
    for (const file of tracked) {
        if (!/^Pulumi\..+\.yaml$/.test(file) && fs.existsSync(path.join(ROOT, file))) {
            fs.cpSync(path.join(ROOT, file), path.join(at, file));
        }
    }
    for (const stack of ["staging", "prod"]) {
        const name = `Pulumi.${stack}.yaml`;
        fs.copyFileSync(path.join(FIXTURES, name), path.join(at, name));
    }
    // `npm ci` is what every other command begins with in a fresh clone.
    fs.symlinkSync(path.join(ROOT, "node_modules"), path.join(at, "node_modules"));
}

const COMMIT =
    "git init -q && git add -A && git -c user.name=test -c user.email=test@example.com commit -q -m all";

describe("The workflow that checks a change", function () {
    this.timeout(300_000);

    function inCheckout(
        context: Mocha.Context,
        use: (run: ReturnType<typeof runner>, folder: string) => void,
    ): Promise<void> {
        const listed = spawnSync("git", ["ls-files", "-z"], { cwd: ROOT });
        if (listed.status !== 0) {
            return skip(context, "this folder is no checkout of git");
        }
        return withFolder((folder) => {
            checkout(folder, String(listed.stdout).split("\0").filter(Boolean));
            const run = runner(folder);
            const prepared = run(`npm run routes && ${COMMIT}`);
            assert.equal(prepared.status, 0, prepared.printed);
            return Promise.resolve(use(run, folder));
        });
    }

    it("passes on a runner that has nothing but Node.js and git", async function () {
        const all = commands();
        assert.equal(all.length, 4);
        await inCheckout(this, (run, folder) => {
            for (const command of all) {
                const { status, printed } = run(command);
                assert.equal(status, 0, printed);
            }
            const output = fs.readFileSync(path.join(folder, "output"), "utf8");
            assert.equal(output, 'stacks=["staging","prod"]\n');
            const rendered = fs.readdirSync(path.join(folder, "checkout", "rendered"));
            assert.deepEqual(rendered.sort(), ["prod", "staging"]);
        });
    });

    it("fails when a change of who is told of what was not written down, and says what to do", async function () {
        await inCheckout(this, (run, folder) => {
            const file = path.join(folder, "checkout", "Pulumi.prod.yaml");
            const text = fs.readFileSync(file, "utf8");
            const before = "messages: { severities: [warning], receivers: [chat] }";
            assert.ok(text.includes(before));
            fs.writeFileSync(file, text.replace(before, before.replace("chat", "pager")));
            const [command = ""] = commands().filter((each) => each.includes("npm run routes"));
            const { status, printed } = run(command);
            assert.equal(status, 1, printed);
            assert.match(printed, /commit what 'npm run routes' writes/);
        });
    });
});
