import { ChildProcess, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import * as tls from "node:tls";

import { generate } from "selfsigned";

import type { RedisMode } from "../../components/redis/instanceSettings";
import { tlsNames } from "../../components/redis/redisTls";
import { eventually } from "../../lab/tools/commands";
import { execute, Scratch, succeeds } from "../backup/programs";
import { freePort, PASSWORD, Servers } from "../backup/servers";

type Pem = Awaited<ReturnType<typeof generate>>;

/** The Secret of an instance, as its pods have it: a folder with `ca.crt`, `tls.crt` and `tls.key`. */
export class TlsFolder {
    private constructor(
        readonly folder: string,
        private readonly authority: Pem,
        private readonly names: readonly string[],
    ) {}

    static async of(scratch: Scratch, mode: RedisMode): Promise<TlsFolder> {
        const folder = fs.mkdtempSync(path.join(scratch.folder, "tls-"));
        const authority = await generate([{ name: "commonName", value: "redis-orders-ca" }], {
            algorithm: "sha256",
            keyType: "ec",
            extensions: [
                { name: "basicConstraints", cA: true, critical: true },
                { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
            ],
        });
        const made = new TlsFolder(folder, authority, tlsNames("it", "orders", mode));
        fs.writeFileSync(made.file("ca.crt"), authority.cert);
        await made.renew();
        return made;
    }

    file(name: "ca.crt" | "tls.crt" | "tls.key"): string {
        return path.join(this.folder, name);
    }

    /** Puts a new certificate of the same authority into the Secret. */
    async renew(): Promise<void> {
        const { cert, private: key } = await generate([{ name: "commonName", value: "it" }], {
            algorithm: "sha256",
            keyType: "ec",
            ca: { key: this.authority.private, cert: this.authority.cert },
            extensions: [
                { name: "basicConstraints", cA: false },
                { name: "keyUsage", digitalSignature: true, critical: true },
                { name: "extKeyUsage", serverAuth: true, clientAuth: true },
                {
                    name: "subjectAltName",
                    altNames: this.names.map((value) => ({ type: 2, value })),
                },
            ],
        });
        fs.writeFileSync(this.file("tls.crt"), cert);
        fs.writeFileSync(this.file("tls.key"), key);
    }

    /** The lines that the operator's image writes for TLS. */
    lines(port: number): string[] {
        return [
            "port 0",
            `tls-port ${port}`,
            `tls-cert-file ${this.file("tls.crt")}`,
            `tls-key-file ${this.file("tls.key")}`,
            `tls-ca-cert-file ${this.file("ca.crt")}`,
            "tls-auth-clients optional",
        ];
    }

    /** What redis-cli is told to speak TLS. */
    get client(): string[] {
        return ["--tls", "--cacert", this.file("ca.crt")];
    }

    /** The serial number of the certificate that a port serves to a client which knows the Service's name. */
    served(port: number, servername = "it.orders.svc"): Promise<string> {
        const ca = fs.readFileSync(this.file("ca.crt"), "utf8");
        return new Promise((resolve, reject) => {
            const socket = tls.connect({ host: "127.0.0.1", port, ca, servername }, () => {
                resolve(socket.getPeerCertificate().serialNumber);
                socket.destroy();
            });
            socket.on("error", reject);
        });
    }
}

/** A Redis or a Sentinel that speaks TLS alone. */
export class TlsRedis {
    constructor(
        readonly port: number,
        readonly tls: TlsFolder,
    ) {}

    get member(): string {
        return `127.0.0.1:${this.port}`;
    }

    ask(...command: readonly string[]): Promise<string> {
        return succeeds(
            execute(
                "redis-cli",
                [...this.tls.client, "-e", "-h", "127.0.0.1", "-p", String(this.port), ...command],
                { REDISCLI_AUTH: PASSWORD },
            ),
        );
    }

    async inSync(): Promise<void> {
        await this.says("master_link_status:up", "INFO", "replication");
    }

    says(text: string | RegExp, ...command: readonly string[]): Promise<void> {
        return this.within(60, text, ...command);
    }

    async within(
        seconds: number,
        text: string | RegExp,
        ...command: readonly string[]
    ): Promise<void> {
        await eventually(
            `${text} of ${this.member}`,
            seconds,
            async () => {
                const answer = await this.ask(...command).catch(() => "");
                return answer.search(text) >= 0 || undefined;
            },
            200,
        );
    }
}

/** Starts a Redis of the mode with the image's lines. */
export async function tlsRedis(
    servers: Servers,
    scratch: Scratch,
    secret: TlsFolder,
    lines: readonly string[] = [],
): Promise<TlsRedis> {
    const port = await freePort();
    const folder = path.join(scratch.folder, `redis-${port}`);
    fs.mkdirSync(folder);
    const file = path.join(folder, "redis.conf");
    fs.writeFileSync(
        file,
        [
            "bind 127.0.0.1",
            `masterauth ${PASSWORD}`,
            `requirepass ${PASSWORD}`,
            "tls-replication yes",
            "repl-diskless-sync-delay 0",
            `dir ${folder}`,
            ...secret.lines(port),
            ...lines,
            "",
        ].join("\n"),
    );
    servers.start("redis-server", [file]);
    const redis = new TlsRedis(port, secret);
    await redis.says("PONG", "PING");
    return redis;
}

/** Three shards with a follower each, as the operator makes them: over TLS, bus included. */
export async function tlsCluster(
    servers: Servers,
    scratch: Scratch,
    secret: TlsFolder,
    lines: readonly string[],
): Promise<readonly TlsRedis[]> {
    const nodes: TlsRedis[] = [];
    const members: string[] = [];
    for (let i = 0; i < 6; i++) {
        const bus = await freePort();
        const node = await tlsRedis(servers, scratch, secret, [
            "cluster-enabled yes",
            "tls-cluster yes",
            // What the image says, and our own lines behind it.
            "cluster-preferred-endpoint-type hostname",
            `cluster-announce-hostname it-leader-${i}`,
            `cluster-port ${bus}`,
            ...lines,
        ]);
        nodes.push(node);
        members.push(`${node.member}@${bus}`);
    }
    await succeeds(
        execute(
            "redis-cli",
            [
                ...secret.client,
                ...["--cluster", "create", ...members],
                ...["--cluster-replicas", "1", "--cluster-yes"],
            ],
            { REDISCLI_AUTH: PASSWORD },
        ),
    );
    await Promise.all(nodes.map((node) => node.says("cluster_state:ok", "CLUSTER", "INFO")));
    for (const node of nodes) {
        await node.says(/^master|master_link_status:up|connected/, "ROLE");
    }
    return nodes;
}

/** Sentinels that start again when they end, each time with their first file, as the kubelet does with a container. */
export class Sentinels {
    private stopped = false;
    private readonly running = new Set<ChildProcess>();
    readonly all: TlsRedis[] = [];

    constructor(
        private readonly scratch: Scratch,
        private readonly secret: TlsFolder,
    ) {
        process.on("exit", this.kill);
    }

    /**
     * Three that watch a master with some replicas, within some seconds; `lines` stand behind those of the image.
     */
    async watch(
        master: TlsRedis,
        replicas: number,
        lines: readonly string[],
        seconds = 60,
    ): Promise<void> {
        for (let i = 0; i < 3; i++) {
            const port = await freePort();
            const first = [
                "bind 127.0.0.1",
                ...this.secret.lines(port),
                `sentinel monitor mymaster 127.0.0.1 ${master.port} 2`,
                `sentinel auth-pass mymaster ${PASSWORD}`,
                "sentinel down-after-milliseconds mymaster 2000",
                ...lines,
                "",
            ].join("\n");
            this.run(path.join(this.scratch.folder, `sentinel-${port}.conf`), first);
            this.all.push(new TlsRedis(port, this.secret));
        }
        const known = new RegExp(`status=ok,.*slaves=${replicas},sentinels=3`);
        await Promise.all(this.all.map((each) => each.within(seconds, known, "INFO", "sentinel")));
    }

    async stop(): Promise<void> {
        this.stopped = true;
        const ends = [...this.running].map(
            (child) => new Promise((resolve) => child.on("exit", resolve)),
        );
        this.kill();
        await Promise.all(ends);
        process.off("exit", this.kill);
    }

    private run(file: string, first: string): void {
        fs.writeFileSync(file, first);
        const child = spawn("redis-server", [file, "--sentinel"], { stdio: "ignore" });
        this.running.add(child);
        child.on("exit", () => {
            this.running.delete(child);
            if (!this.stopped) {
                this.run(file, first);
            }
        });
    }

    private readonly kill = (): void => this.running.forEach((child) => child.kill("SIGKILL"));
}

/** What is exported, as a new pod gets it back. */
export async function asRestored({ exported, restored }: Scratch): Promise<void> {
    fs.rmSync(restored, { recursive: true, force: true });
    fs.cpSync(exported, restored, { recursive: true });
    const sums = await succeeds(
        execute("sh", ["-c", "find . -type f -exec sha256sum {} +"], {}, restored),
    );
    fs.writeFileSync(path.join(restored, "SHA256SUMS"), sums);
}
