import * as fs from "node:fs";
import { AddressInfo, createServer } from "node:net";
import * as os from "node:os";
import * as path from "node:path";

import { eventsPipeline } from "../../../components/logging/pipeline/eventsPipeline";
import { nodePipeline } from "../../../components/logging/pipeline/pipeline";
import type { Plugin } from "../../../components/logging/pipeline/plugin";
import { isOnPath } from "../../../lab/tools/commands";
import { skip } from "../skip";
import { BulkServer } from "./bulkServer";
import { Certificate, certificate } from "./certificate";
import { writeLines } from "./containerLogs";
import { FluentBitProcess, localPaths, localPipeline } from "./localPipeline";
import { LoggedPod, PodApi } from "./podApi";

const USER = { name: "fluent-bit", password: "password-of-the-test" };
const TOKEN = "token-of-the-test";

/** Pods whose files the tests write. */
export const PODS = {
    operator: {
        namespace: "redis-operator-system",
        pod: "redis-operator-69f6cd8df6-d8jwg",
        container: "redis-operator",
        labels: { name: "redis-operator" },
    },
    replica: {
        namespace: "qa",
        pod: "cache-1",
        container: "cache",
        labels: {
            app: "cache",
            redis_setup_type: "replication",
            "app.kubernetes.io/part-of": "observability",
        },
    },
    leader: {
        namespace: "orders",
        pod: "orders-leader-0",
        container: "orders-leader",
        labels: { app: "orders-leader", redis_setup_type: "cluster" },
    },
    tool: {
        namespace: "orders",
        pod: "migration-x2x",
        container: "migration",
        labels: { app: "migration" },
    },
    shop: { namespace: "shop", pod: "shop-5f6-abc", container: "web", labels: { app: "shop" } },
    silenced: {
        namespace: "shop",
        pod: "noisy-5f6-abc",
        container: "web",
        labels: { app: "noisy" },
        annotations: { "fluentbit.io/exclude": "true" },
    },
    itself: {
        namespace: "logging",
        pod: "fluent-bit-abcde",
        container: "fluent-bit",
        labels: { app: "fluent-bit" },
    },
} as const satisfies Record<string, LoggedPod>;

/** Skips a suite where the programs that it runs are missing. */
export function needsFluentBit(context: Mocha.Context): void {
    for (const program of ["fluent-bit", "openssl"]) {
        if (!isOnPath(program)) {
            skip(context, `no ${program} on the PATH`);
        }
    }
}

export interface LabOptions {
    readonly service?: Plugin;
    readonly output?: Plugin;
    /** Bytes of disk of each stream. */
    readonly bufferBytes?: number;
    readonly pipeline?: "node" | "events";
}

/** The real pipeline on this machine, with an API server and a bulk endpoint of its own. */
export class PipelineLab {
    private constructor(
        public readonly folder: string,
        public readonly logs: string,
        public readonly authority: Certificate,
        public readonly elasticsearch: BulkServer,
        public readonly api: PodApi,
        public readonly fluentBit: FluentBitProcess,
    ) {}

    public static async open(options: LabOptions = {}): Promise<PipelineLab> {
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), "fluent-bit-"));
        const authority = await certificate(folder, "server");
        const elasticsearch = new BulkServer(authority, USER);
        const api = new PodApi(authority, Object.values(PODS), TOKEN);
        await elasticsearch.listen();
        await api.listen();
        const tokenFile = path.join(folder, "token");
        fs.writeFileSync(tokenFile, TOKEN);
        const paths = localPaths(folder, authority.certFile);
        const bytes = options.bufferBytes ?? 100e6;
        const common = {
            paths,
            target: { host: "127.0.0.1", port: elasticsearch.port },
            rejectedLimit: 50e6,
            outageHours: 24,
        };
        const real =
            options.pipeline === "events"
                ? eventsPipeline({ ...common, bufferBytes: bytes })
                : nodePipeline({
                      ...common,
                      limits: { operator: bytes, instance: bytes, containers: bytes },
                      sources: {
                          ownNamespace: "logging",
                          operatorNamespace: "redis-operator-system",
                          redisNamespaces: { orders: "prod", qa: "staging" },
                      },
                  });
        const local = localPipeline(real, {
            kubernetes: {
                kube_url: `https://127.0.0.1:${api.port}`,
                kube_ca_file: authority.certFile,
                kube_token_file: tokenFile,
            },
            httpPort: await freePort(),
            ...(options.service ? { service: options.service } : {}),
            ...(options.output ? { output: options.output } : {}),
        });
        const script = {
            cluster: "east",
            environment: "prod",
            environments: { orders: "prod", qa: "staging" },
        };
        const fluentBit = new FluentBitProcess(folder, paths, local, script, USER);
        return new PipelineLab(folder, paths.logs, authority, elasticsearch, api, fluentBit);
    }

    public write(pod: LoggedPod, lines: readonly (string | Buffer)[], start?: number): void {
        writeLines(this.logs, pod, lines, start);
    }

    public async close(): Promise<void> {
        await this.fluentBit.stop();
        await this.elasticsearch.close();
        await this.api.close();
        fs.rmSync(this.folder, { recursive: true, force: true });
    }
}

function freePort(): Promise<number> {
    return new Promise((resolve) => {
        const server = createServer().listen(0, "127.0.0.1", () => {
            const { port } = server.address() as AddressInfo;
            server.close(() => resolve(port));
        });
    });
}
