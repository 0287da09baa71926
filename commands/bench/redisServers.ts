import * as fs from "node:fs";
import * as net from "node:net";
import * as path from "node:path";

import { freePorts } from "../../lab/cluster/ports";
import type { Processes } from "../../lab/cluster/processes";
import { eventually, run } from "../../lab/tools/commands";
import { askOnce, Reply } from "./redisConnection";

export const PASSWORD = "the-password-of-redis";
/** Milliseconds after which Sentinels, and members of a cluster, think a node gone: what the operator and its images set. */
export const DOWN_AFTER = 5000;
/** What the operator's image writes for an instance with a volume. */
const PERSISTENCE = ["save 900 1", "save 300 10", "save 60 10000", "appendonly yes"];

/** A Redis as a local process. */
export class RedisProcess {
    private readonly name: string;

    constructor(
        private readonly processes: Processes,
        readonly port: number,
        private readonly lines: readonly string[],
    ) {
        this.name = `redis-${port}`;
    }

    /** Starts it, on the data that it had. */
    async start(): Promise<void> {
        const folder = path.join(this.processes.folder, this.name);
        const file = path.join(folder, "redis.conf");
        if (!fs.existsSync(file)) {
            fs.mkdirSync(folder);
            const place = [`port ${this.port}`, "bind 127.0.0.1", `dir ${folder}`];
            const secrets = [`requirepass ${PASSWORD}`, `masterauth ${PASSWORD}`];
            const lines = [...place, ...secrets, ...PERSISTENCE, ...this.lines];
            fs.writeFileSync(file, `${lines.join("\n")}\n`, { mode: 0o600 });
        }
        this.processes.start(this.name, "redis-server", [file]);
        await eventually(
            `${this.name} answers`,
            30,
            async () => ((await this.ask("PING")) === "PONG" ? true : undefined),
            20,
        );
    }

    end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
        return this.processes.stop(this.name, signal);
    }

    /** As a node that is gone: connections stay open, and nothing answers. */
    freeze(): void {
        process.kill(this.pid(), "SIGSTOP");
    }

    thaw(): void {
        process.kill(this.pid(), "SIGCONT");
    }

    get runs(): boolean {
        return this.processes.pid(this.name) !== undefined;
    }

    ask(...command: readonly string[]): Promise<Reply> {
        return askOnce(this.port, PASSWORD, ...command);
    }

    async isMaster(): Promise<boolean> {
        const [role] = (await this.ask("ROLE")) as readonly string[];
        return role === "master";
    }

    /** Waits until it is a replica that has what its master has. */
    inSync(): Promise<true> {
        return eventually(
            `${this.name} is in sync`,
            60,
            async () => {
                const [role, , , state] = (await this.ask("ROLE")) as readonly string[];
                return (role === "slave" && state === "connected") || undefined;
            },
            100,
        );
    }

    private pid(): number {
        const pid = this.processes.pid(this.name);
        if (pid === undefined) {
            throw new Error(`${this.name} does not run`);
        }
        return pid;
    }
}

/** A way to a port that can be cut: from then on nothing passes, and nobody is told, as in a network that drops packets. */
export class Wire {
    private readonly open = new Set<net.Socket>();
    private cutOff = false;

    private constructor(
        readonly port: number,
        private readonly server: net.Server,
    ) {}

    static async to(target: number): Promise<Wire> {
        const server = net.createServer();
        const port = await new Promise<number>((resolve) =>
            server.listen(0, "127.0.0.1", () =>
                resolve((server.address() as net.AddressInfo).port),
            ),
        );
        const wire = new Wire(port, server);
        server.on("connection", (near) => wire.connect(near, target));
        return wire;
    }

    cut(): void {
        this.cutOff = true;
    }

    /** What was open before is of no use any more. */
    mend(): void {
        this.cutOff = false;
        this.open.forEach((socket) => socket.destroy());
    }

    close(): void {
        this.mend();
        this.server.close();
    }

    private connect(near: net.Socket, target: number): void {
        this.keep(near);
        if (this.cutOff) {
            return;
        }
        const far = net.connect(target, "127.0.0.1");
        this.keep(far);
        for (const [from, to] of [
            [near, far],
            [far, near],
        ] as const) {
            from.on("data", (data) => {
                if (!this.cutOff) {
                    to.write(data);
                }
            });
            from.on("close", () => {
                if (!this.cutOff) {
                    to.destroy();
                }
            });
        }
    }

    private keep(socket: net.Socket): void {
        this.open.add(socket);
        socket.on("error", () => undefined);
        socket.on("close", () => this.open.delete(socket));
    }
}

/** An instance of one mode, and what its clients know of it. */
export interface Instance {
    readonly nodes: readonly RedisProcess[];
    /** The one that is lost: of a cluster, the leader of the slot that is written to. */
    readonly master: RedisProcess;
    /** Between the master and its replicas and Sentinels; of mode `sentinel` alone. */
    readonly wire?: Wire;
    /** The port at which a client finds the master. Throws while nobody tells. */
    find(): Promise<number>;
    /** Whether another one is told of, or elected; undefined where nothing takes over. */
    readonly takenOver?: () => Promise<boolean>;
}

export type Mode = "standalone" | "replication" | "sentinel" | "cluster";

/** Starts an instance: a master with two replicas, three Sentinels, or three shards with a follower each. */
export function startInstance(
    processes: Processes,
    mode: Mode,
    config: readonly string[],
): Promise<Instance> {
    switch (mode) {
        case "standalone":
            return startReplication(processes, config, 0);
        case "replication":
            return startReplication(processes, config, 2);
        case "sentinel":
            return startSentinel(processes, config);
        case "cluster":
            return startCluster(processes, config);
    }
}

async function startReplication(
    processes: Processes,
    config: readonly string[],
    replicas: number,
): Promise<Instance> {
    const [port = 0, ...ports] = await freePorts(replicas + 1);
    const master = new RedisProcess(processes, port, config);
    await master.start();
    return {
        nodes: [master, ...(await startReplicas(processes, config, port, ports))],
        master,
        find: () => Promise.resolve(port),
    };
}

async function startReplicas(
    processes: Processes,
    config: readonly string[],
    master: number,
    ports: readonly number[],
): Promise<RedisProcess[]> {
    const lines = [...config, `replicaof 127.0.0.1 ${master}`];
    const replicas = ports.map((port) => new RedisProcess(processes, port, lines));
    for (const replica of replicas) {
        await replica.start();
        await replica.inSync();
    }
    return replicas;
}

async function startSentinel(processes: Processes, config: readonly string[]): Promise<Instance> {
    const [port = 0, ...ports] = await freePorts(6);
    const master = new RedisProcess(processes, port, config);
    await master.start();
    const wire = await Wire.to(port);
    const replicas = await startReplicas(processes, config, wire.port, ports.slice(0, 2));
    const sentinels = ports.slice(2);
    for (const sentinel of sentinels) {
        const file = path.join(processes.folder, `sentinel-${sentinel}.conf`);
        const lines = [
            ...[`port ${sentinel}`, "bind 127.0.0.1", `dir ${processes.folder}`],
            `sentinel monitor mymaster 127.0.0.1 ${wire.port} 2`,
            `sentinel auth-pass mymaster ${PASSWORD}`,
            `sentinel down-after-milliseconds mymaster ${DOWN_AFTER}`,
            "sentinel failover-timeout mymaster 10000",
        ];
        fs.writeFileSync(file, `${lines.join("\n")}\n`, { mode: 0o600 });
        processes.start(`sentinel-${sentinel}`, "redis-sentinel", [file]);
    }
    for (const sentinel of sentinels) {
        await eventually(`Sentinel on port ${sentinel}`, 60, async () => {
            const state = String(await askOnce(sentinel, undefined, "INFO", "sentinel"));
            return state.includes("slaves=2,sentinels=3") || undefined;
        });
    }
    /** What the first Sentinel that answers tells. */
    const told = async (): Promise<number> => {
        const [, found] = (await Promise.any(
            sentinels.map((sentinel) =>
                askOnce(sentinel, undefined, "SENTINEL", "get-master-addr-by-name", "mymaster"),
            ),
        )) as readonly string[];
        return Number(found);
    };
    return {
        nodes: [master, ...replicas],
        master,
        wire,
        // Clients have a way of their own.
        find: async () => {
            const found = await told();
            return found === wire.port ? port : found;
        },
        takenOver: async () => (await told()) !== wire.port,
    };
}

/** Keys with this tag are in one slot. */
export const TAG = "{shop}";

async function startCluster(processes: Processes, config: readonly string[]): Promise<Instance> {
    const ports = await freePorts(12);
    const nodes = ports
        .slice(0, 6)
        .map(
            (port, i) =>
                new RedisProcess(processes, port, [
                    ...config,
                    ...["cluster-enabled yes", `cluster-port ${ports[i + 6]}`],
                    `cluster-node-timeout ${DOWN_AFTER}`,
                ]),
        );
    await Promise.all(nodes.map((node) => node.start()));
    const members = nodes.map(({ port }, i) => `127.0.0.1:${port}@${ports[i + 6]}`);
    await run(
        "redis-cli",
        ["--cluster", "create", ...members, "--cluster-replicas", "1", "--cluster-yes"],
        { env: { ...process.env, REDISCLI_AUTH: PASSWORD } },
    );
    for (const node of nodes) {
        await eventually(`the cluster, at port ${node.port}`, 60, async () => {
            const state = String(await node.ask("CLUSTER", "INFO"));
            return /cluster_state:ok[^]*cluster_known_nodes:6/.test(state) || undefined;
        });
    }
    for (const node of nodes) {
        if (!(await node.isMaster())) {
            await node.inSync();
        }
    }
    /** What the first node that answers tells of the slot: a key of its own, or `MOVED <slot> <address>`. */
    const find = (): Promise<number> =>
        Promise.any(
            nodes.map(async ({ port }) => {
                try {
                    await askOnce(port, PASSWORD, "GET", TAG);
                    return port;
                } catch (error) {
                    const moved = /^MOVED \d+ .*:(\d+)$/.exec(String((error as Error).message));
                    if (moved === null) {
                        throw error;
                    }
                    return Number(moved[1]);
                }
            }),
        );
    const found = await find();
    const master = nodes.find(({ port }) => port === found) as RedisProcess;
    const [, , replicas] = (await master.ask("ROLE")) as [string, number, string[][]];
    const followers = nodes.filter(({ port }) =>
        replicas.some(([, follower]) => Number(follower) === port),
    );
    return {
        nodes,
        master,
        find,
        takenOver: async () => {
            const masters = await Promise.all(followers.map((follower) => follower.isMaster()));
            return masters.some((each) => each);
        },
    };
}
