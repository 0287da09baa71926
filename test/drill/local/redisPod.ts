import * as fs from "node:fs";
import * as path from "node:path";

import { eventually } from "../../support/commands";
import { redisCli } from "../redisCli";
import type { Pod, RedisServer } from "../stage";
import type { Processes, Started } from "./processes";

/** What a pod is started with. */
export interface PodSpec {
    readonly name: string;
    /** Value of its label `app`: the operator's name for the workload. */
    readonly app: string;
    readonly port: number;
    readonly exporterPort: number;
    readonly program: "redis-server" | "redis-sentinel";
    /** Lines of its configuration, beside its port and its folder. */
    readonly config: readonly string[];
    /** Empty for a Sentinel, which has none. */
    readonly password: string;
    readonly exporterEnv: Readonly<Record<string, string>>;
}

/** A Redis or Sentinel and its exporter as local processes. */
export class RedisPod implements Pod {
    readonly name: string;
    readonly server: RedisServer;
    private redis: Started | undefined;
    private exporter: Started | undefined;

    /** `onChange` is called with whether the pod exists, before that changes. */
    constructor(
        readonly spec: PodSpec,
        private readonly folder: string,
        private readonly processes: Processes,
        private readonly onChange: (pod: RedisPod, exists: boolean) => void,
    ) {
        this.name = spec.name;
        this.server = { host: "127.0.0.1", port: spec.port, password: spec.password };
    }

    async start(): Promise<void> {
        this.onChange(this, true);
        await this.startRedis();
        await this.startExporter();
    }

    async kill(): Promise<void> {
        await Promise.all([this.stopRedis(), this.killExporter()]);
        this.onChange(this, false);
    }

    /** On the data that it had. */
    async startRedis(): Promise<void> {
        const { name } = this;
        this.redis = this.processes.start(name, this.spec.program, [this.configFile()]);
        await eventually(`Redis of ${name} answers`, 20, async () =>
            (await redisCli(this.server, "PING")).startsWith("PONG") ? true : undefined,
        ).catch((error: unknown) => {
            throw new Error(`${String(error)}\n${this.processes.lastLines(name)}`);
        });
    }

    async stopRedis(): Promise<void> {
        await this.redis?.kill();
    }

    startExporter(): Promise<void> {
        const { name, port, exporterPort, password, exporterEnv } = this.spec;
        this.exporter = this.processes.start(`${name}-exporter`, "prometheus-redis-exporter", [], {
            ...exporterEnv,
            REDIS_ADDR: `redis://127.0.0.1:${port}`,
            REDIS_PASSWORD: password,
            REDIS_EXPORTER_WEB_LISTEN_ADDRESS: `127.0.0.1:${exporterPort}`,
        });
        return Promise.resolve();
    }

    async killExporter(): Promise<void> {
        await this.exporter?.kill();
    }

    /** Written once: Sentinel keeps its state in it. */
    private configFile(): string {
        const { name, port, config } = this.spec;
        const folder = path.join(this.folder, name);
        const file = path.join(folder, "redis.conf");
        if (!fs.existsSync(file)) {
            fs.mkdirSync(folder);
            const lines = [`port ${port}`, "bind 127.0.0.1", `dir ${folder}`, ...config, ""];
            // Passwords are in it.
            fs.writeFileSync(file, lines.join("\n"), { mode: 0o600 });
        }
        return file;
    }
}
