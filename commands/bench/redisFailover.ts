import { Processes } from "../../lab/cluster/processes";
import { eventually } from "../../lab/tools/commands";
import { missing, SingleClient } from "./redisClients";
import {
    DOWN_AFTER,
    Instance,
    Mode,
    PASSWORD,
    RedisProcess,
    startInstance,
    TAG,
} from "./redisServers";
import { Seen, Writers } from "./redisWriters";

/** Milliseconds that a Redis is away which nothing takes over from, and after the takeover otherwise: a pod's own time is a cluster's matter. */
export const AWAY = 3000;
/** Milliseconds that a master is cut off from its replicas and Sentinels, but not from its clients. */
export const CUT_OFF = 20_000;
/** Milliseconds between two writes of one writer. */
const PACE = 1;
const SETTLED = 2000;

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** How a master is lost, and how it comes back. */
interface Fault {
    readonly modes: readonly Mode[];
    readonly lose: (instance: Instance) => Promise<void> | void;
    readonly back: (instance: Instance) => Promise<void> | void;
    /** Milliseconds that it lasts at least. */
    readonly lasts?: number;
}

const onMaster = (act: (master: RedisProcess) => Promise<void> | void) => (instance: Instance) =>
    act(instance.master);
const everyMode: readonly Mode[] = ["standalone", "replication", "sentinel", "cluster"];

/** `pod deleted` ends Redis as the kubelet does; of a node that is gone, nothing but silence is seen. */
export const FAULTS: Readonly<Record<string, Fault>> = {
    "process killed": {
        modes: everyMode,
        lose: onMaster((master) => master.end("SIGKILL")),
        back: onMaster((master) => master.start()),
    },
    "pod deleted": {
        modes: everyMode,
        lose: onMaster((master) => master.end("SIGTERM")),
        back: onMaster((master) => master.start()),
    },
    "node gone": {
        // Of the others, nothing comes back until somebody acts.
        modes: ["sentinel", "cluster"],
        lose: onMaster((master) => master.freeze()),
        back: onMaster((master) => master.thaw()),
    },
    "master cut off": {
        modes: ["sentinel"],
        lose: ({ wire }) => wire?.cut(),
        back: ({ wire }) => wire?.mend(),
        lasts: CUT_OFF,
    },
};

export interface Case {
    readonly mode: Mode;
    readonly fault: string;
    /** Lines of Redis' configuration. */
    readonly config: readonly string[];
}

export interface Outcome extends Seen {
    /** Milliseconds for which the configuration lets a lost master be missed before anything is done. */
    readonly nominal: number;
    /** Milliseconds from the loss until a client can find a master at all. */
    readonly floor: number;
    readonly acknowledged: number;
    /** Acknowledged writes that the master of the end does not have. */
    readonly lost: number;
}

/** Makes clients that ask anew who is master after an error. */
function clientOf(instance: Instance): () => SingleClient {
    const find = async () => ({ host: "127.0.0.1", port: await instance.find() });
    return () => new SingleClient(find, () => PASSWORD);
}

/** Loses the master of a new instance under writes, and counts in the end what is left of them. */
export async function failover({ mode, fault, config }: Case): Promise<Outcome> {
    const { lose, back, lasts = 0 } = FAULTS[fault] as Fault;
    const processes = new Processes();
    // Waiting for the end of a process alone would let this one end.
    const alive = setInterval(() => undefined, 1000);
    let instance: Instance | undefined;
    try {
        instance = await startInstance(processes, mode, config);
        const { master, takenOver } = instance;
        const connect = clientOf(instance);
        const writers = new Writers(connect, PACE, TAG);
        await eventually("writes", 30, () =>
            Promise.resolve(writers.wroteSince(performance.now() - 100) || undefined),
        );
        await pause(SETTLED);
        writers.begin();
        const began = performance.now();
        await lose(instance);
        let found: number;
        if (takenOver) {
            await eventually("a new master", 120, async () => (await takenOver()) || undefined, 10);
            found = performance.now();
            // It comes back in the end: where a replica is asked for, nothing may be written before.
            await pause(Math.max(lasts - (found - began), AWAY));
            await back(instance);
        } else {
            await pause(AWAY);
            await back(instance);
            found = performance.now();
        }
        const ended = performance.now();
        await eventually("writes again", 60, () =>
            Promise.resolve(writers.wroteSince(ended) || undefined),
        );
        await pause(SETTLED);
        const seen = writers.seen();
        await writers.stop();
        if (takenOver) {
            // What it had and its successor has not, it drops now.
            await master.inSync();
        }
        const keys = writers.keys();
        const client = connect();
        const lost = await missing(client, keys).finally(() => client.close());
        return {
            ...seen,
            acknowledged: keys.length,
            nominal: takenOver ? DOWN_AFTER : AWAY,
            floor: found - began,
            lost: lost.length,
        };
    } finally {
        // One that is frozen would not hear that it shall end.
        instance?.nodes.filter((node) => node.runs).forEach((node) => node.thaw());
        instance?.wire?.close();
        await processes.stopAll();
        clearInterval(alive);
    }
}
