import { setTimeout as pause } from "node:timers/promises";

import { IMAGES } from "../../../components/versions";
import { redisImages } from "../../../components/redis/redisVersions";
import type { ControlPlane } from "../../../lab/cluster/controlPlane";
import { provideVolumes } from "../../../lab/cluster/node/hostVolumes";
import { imagesNamed } from "../../../lab/cluster/node/images";
import { PAUSE_IMAGE } from "../../../lab/cluster/node/nodeConfig";
import { fetchNodeTools, killProcess, RealNode } from "../../../lab/cluster/node/realNode";
import {
    applyRedisCrds,
    startRedisOperator,
    stopRedisOperator,
} from "../../../lab/cluster/redisOperator";
import { eventually } from "../../../lab/tools/commands";
import { Client, ClusterClient, missing, SingleClient } from "../redisClients";
import { askOnce } from "../redisConnection";
import { Seen, Writers } from "../redisWriters";
import { InstanceSettings, LiveRedis, NAMESPACE } from "./liveRedis";
import { MastersSeen, MasterWatch } from "./masters";
import { lacking } from "./settled";

/** Nodes of the cluster, as many as replicas. */
const NODES = 3;
/** Seconds until an instance must be whole again after a change. */
const PATIENCE = 300;
/** Milliseconds between two writes of one writer. */
const PACE = 5;
/** Milliseconds for which it is looked at afterwards. */
const AFTERWARDS = 3000;
/** Another version than the pinned one. Debian's Redis is in both: only the name of the image differs. */
export const OTHER_VERSION = "8.10.1";

/** What a change did, times in milliseconds. */
export interface Outcome extends Seen, MastersSeen {
    readonly change: string;
    /** What the preview says of it. */
    readonly said: readonly string[];
    /** From its begin until the instance was whole again. */
    readonly took: number;
    /** What it lacked in the end, when that was never. */
    readonly lacked?: string;
    /** Acknowledged keys that are not there any more, of `keys`. */
    readonly lost: number;
    readonly keys: number;
}

const images = () =>
    imagesNamed([
        PAUSE_IMAGE,
        IMAGES.redisExporter,
        ...[undefined, OTHER_VERSION].flatMap((version) => Object.values(redisImages(version))),
    ]);

/** Builds what is needed: inside a sandbox there is no network. */
export async function fetchForChanges(): Promise<void> {
    await fetchNodeTools();
    await images();
}

/** An instance with data under the real operator, with writers, and what they see of changes. Inside a sandbox. */
export class ChangeStage {
    /** Acknowledged keys that are there. */
    private keys: string[] = [];
    private missing = new Set<string>();
    private writers: Writers | undefined;
    private watch: MasterWatch | undefined;

    private constructor(
        readonly node: RealNode,
        readonly redis: LiveRedis,
        private readonly volumes: { stop(): Promise<void> },
    ) {}

    /** Starts it all, with so many keys. */
    static async start(settings: InstanceSettings, keys: number): Promise<ChangeStage> {
        const node = await RealNode.prepare({ simulatedNodes: false, nodes: NODES });
        try {
            const volumes = await provideVolumes(node.plane);
            for (const image of await images()) {
                await node.addImage(image);
            }
            await node.join();
            await applyRedisCrds(node.plane);
            await startRedisOperator(node.plane);
            const stage = new ChangeStage(node, new LiveRedis(node.plane), volumes);
            await stage.redis.apply(await stage.redis.plan(settings));
            await stage.settled(PATIENCE);
            await stage.fill(keys);
            stage.watch = new MasterWatch(stage.redis);
            const client = await stage.clients();
            stage.writers = new Writers(client, PACE);
            return stage;
        } catch (error) {
            process.stderr.write(`${node.plane.processes.log("redis-operator").slice(-4000)}\n`);
            await node.stop();
            throw error;
        }
    }

    get plane(): ControlPlane {
        return this.node.plane;
    }

    async stop(): Promise<void> {
        await this.writers?.stop();
        await this.watch?.stop();
        await this.volumes.stop();
        await this.node.stop();
    }

    /** Does something to the instance, waits until it is whole again, and tells what was seen meanwhile. */
    async measure(
        change: string,
        settings: Record<string, unknown> | undefined,
        act: () => Promise<void>,
    ): Promise<Outcome> {
        const { writers, watch, redis } = this;
        if (!writers || !watch) {
            throw new Error("it has not started");
        }
        const plan = settings && (await redis.plan({ ...redis.settings, ...settings }));
        // The program ran in this very process, and writers had to wait for it.
        await this.writesFrom(performance.now());
        writers.begin();
        watch.begin();
        const began = performance.now();
        if (plan) {
            await redis.apply(plan);
        }
        await act();
        const { said = [] } = plan ?? {};
        let lacked: string | undefined;
        try {
            await this.settled(PATIENCE);
            await this.writesFrom(performance.now());
        } catch (error) {
            lacked = String(error instanceof Error ? error.message : error);
        }
        const took = performance.now() - began;
        await pause(AFTERWARDS);
        const seen = { ...writers.seen(), ...watch.seen() };
        const counted = await this.lost().catch((error: unknown) => {
            lacked ??= `keys cannot be counted: ${String(error)}`;
            return { lost: -1, keys: -1 };
        });
        return { change, said, took, ...(lacked ? { lacked } : {}), ...seen, ...counted };
    }

    private writesFrom(time: number): Promise<true> {
        return eventually(
            "each writer writes",
            60,
            () => Promise.resolve(this.writers?.wroteSince(time) ? true : undefined),
            20,
        );
    }

    /** Waits until pods are as the program wants them, and the instance says that it is whole. */
    async settled(seconds: number): Promise<void> {
        await this.redis.rolledOut(seconds);
        await this.plane.eventually("the instance is whole", seconds, async () => {
            const lacks = await lacking(this.redis);
            if (lacks) {
                throw new Error(lacks);
            }
            return true;
        });
    }

    /** Makes a client of the instance, such as an application has. */
    async clients(): Promise<() => Client> {
        const { redis } = this;
        // The Service's address stays, and the API server need not be asked for it again.
        const service = await redis.service();
        const password = (): string => redis.password;
        switch (redis.settings.mode) {
            case "cluster":
                return () => new ClusterClient(service, password);
            case "sentinel":
                return () =>
                    new SingleClient(async () => {
                        const told = (await askOnce(
                            service,
                            undefined,
                            ...["SENTINEL", "get-master-addr-by-name", "mymaster"],
                        )) as readonly string[] | null;
                        if (told === null) {
                            throw new Error("the Sentinel knows no master");
                        }
                        const [ip, port] = told;
                        return redis.address(ip ?? "", Number(port));
                    }, password);
            default:
                return () => new SingleClient(() => Promise.resolve(service), password);
        }
    }

    /** The pod that is master; of a cluster, the one with the most slots. */
    async master(): Promise<string> {
        const { redis } = this;
        for (const { name, ip } of await redis.dataPods()) {
            const at = redis.address(ip, 6379);
            const [role] = (await askOnce(at, redis.password, "ROLE")) as readonly string[];
            const size = Number(await askOnce(at, redis.password, "DBSIZE"));
            if (role === "master" && size > 0) {
                return name;
            }
        }
        throw new Error("there is no master with keys");
    }

    /** What ends Redis in a pod as a crash does. */
    async crasher(pod: string): Promise<() => void> {
        const container = pod.replace(/-\d+$/, "");
        const pid = await this.node.processOf(NAMESPACE, pod, container);
        return () => killProcess(pid);
    }

    async deletePod(name: string): Promise<void> {
        await this.plane.client.delete({
            ...{ apiVersion: "v1", kind: "Pod" },
            metadata: { name, namespace: NAMESPACE },
        });
    }

    /** The same, until there is another one of its name. */
    async replacePod(name: string): Promise<void> {
        const { client } = this.plane;
        const { uid } = (await client.get("v1", "Pod", NAMESPACE, name)).metadata;
        await this.deletePod(name);
        await this.plane.eventually(`another pod ${name}`, 120, async () => {
            const { metadata } = await client.get("v1", "Pod", NAMESPACE, name);
            return metadata.uid === uid ? undefined : true;
        });
    }

    stopOperator(): Promise<void> {
        return stopRedisOperator(this.plane);
    }

    startOperator(binary?: string): Promise<void> {
        return startRedisOperator(this.plane, binary);
    }

    private async fill(count: number): Promise<void> {
        const client = (await this.clients())();
        const keys = Array.from({ length: count }, (_, i) => `key:${i}`);
        await eventually("the first write", 60, async () => {
            await client.ask({ key: "key:0", words: ["SET", "key:0", "0"] });
            return true;
        });
        for (let from = 0; from < count; from += 10_000) {
            const batch = keys.slice(from, from + 10_000);
            await client.askAll(
                batch.map((key) => ({ key, words: ["SET", key, `value of ${key}`] })),
            );
        }
        this.keys = keys;
        client.close();
    }

    /** Acknowledged keys that are missing since the last count. */
    private async lost(): Promise<{ lost: number; keys: number }> {
        const connect = await this.clients();
        const keys = [...this.keys, ...(this.writers?.keys() ?? [])].filter(
            (key) => !this.missing.has(key),
        );
        const lost = await eventually("all keys are counted", 60, async () => {
            const client = connect();
            try {
                return await missing(client, keys);
            } finally {
                client.close();
            }
        });
        lost.forEach((key) => this.missing.add(key));
        return { lost: lost.length, keys: keys.length };
    }
}
