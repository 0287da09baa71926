import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

import { parse, stringify } from "yaml";

import { valueAt } from "./program/objects";
import { PROJECT, readStackFile, ROOT } from "./program/stackFile";
import { isOnPath, run } from "./tools/commands";

/** What the engine ring needs; from the environment. */
export interface EngineSetup {
    /** CHARTS_DIR: a folder with the archives of every chart of components/versions.ts, as `helm pull` names them. */
    readonly chartsFolder: string;
    /** KUBE_CONTEXT: a context of the kubeconfig, of a cluster that may be filled and emptied. */
    readonly kubeContext: string;
    /** ENGINE_PODS=real: pods of the cluster really run; otherwise they may be simulated. */
    readonly realPods: boolean;
}

/** npm puts the project's own commands first, and its `pulumi` fetches a CLI instead of being one. */
function withoutNpmCommands(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    const folders = (env.PATH ?? "").split(path.delimiter);
    const kept = folders.filter((folder) => path.basename(folder) !== ".bin");
    return { ...env, PATH: kept.join(path.delimiter) };
}

/** The setup, or why the ring cannot run here. */
export function engineSetup(env: NodeJS.ProcessEnv = process.env): EngineSetup | string {
    const missing = [
        ...(isOnPath("pulumi", withoutNpmCommands(env)) ? [] : ["the Pulumi CLI on the PATH"]),
        ...(isOnPath("kubectl") ? [] : ["kubectl on the PATH"]),
        ...(env.CHARTS_DIR ? [] : ["CHARTS_DIR, a folder with the charts' archives"]),
        ...(env.KUBE_CONTEXT ? [] : ["KUBE_CONTEXT, the context of a cluster for tests"]),
    ];
    return missing.length > 0
        ? `the engine ring did not run; it needs ${missing.join("; ")}`
        : {
              chartsFolder: path.resolve(env.CHARTS_DIR ?? ""),
              kubeContext: env.KUBE_CONTEXT ?? "",
              realPods: env.ENGINE_PODS === "real",
          };
}

/** A step of a preview: what the engine would do with a resource. */
export interface PreviewStep {
    readonly op: string;
    readonly urn: string;
}

/** A copy of the project in a temporary folder, with a state of its own, so that nothing of the user's is touched. */
export class EngineProject {
    public readonly folder: string;
    private readonly env: NodeJS.ProcessEnv;

    constructor(
        private readonly setup: EngineSetup,
        /** Of the commands, beside what they inherit. */
        variables: Readonly<Record<string, string>> = {},
    ) {
        this.folder = fs.mkdtempSync(path.join(os.tmpdir(), "observability-engine-"));
        const state = path.join(this.folder, "state");
        fs.mkdirSync(state);
        for (const name of [
            "index.ts",
            "program.cjs",
            "transpile.cjs",
            "components",
            "package.json",
            "tsconfig.json",
            "Pulumi.yaml",
        ]) {
            fs.cpSync(path.join(ROOT, name), path.join(this.folder, name), { recursive: true });
        }
        for (const stack of ["staging", "prod"]) {
            // Without what belongs to the user's own backend: the key, and the secrets that only it opens.
            const settings = Object.entries(readStackFile(stack)).filter(
                ([key]) => key !== "receiverSecrets" && key !== "kubeContext",
            );
            const keys = settings.map(([key, value]) => [`${PROJECT}:${key}`, value]);
            const file = path.join(this.folder, `Pulumi.${stack}.yaml`);
            fs.writeFileSync(file, stringify({ config: Object.fromEntries(keys) as object }));
        }
        fs.symlinkSync(path.join(ROOT, "node_modules"), path.join(this.folder, "node_modules"));
        this.env = {
            ...withoutNpmCommands(process.env),
            ...variables,
            PULUMI_BACKEND_URL: `file://${state}`,
            PULUMI_CONFIG_PASSPHRASE: "engine",
            PULUMI_SKIP_UPDATE_CHECK: "true",
        };
    }

    /** Takes a stack file of docs/examples as that of a stack. */
    example(name: string, file: string): void {
        const from = path.join(ROOT, "docs/examples", file);
        fs.copyFileSync(from, path.join(this.folder, `Pulumi.${name}.yaml`));
    }

    /** Creates a stack of that name with what a real one has to set. Pods that are simulated never get ready. */
    async stack(name: string, receivers: readonly string[]): Promise<EngineStack> {
        const stack = new EngineStack(this.folder, name, this.env);
        await stack.pulumi("stack", "init", name);
        await stack.set("kubeContext", this.setup.kubeContext);
        await stack.set("alerting.runbookBaseUrl", "https://runbooks.example.com");
        await stack.set("charts.source", this.setup.chartsFolder);
        await stack.set("cluster.waitForReady", "false");
        const file = path.join(this.folder, `Pulumi.${name}.yaml`);
        const { config } = parse(fs.readFileSync(file, "utf8")) as { config: object };
        if (valueAt(config, `${PROJECT}:elasticsearch`, "snapshots", "bucket") === "") {
            await stack.set("elasticsearch.snapshots.bucket", "snapshots");
            await stack.setSecret("snapshotCredentials.accessKey", "id");
            await stack.setSecret("snapshotCredentials.secretKey", "key");
        }
        for (const receiver of receivers) {
            await stack.setSecret(`receiverSecrets.${receiver}`, "https://receiver.example.com");
        }
        return stack;
    }

    remove(): void {
        fs.rmSync(this.folder, { recursive: true, force: true });
    }
}

/** One stack, driven by the Pulumi CLI. */
export class EngineStack {
    constructor(
        private readonly folder: string,
        private readonly name: string,
        private readonly env: NodeJS.ProcessEnv,
    ) {}

    /** Runs `pulumi ARGS`; throws with everything that it printed when it fails. */
    pulumi(...args: readonly string[]): Promise<string> {
        return run("pulumi", [...args, "--non-interactive"], { cwd: this.folder, env: this.env });
    }

    async set(key: string, value: string): Promise<void> {
        await this.pulumi("config", "set", ...this.at(), "--path", `${PROJECT}:${key}`, value);
    }

    async setSecret(key: string, value: string): Promise<void> {
        const flags = ["--secret", "--path", `${PROJECT}:${key}`, value];
        await this.pulumi("config", "set", ...this.at(), ...flags);
    }

    async remove(key: string): Promise<void> {
        await this.pulumi("config", "rm", ...this.at(), "--path", `${PROJECT}:${key}`);
    }

    up(...flags: readonly string[]): Promise<string> {
        return this.pulumi("up", ...this.at(), "--yes", "--skip-preview", ...flags);
    }

    /**
     * An `up` of which something is killed with SIGKILL after so many milliseconds: the CLI, which leaves its providers
     * behind, or the Kubernetes provider, after which the CLI ends by itself. Returns whether it was still running.
     */
    async upKilled(afterMs: number, victim: "cli" | "provider"): Promise<boolean> {
        const args = ["up", ...this.at(), "--yes", "--skip-preview", "--non-interactive"];
        const child = spawn("pulumi", args, { cwd: this.folder, env: this.env, stdio: "ignore" });
        const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
        const late = new Promise<"late">((resolve) =>
            setTimeout(() => resolve("late"), afterMs).unref(),
        );
        if ((await Promise.race([ended, late])) !== "late") {
            return false;
        }
        if (victim === "cli") {
            child.kill("SIGKILL");
        } else {
            for (const pid of providersOf(child.pid ?? 0)) {
                process.kill(pid, "SIGKILL");
            }
        }
        await ended;
        return true;
    }

    /** Gives the stack free after its CLI was killed, as docs/recovery.md says. */
    cancel(): Promise<string> {
        // A file backend that was killed as it wrote: the state is whole, its attributes are empty.
        const stacks = path.join(this.folder, "state", ".pulumi", "stacks");
        fs.readdirSync(stacks, { recursive: true, encoding: "utf8" })
            .filter((file) => file.endsWith(".attrs"))
            .map((file) => path.join(stacks, file))
            .filter((file) => fs.statSync(file).size === 0)
            .forEach((file) => fs.rmSync(file));
        return this.pulumi("cancel", this.name, "--yes");
    }

    refresh(...flags: readonly string[]): Promise<string> {
        return this.pulumi("refresh", ...this.at(), "--yes", "--skip-preview", ...flags);
    }

    destroy(): Promise<string> {
        return this.pulumi("destroy", ...this.at(), "--yes", "--skip-preview");
    }

    /** What an update would change: every step but those that leave a resource as it is. */
    async changes(): Promise<PreviewStep[]> {
        const text = await this.pulumi("preview", ...this.at(), "--json");
        const { steps } = JSON.parse(text) as { steps: PreviewStep[] };
        return steps.filter(({ op }) => op !== "same");
    }

    async outputs(): Promise<Record<string, unknown>> {
        const text = await this.pulumi("stack", "output", ...this.at(), "--json");
        return JSON.parse(text) as Record<string, unknown>;
    }

    private at(): string[] {
        return ["--stack", this.name];
    }
}

/** Processes of the Kubernetes provider that a CLI started. */
function providersOf(cli: number): number[] {
    const { stdout } = spawnSync("ps", ["-o", "pid=,args=", "--ppid", String(cli)], {
        encoding: "utf8",
    });
    return stdout
        .split("\n")
        .filter((line) => line.includes("pulumi-resource-kubernetes"))
        .map((line) => Number.parseInt(line, 10));
}
