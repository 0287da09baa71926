import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import * as path from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { ApiError } from "../../../lab/cluster/kubeTransport";
import { olderRedisOperator } from "../../../lab/cluster/redisOperator";
import { ROOT } from "../../../lab/program/stackFile";
import { askOnce } from "../redisConnection";
import { InstanceSettings, Mode, NAME, NAMESPACE } from "./liveRedis";
import { ChangeStage, OTHER_VERSION } from "./stage";

/** Something that happens to an instance, or that its users change. */
export interface Change {
    readonly instances: readonly Instance[];
    /** What happens before the program runs. */
    readonly prepare?: (stage: ChangeStage) => void;
    /** Keys of the instance that get other values. */
    readonly set?: Record<string, unknown>;
    /** What happens instead, or once they are applied. */
    readonly act?: (stage: ChangeStage) => Promise<void>;
    /** Why it cannot be done here; undefined when it can. */
    readonly problem?: () => string | undefined;
}

export type Instance = Mode | "sentinel, TLS";

const EVERY: readonly Instance[] = ["standalone", "replication", "sentinel", "cluster"];
const WITH_REPLICAS: readonly Instance[] = ["replication", "sentinel"];
const WITH_TLS: readonly Instance[] = ["sentinel, TLS"];
/** Milliseconds for which the operator or the API server is away. */
const AWAY = 60_000;

/** Instances as the changes begin. */
export const INSTANCES: Readonly<Record<Instance, InstanceSettings>> = {
    standalone: { mode: "standalone", ...{ memory: "768Mi", storageSize: "1Gi" } },
    replication: { mode: "replication", replicas: 3, ...{ memory: "768Mi", storageSize: "1Gi" } },
    sentinel: { mode: "sentinel", replicas: 3, ...{ memory: "768Mi", storageSize: "1Gi" } },
    cluster: { mode: "cluster", shards: 3, ...{ memory: "384Mi", storageSize: "1Gi" } },
    "sentinel, TLS": {
        ...{ mode: "sentinel", replicas: 3, memory: "768Mi", storageSize: "1Gi" },
        tls: {},
    },
};

export const CHANGES: Readonly<Record<string, Change>> = {
    "Redis of the master killed": {
        instances: EVERY,
        act: async (stage) => (await stage.crasher(await stage.master()))(),
    },
    "pod of the master deleted": {
        instances: [...EVERY, ...WITH_TLS],
        act: async (stage) => stage.deletePod(await stage.master()),
    },
    "replicas 3 to 4": { instances: WITH_REPLICAS, set: { replicas: 4 } },
    "replicas 4 to 3": { instances: WITH_REPLICAS, set: { replicas: 3 } },
    "shards 3 to 4": { instances: ["cluster"], set: { shards: 4 } },
    "shards 4 to 3": { instances: ["cluster"], set: { shards: 3 } },
    "shards 3 to 4, a pod killed meanwhile": {
        instances: ["cluster"],
        set: { shards: 4 },
        act: async (stage) => killWhileSlotsMove(stage, 1),
    },
    "shards 4 to 3, a pod killed meanwhile": {
        instances: ["cluster"],
        set: { shards: 3 },
        act: async (stage) => killWhileSlotsMove(stage, 1),
    },
    "password rotated": { instances: EVERY, act: rotate },
    "certificate renewed": {
        instances: WITH_TLS,
        prepare: ({ redis }) => redis.renewCertificate(),
        set: {},
    },
    "memory up": { instances: EVERY, set: { memory: "1Gi" } },
    "storage up": { instances: EVERY, set: { storageSize: "2Gi" } },
    "another version": { instances: EVERY, set: { version: OTHER_VERSION } },
    "nodes drained, each when Redis is settled": { instances: EVERY, act: drainAll },
    "operator away, master's pod deleted": {
        instances: EVERY,
        act: async (stage) => {
            await stage.stopOperator();
            await stage.deletePod(await stage.master());
            await pause(AWAY);
            await stage.startOperator();
        },
    },
    "operator upgraded": {
        instances: EVERY,
        problem: () =>
            olderRedisOperator() ? undefined : "REDIS_OPERATOR_OLDER names no older operator",
        act: async (stage) => {
            await stage.stopOperator();
            await stage.startOperator(olderRedisOperator());
            await pause(AWAY);
            await stage.stopOperator();
            await stage.startOperator();
            await pause(AWAY);
        },
    },
    "config that a start reads": { instances: EVERY, set: { config: { "io-threads": 2 } } },
    "API server away, master killed": {
        instances: EVERY,
        act: async (stage) => {
            const crash = await stage.crasher(await stage.master());
            const { processes } = stage.plane;
            const pid = processes.pid("kube-apiserver") as number;
            process.kill(pid, "SIGSTOP");
            try {
                await pause(AWAY / 2);
                crash();
                await pause(AWAY / 2);
            } finally {
                process.kill(pid, "SIGCONT");
            }
        },
    },
};

/** Ends the Redis of a leader in the middle of the move of slots. */
async function killWhileSlotsMove(stage: ChangeStage, leader: number): Promise<void> {
    const { redis, plane } = stage;
    await plane.eventually("slots move", 300, async () => {
        for (const { ip } of await redis.dataPods()) {
            const nodes = await askOnce(
                redis.address(ip, 6379),
                redis.password,
                "CLUSTER",
                "NODES",
            );
            if (/->-|-<-/.test(String(nodes))) {
                return true;
            }
        }
        return undefined;
    });
    (await stage.crasher(`${NAME}-leader-${leader}`))();
}

/** As docs/rotation.md says. */
async function rotate(stage: ChangeStage): Promise<void> {
    const { redis, plane } = stage;
    const password = randomBytes(24).toString("hex");
    const before = redis.password;
    await rotation(stage, "accept", password, before);
    const stack = { redisPasswords: { [NAMESPACE]: { [NAME]: password } } };
    await redis.apply(await redis.plan(redis.settings, stack));
    await rotation(stage, "use", password, before);
    const master = await stage.master();
    const pods = (await plane.client.list("v1", "Pod", NAMESPACE)).map(
        ({ metadata }) => metadata.name,
    );
    const rank = (name: string): number =>
        name === master ? 2 : name.includes("-sentinel-") ? 1 : 0;
    for (const name of pods.sort((a, b) => rank(a) - rank(b))) {
        await stage.replacePod(name);
        await redis.rolledOut();
        await settled(stage);
    }
}

/** As docs/components/redis.md says of drains: each node when Redis is in sync again. */
async function drainAll(stage: ChangeStage): Promise<void> {
    for (const name of stage.node.names) {
        await drain(stage, name);
        await stage.redis.rolledOut();
        await settled(stage);
    }
}

/** As `kubectl drain` does: nothing new comes, and what is there is asked to go, as budgets allow. */
async function drain({ plane }: ChangeStage, name: string): Promise<void> {
    const found = await plane.client.get("v1", "Node", "", name);
    await plane.client.patch(found, { spec: { unschedulable: true } });
    await plane.eventually(`the node ${name} is drained`, 300, async () => {
        const pods = await plane.client.list("v1", "Pod", NAMESPACE);
        const own = pods.filter(
            ({ spec, metadata }) =>
                (spec as { nodeName?: string }).nodeName === name &&
                metadata.deletionTimestamp === undefined,
        );
        for (const { metadata } of own) {
            await plane.client.evict(NAMESPACE, metadata.name).catch((error: unknown) => {
                if (!(error instanceof ApiError && error.status === 429)) {
                    throw error;
                }
            });
        }
        return own.length === 0 || undefined;
    });
    await plane.client.patch(found, { spec: { unschedulable: false } });
}

/** What somebody waits for between two pods or nodes; a Redis alone has nothing to wait for. */
async function settled(stage: ChangeStage): Promise<void> {
    const { settings, password } = stage.redis;
    if (settings.mode !== "standalone") {
        await rotation(stage, "settled", password, password);
    }
}

/** A step of commands/rotate/redis.sh, with the password on its standard input, and the one that its pod has. */
function rotation(
    { redis }: ChangeStage,
    step: string,
    password: string,
    ofPod: string,
): Promise<void> {
    const members = redis
        .workloads()
        .flatMap(({ app, pods, data }) =>
            Array.from(
                { length: pods },
                (_, i) =>
                    `${app}-${i}.${app}-headless.${NAMESPACE}.svc.cluster.local:${data ? 6379 : 26379}`,
            ),
        );
    return withInput(
        `${password}\n`,
        "sh",
        [path.join(ROOT, "commands/rotate/redis.sh"), step, ...members],
        { ...process.env, REDIS_PASSWORD: ofPod },
    );
}

function withInput(
    input: string,
    command: string,
    args: readonly string[],
    env: NodeJS.ProcessEnv,
): Promise<void> {
    return new Promise((resolve, reject) => {
        const child = spawn(command, [...args], { env });
        let output = "";
        child.stdout.on("data", (chunk) => (output += String(chunk)));
        child.stderr.on("data", (chunk) => (output += String(chunk)));
        child.on("error", reject);
        child.on("close", (status) =>
            status === 0 ? resolve() : reject(new Error(`${args.join(" ")} failed:\n${output}`)),
        );
        child.stdin.end(input);
    });
}
