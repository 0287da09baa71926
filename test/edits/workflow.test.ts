import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as http from "node:http";
import type * as net from "node:net";
import * as path from "node:path";

import { parse } from "yaml";

import { withFolder } from "../../lab/program/runs";
import { FIXTURES, ROOT } from "../../lab/program/stackFile";
import { isOnPath } from "../../lab/tools/commands";
import { skip } from "../support/skip";

interface Step {
    readonly id?: string;
    readonly run?: string;
    readonly uses?: string;
}

const ACTION = path.join(ROOT, ".github/actions/set-up-stack/action.yml");

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

/** What a runner keeps of one step for the next, by the name of the variable that names its file. */
function written(folder: string, file: string): Record<string, string> {
    const lines = fs.readFileSync(path.join(folder, file), "utf8").trimEnd().split("\n");
    return Object.fromEntries(
        lines.map((line) => {
            const [name = "", ...value] = line.split("=");
            return [name, value.join("=")] as const;
        }),
    );
}

describe("The steps that set up a stack for a preview and for an update", function () {
    this.timeout(60_000);

    /** The commands of the action, in their order, without `npm ci`, which is what made this checkout's node_modules. */
    function scripts(): string[] {
        const text = fs.readFileSync(ACTION, "utf8");
        const { runs } = parse(text) as { runs: { steps: readonly Step[] } };
        return runs.steps.flatMap(({ run }) => (run && run !== "npm ci" ? [run] : []));
    }

    /** Runs one of them as a runner does, with what `env:` gives it. */
    async function step(
        folder: string,
        script: string,
        env: Record<string, string>,
    ): Promise<{ status: number | null; printed: string }> {
        for (const file of ["output", "env"]) {
            fs.writeFileSync(path.join(folder, file), "", { flag: "a" });
        }
        const child = spawn(
            "bash",
            ["--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script],
            {
                cwd: ROOT,
                env: {
                    HOME: folder,
                    PATH: `${path.dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
                    GITHUB_OUTPUT: path.join(folder, "output"),
                    GITHUB_ENV: path.join(folder, "env"),
                    RUNNER_TEMP: folder,
                    ...env,
                },
            },
        );
        let printed = "";
        child.stdout.on("data", (data) => (printed += String(data)));
        child.stderr.on("data", (data) => (printed += String(data)));
        const [status] = (await once(child, "close")) as [number | null];
        return { status, printed };
    }

    it("are three commands of our own", () => {
        assert.equal(scripts().length, 3);
    });

    it("say which Pulumi CLI package.json pins", async () => {
        await withFolder(async (folder) => {
            const [version = ""] = scripts();
            const { status, printed } = await step(folder, version, {});
            assert.equal(status, 0, printed);
            assert.match(written(folder, "output").version ?? "", /^3\.\d+\.\d+$/);
        });
    });

    it("write the kubeconfig where only the job reads it, and name it to what comes after", async () => {
        await withFolder(async (folder) => {
            const [, kubeconfig = ""] = scripts();
            const CONTENT = "apiVersion: v1\nkind: Config\nusers: []";
            const { status, printed } = await step(folder, kubeconfig, { CONTENT });
            assert.equal(status, 0, printed);
            assert.ok(!printed.includes("Config"), printed);
            const file = path.join(folder, "kubeconfig");
            assert.deepEqual(written(folder, "env"), { KUBECONFIG: file });
            assert.equal(fs.readFileSync(file, "utf8"), `${CONTENT}\n`);
            assert.equal(fs.statSync(file).mode & 0o777, 0o600);
        });
    });

    it("end with the secret that is missing", async () => {
        await withFolder(async (folder) => {
            const [, kubeconfig = ""] = scripts();
            const { status, printed } = await step(folder, kubeconfig, { CONTENT: "" });
            assert.equal(status, 1);
            assert.match(printed, /^::error::The secret KUBECONFIG is not set/);
            assert.equal(fs.readFileSync(path.join(folder, "env"), "utf8"), "");
        });
    });

    describe("with an issuer of tokens", () => {
        const asked: string[] = [];
        let answer: { status: number; body: string };
        let issuer: http.Server;
        before(async function () {
            const missing = ["curl", "jq"].filter((name) => !isOnPath(name));
            if (missing.length > 0) {
                skip(this, `${missing.join(" and ")} missing on the PATH; a runner has both`);
            }
            issuer = http.createServer((request, response) => {
                asked.push(`${request.headers.authorization} ${request.url}`);
                response.writeHead(answer.status).end(answer.body);
            });
            await once(issuer.listen(0, "127.0.0.1"), "listening");
        });
        after(() => {
            issuer?.close();
        });

        function token(folder: string): ReturnType<typeof step> {
            const [, , oidc = ""] = scripts();
            const { port } = issuer.address() as net.AddressInfo;
            return step(folder, oidc, {
                AUDIENCE: "api://AzureADTokenExchange",
                ACTIONS_ID_TOKEN_REQUEST_TOKEN: "of-the-job",
                ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${port}/token?api-version=2.0`,
            });
        }

        it("leave the job's token where the SDKs of clouds look", async () => {
            await withFolder(async (folder) => {
                answer = {
                    status: 200,
                    body: JSON.stringify({ value: "header.claims.signature" }),
                };
                const { status, printed } = await token(folder);
                assert.equal(status, 0, printed);
                assert.ok(!printed.includes("signature"), printed);
                assert.deepEqual(asked.splice(0), [
                    "Bearer of-the-job /token?api-version=2.0&audience=api%3a%2f%2fAzureADTokenExchange",
                ]);
                const file = path.join(folder, "oidc-token");
                assert.deepEqual(written(folder, "env"), {
                    AWS_WEB_IDENTITY_TOKEN_FILE: file,
                    AZURE_FEDERATED_TOKEN_FILE: file,
                });
                assert.equal(fs.readFileSync(file, "utf8"), "header.claims.signature\n");
                assert.equal(fs.statSync(file).mode & 0o777, 0o600);
            });
        });

        for (const [title, refused] of Object.entries({
            "is refused": { status: 403, body: "" },
            "has no token in it": { status: 200, body: "{}" },
        })) {
            it(`end where the answer ${title}, and name no token to what comes after`, async () => {
                await withFolder(async (folder) => {
                    answer = refused;
                    const { status } = await token(folder);
                    assert.notEqual(status, 0);
                    assert.equal(fs.readFileSync(path.join(folder, "env"), "utf8"), "");
                });
            });
        }
    });
});
