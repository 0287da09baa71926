import { ChildProcess, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

import type { PipelinePaths } from "../../../components/logging/pipeline/logFiles";
import { Pipeline, pipelineFile } from "../../../components/logging/pipeline/pipeline";
import type { Plugin } from "../../../components/logging/pipeline/plugin";
import {
    logSchemaScript,
    SCRIPT_FILE,
    ScriptSettings,
} from "../../../components/logging/pipeline/script";
import { eventually, terminate } from "../../../lab/tools/commands";

/** Folders of a pipeline on this machine, below one of its own. */
export function localPaths(folder: string, caFile: string): PipelinePaths {
    const paths = {
        logs: path.join(folder, "containers"),
        state: path.join(folder, "state"),
        scripts: path.join(folder, "scripts"),
        caFile,
    };
    [paths.logs, paths.state, paths.scripts].forEach((each) =>
        fs.mkdirSync(each, { recursive: true }),
    );
    return paths;
}

/** What a test must change of the real configuration: where the API server is, and how long a retry waits. */
export interface LocalChanges {
    readonly kubernetes: Plugin;
    readonly httpPort: number;
    readonly service?: Plugin;
    readonly output?: Plugin;
}

export function localPipeline(pipeline: Pipeline, changes: LocalChanges): Pipeline {
    const withKubernetes = (plugin: Plugin): Plugin =>
        plugin.name === "kubernetes" || plugin.name === "kubernetes_events"
            ? { ...plugin, ...changes.kubernetes }
            : plugin;
    const { inputs, filters, outputs } = pipeline.pipeline;
    return {
        ...pipeline,
        service: {
            ...pipeline.service,
            http_listen: "127.0.0.1",
            http_port: changes.httpPort,
            "scheduler.base": 1,
            "scheduler.cap": 1,
            ...changes.service,
        },
        pipeline: {
            inputs: inputs
                .map(withKubernetes)
                .map((input) =>
                    input.name === "tail" ? { ...input, refresh_interval: 1 } : input,
                ),
            filters: filters.map(withKubernetes),
            outputs: outputs.map((output) => ({ ...output, ...changes.output })),
        },
    };
}

/** A Fluent Bit process with its own folder; what it wrote is in `output`. */
export class FluentBitProcess {
    public output = "";
    private child: ChildProcess | undefined;

    constructor(
        private readonly folder: string,
        paths: PipelinePaths,
        private readonly pipeline: Pipeline,
        script: ScriptSettings,
        private readonly user: { readonly name: string; readonly password: string },
    ) {
        fs.writeFileSync(path.join(paths.scripts, SCRIPT_FILE), logSchemaScript(script));
    }

    public async start(): Promise<void> {
        const file = path.join(this.folder, "fluent-bit.yaml");
        fs.writeFileSync(file, pipelineFile(this.pipeline));
        const env = {
            ...process.env,
            ES_USERNAME: this.user.name,
            ES_PASSWORD: this.user.password,
        };
        const child = spawn("fluent-bit", ["--config", file], { env });
        this.child = child;
        [child.stdout, child.stderr].forEach((stream) =>
            stream.on("data", (text: Buffer) => (this.output += text.toString("utf8"))),
        );
        process.on("exit", this.kill);
        await eventually("Fluent Bit is up", 20, async () => {
            if (child.exitCode !== null) {
                throw new Error(`Fluent Bit ended:\n${this.output}`);
            }
            const response = await fetch(this.url("/api/v1/uptime")).catch(() => undefined);
            return response?.ok ? true : undefined;
        });
    }

    /** SIGTERM as the kubelet does, or SIGKILL as a lost node does. */
    public async stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
        const child = this.child;
        this.child = undefined;
        if (child) {
            await terminate(child, signal);
        }
        process.off("exit", this.kill);
    }

    /** Sum of a metric's series whose labels hold all of `labels`. */
    public async metric(
        name: string,
        labels: Readonly<Record<string, string>> = {},
    ): Promise<number> {
        const text = await (await fetch(this.url("/api/v2/metrics/prometheus"))).text();
        return text
            .split("\n")
            .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
            .filter((line) =>
                Object.entries(labels).every(([key, value]) => line.includes(`${key}="${value}"`)),
            )
            .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
    }

    public url(at: string): string {
        return `http://127.0.0.1:${String(this.pipeline.service.http_port)}${at}`;
    }

    private readonly kill = (): void => void this.child?.kill("SIGKILL");
}
