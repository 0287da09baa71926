import * as fs from "node:fs";
import * as path from "node:path";

import type { Processes } from "../../../lab/cluster/processes";
import { eventually } from "../../../lab/tools/commands";
import type { PodSpec } from "../podSpecs";
import { redisCli } from "../redisCli";
import type { Pod, RedisServer } from "../stage";

/** A Redis or Sentinel and its exporter as local processes. */
export class RedisPod implements Pod {
    readonly name: string;
    readonly server: RedisServer;

    /** `onChange` is called with whether the pod exists, before that changes. */
    constructor(
        readonly spec: PodSpec,
        readonly exporterPort: number,
        private readonly processes: Processes,
        private readonly onChange: (pod: RedisPod, exists: boolean) => void,
    ) {
        this.name = spec.name;
        this.server = { ...spec.address, password: spec.password };
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
        this.processes.start(name, this.spec.program, [this.configFile()]);
        await eventually(`Redis of ${name} answers`, 20, async () =>
            (await redisCli(this.server, "PING")).startsWith("PONG") ? true : undefined,
        ).catch((error: unknown) => {
            // The end of the process tells more than that it does not answer.
            this.processes.check();
            throw error;
        });
    }

    stopRedis(): Promise<void> {
        return this.processes.stop(this.name, "SIGKILL");
    }

    startExporter(): Promise<void> {
        const { name, address, password, exporterEnv } = this.spec;
        this.processes.start(`${name}-exporter`, "prometheus-redis-exporter", [], {
            ...process.env,
            ...Object.fromEntries(exporterEnv.map((each) => [each.name, each.value])),
            REDIS_ADDR: `redis://${address.host}:${address.port}`,
            REDIS_PASSWORD: password,
            REDIS_EXPORTER_WEB_LISTEN_ADDRESS: `127.0.0.1:${this.exporterPort}`,
        });
        return Promise.resolve();
    }

    killExporter(): Promise<void> {
        return this.processes.stop(`${this.name}-exporter`, "SIGKILL");
    }

    /** Written once: Sentinel keeps its state in it. */
    private configFile(): string {
        const { name, address, config } = this.spec;
        const folder = path.join(this.processes.folder, name);
        const file = path.join(folder, "redis.conf");
        if (!fs.existsSync(file)) {
            fs.mkdirSync(folder);
            const place = [`port ${address.port}`, `bind ${address.host}`, `dir ${folder}`];
            // Passwords are in it.
            fs.writeFileSync(file, [...place, ...config, ""].join("\n"), { mode: 0o600 });
        }
        return file;
    }
}
